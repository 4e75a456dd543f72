import type { Client } from '@temporalio/client'
import { storable, withSystem, type Databases } from '#activities/database.ts'
import type { RunStuck } from '#schemas/runs.ts'
import { packHistory, readWholeHistory, unpackHistory, type HistoryEvent } from '#temporal/history.ts'
import type { PayloadReader } from '#temporal/payloads.ts'
import { foldEvents, newFold, type Fold, type FoldedStep } from '#temporal/fold.ts'
import { isMisfit, type FoldedStuck } from '#temporal/fold-stuck.ts'
import { toClose } from './project-close.ts'
import { nameStep, skipsIn, type AskedSkip } from './project-names.ts'
import { pausedIn } from './project-paused.ts'
import { closeAndFollow } from './store-follow.ts'
import { takeBack } from './store-set-aside.ts'
import { findHistory, forgetProjection, keepHistory, saveProjection, type ProjectedStep } from './store-steps.ts'

export type ProjectDeps = { db: Databases; temporal: Client; payloads: PayloadReader }
export type ProjectedRun = { id: string; tenant: string }

/** The most characters of a result that a list shows. */
const previewLength = 200

/**
 * Folds the history of a run as far as it is known into `fold`, which passes over what it has seen, and writes what
 * changed: steps, and with the close its event and the whole history, in one transaction. `anew` drops what was there.
 */
export async function projectEvents(
  { db, payloads }: Omit<ProjectDeps, 'temporal'>,
  run: ProjectedRun,
  fold: Fold,
  events: readonly HistoryEvent[],
  anew = false,
): Promise<void> {
  const before = fold.lastEvent
  const changed = foldEvents(fold, events)
  if (fold.lastEvent === before) return
  const closedNow = fold.close !== null
  const skips = await skipsIn(payloads, fold)
  const paused = await pausedIn(payloads, fold)
  const rows = await Promise.all(
    [...(closedNow ? fold.steps.values() : changed)].map((step) => toRow(payloads, fold, skips, step)),
  )
  const stuck = fold.stuck === null ? null : storable(toStuck(payloads, fold.stuck))
  const steps = rows.map(storable)
  const close = fold.close === null ? null : storable(await toClose(payloads, fold.close))
  const kept = closedNow ? await packHistory(events) : null
  await withSystem(db, async (tx) => {
    if (anew) await forgetProjection(tx, run.id)
    await saveProjection(tx, { ...run, lastEvent: fold.lastEvent, stuck, paused }, steps)
    if (close !== null) {
      await closeAndFollow(tx, projectorContext(run), run.id, close)
      await takeBack(tx, run.id)
    }
    if (kept !== null) await keepHistory(tx, run, events.length, kept)
  })
}

const projectorContext = ({ tenant }: ProjectedRun) => ({
  tenant,
  actor: { kind: 'system' as const, id: 'projector' },
  scopes: [],
})

/** Projects a run from its first event to its newest. */
export async function projectWhole(deps: ProjectDeps, run: ProjectedRun): Promise<Fold> {
  const fold = newFold()
  await projectEvents(deps, run, fold, await readWholeHistory(deps.temporal, run.id))
  return fold
}

/** How long Temporal may take to say how much it knows of a run, in ms: what is projected can be told without. */
const patience = 1000

/** Projects a run if Temporal knows more of it than what was projected up to `lastEvent`. */
export async function catchUp(deps: ProjectDeps, run: ProjectedRun & { lastEvent: number }): Promise<void> {
  const { historyLength } = await deps.temporal.withDeadline(Date.now() + patience, () =>
    deps.temporal.workflow.getHandle(run.id).describe(),
  )
  if (historyLength !== run.lastEvent) await projectWhole(deps, run)
}

/** Makes the steps of a run anew: from the history kept at its close, which outlives Temporal's, else from Temporal. */
export async function rebuild(deps: ProjectDeps, run: ProjectedRun): Promise<void> {
  const kept = await withSystem(deps.db, (tx) => findHistory(tx, run, run.id))
  const events = kept === null ? await readWholeHistory(deps.temporal, run.id) : await unpackHistory(kept)
  await projectEvents(deps, run, newFold(), events, true)
}

const toRow = async (
  payloads: PayloadReader,
  fold: Fold,
  skips: readonly AskedSkip[],
  step: FoldedStep,
): Promise<ProjectedStep> => {
  const name = await nameStep(payloads, fold, step)
  const skipped = skips.find(
    ({ key, at }) =>
      key === `${step.node}#${step.iteration}` &&
      step.kind !== 'update' &&
      step.scheduledAt <= at &&
      (step.closedAt === null || step.closedAt >= at),
  )
  return {
    head_event: step.headEvent,
    kind: step.kind,
    type: step.type,
    ...name,
    activity_id: step.activityId,
    state: step.state,
    scheduled_at: step.scheduledAt,
    started_at: step.startedAt,
    closed_at: step.closedAt,
    attempts: step.attempts,
    events: step.events,
    preview: previewOf(await payloads.all(step.output)),
    failure: step.failure === null ? null : payloads.failure(step.failure),
    skipped_by: skipped?.by ?? null,
  }
}

const toStuck = (payloads: PayloadReader, stuck: FoldedStuck): RunStuck => ({
  since: stuck.at.toISOString(),
  message: `The platform cannot go on with this run: ${
    isMisfit(stuck) ? 'what it has done does not fit the code that runs now.' : 'its code fails at this point.'
  }`,
  said: stuck.failure === null ? '' : payloads.failure(stuck.failure).message,
})

const previewOf = (output: unknown): string | null => {
  if (output === null || output === undefined) return null
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  return text.length > previewLength ? `${text.slice(0, previewLength)}…` : text
}
