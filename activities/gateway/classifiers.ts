import { asyncLocalStorage as activity } from '@temporalio/activity'
import { onBehalf } from '#activities/audit/behalf.ts'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { ClassifierRun } from '#schemas/gateway/classifiers.ts'
import type { Made } from '#schemas/gateway/classifier/made.ts'
import { closeTraining, openTraining } from './store-classifiers.ts'
import { trainInThread } from './training.ts'

export const classifierActivities = ({ db, seal }: Pick<Deps, 'db' | 'seal'>) => ({
  /** Trains a classifier and writes it down, once; another try begins anew, and one that was deleted is let go. */
  trainClassifier: async ({ classifier, tenant }: ClassifierRun): Promise<void> => {
    const ctx = { tenant }
    const row = await withTenant(db, ctx, (tx) => openTraining(tx, ctx, seal, classifier))
    if (row === null) return
    const at = activity.getStore()
    const beating = at === undefined ? undefined : setInterval(() => at.heartbeat(), 3_000)
    const given = at?.cancellationSignal ?? new AbortController().signal
    let made: Made | { why: string }
    try {
      made = await trainInThread(row.outcomes, given)
    } catch (error) {
      given.throwIfAborted()
      // the same rows come to the same: what cannot be learnt from now never can
      made = { why: error instanceof Error ? error.message : String(error) }
    } finally {
      clearInterval(beating)
    }
    await withTenant(db, ctx, (tx) => closeTraining(tx, onBehalf(row), classifier, made))
  },
})
