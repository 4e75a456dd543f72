import { forgetCached } from '#activities/automation/store-cache.ts'
import { forgetArrivals } from '#activities/automation/store-events.ts'
import { forgetAnswers } from '#activities/access/store-idempotency.ts'
import { withSystem, type Databases } from '#activities/database.ts'
import { forgetModelAnswers } from '#activities/gateway/store-answers.ts'
import { forgetBodies } from '#activities/gateway/store-bodies.ts'
import { forgetCachedAnswers } from '#activities/gateway/store-cache.ts'
import { forgetGuarded } from '#activities/gateway/store-guarded.ts'
import { forgetSamples } from '#activities/gateway/store-samples.ts'
import { forgetFiles } from '#activities/gateway/store-files.ts'
import { forgetModelBatches } from '#activities/gateway/store-model-batches.ts'
import { forgetPlaygrounds } from '#activities/gateway/store-playgrounds.ts'
import { forgetWindows } from '#activities/gateway/store-leases.ts'
import { forgetRunOut } from '#activities/identity/store-forget.ts'
import { forgetAttempts } from '#activities/runs/store-attempts.ts'
import { forgetRuns, type Elsewhere } from '#activities/runs/store-forget.ts'

const hour = 3_600_000
const day = 24 * hour

/** How long rows are kept that nobody asks for any more, in ms. */
export const kept = {
  /** An answer under its Idempotency-Key, from the request on; a sender has long given up repeating by then. */
  answer: day,
  /** What a model answered a step, until which the step has long had it. */
  modelAnswer: day,
  /** What guardrails did, by ten minutes; their page shows a day. */
  guarded: 30 * day,
  /** A batch of requests to models, with what it has come to, from its end on. */
  modelBatch: 30 * day,
  /** A session or a sign-in link after it has run out. */
  runOut: day,
  /** The tries of a step, from the start of the run; what history tells of them stays for good. */
  attempts: 30 * day,
  /** An event from outside, for runs that have begun before and will only then wait for it. */
  arrival: 90 * day,
} as const

/** Deletes rows that have had their time, `limit` of a kind at the most; gives whether there may be more. */
export async function forgetOld(
  db: Databases,
  now: Date,
  limit = 1000,
  elsewhere: Elsewhere = async () => {},
): Promise<boolean> {
  const before = (ms: number) => new Date(now.getTime() - ms)
  const counts = [
    await withSystem(db, (tx) => forgetAnswers(tx, before(kept.answer), limit)),
    await withSystem(db, (tx) => forgetModelAnswers(tx, before(kept.modelAnswer), limit)),
    await withSystem(db, (tx) => forgetCachedAnswers(tx, now, limit)),
    await withSystem(db, (tx) => forgetBodies(tx, now, limit)),
    await withSystem(db, (tx) => forgetSamples(tx, now, limit)),
    await withSystem(db, (tx) => forgetWindows(tx, now, limit)),
    await withSystem(db, (tx) => forgetGuarded(tx, before(kept.guarded), limit)),
    await withSystem(db, (tx) => forgetFiles(tx, now, limit)),
    await withSystem(db, (tx) => forgetModelBatches(tx, before(kept.modelBatch), limit)),
    await withSystem(db, (tx) => forgetPlaygrounds(tx, now, limit)),
    await withSystem(db, (tx) => forgetRunOut(tx, before(kept.runOut), limit)),
    await withSystem(db, (tx) => forgetAttempts(tx, before(kept.attempts), limit)),
    await withSystem(db, (tx) => forgetArrivals(tx, before(kept.arrival), limit)),
    await withSystem(db, (tx) => forgetCached(tx, now, limit)),
    await withSystem(db, (tx) => forgetRuns(tx, now, Math.min(limit, 100), elsewhere)),
  ]
  return counts.some((count) => count >= Math.min(limit, 100))
}
