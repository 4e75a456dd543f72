import { WorkflowNotFoundError } from '@temporalio/client'
import { withTenant } from '#activities/database.ts'
import { payloadStore } from '#activities/runs/store-payloads.ts'
import { findHistory } from '#activities/runs/store-steps.ts'
import { findRun } from '#activities/runs/store.ts'
import { walk, type Walked } from '#activities/runs/walk.ts'
import type { Context } from '#schemas/tenancy.ts'
import { readWholeHistory, unpackHistory, type HistoryEvent } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import type { ApiDeps } from './deps.ts'

/** Reads what runs of a tenant did: their histories, and the way that they walked. */
export const runReader = ({ db, temporal, keys }: Pick<ApiDeps, 'db' | 'temporal' | 'keys'>) => {
  const payloads = new PayloadReader(keys, payloadStore(db))
  const historyOf = async (ctx: Context, run: string): Promise<HistoryEvent[]> => {
    const kept = await withTenant(db, ctx, async (tx) => {
      await findRun(tx, ctx, run)
      return findHistory(tx, ctx, run)
    })
    if (kept !== null) return unpackHistory(kept)
    try {
      return await readWholeHistory(temporal, run)
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return []
      throw error
    }
  }
  const walked = async (ctx: Context, run: string): Promise<Walked> => walk({ db, payloads }, await historyOf(ctx, run))
  return { payloads, historyOf, walked }
}

export type RunReader = ReturnType<typeof runReader>
