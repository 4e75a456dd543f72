import { WorkflowNotFoundError } from '@temporalio/client'
import { withTenant } from '#activities/database.ts'
import { catchUp } from '#activities/runs/project.ts'
import { payloadStore } from '#activities/runs/store-payloads.ts'
import { findRun } from '#activities/runs/store.ts'
import { isAway } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import type { ApiDeps } from './deps.ts'

/**
 * Brings what is known of an open run up to what Temporal knows of it, whether anybody watches it or not. Where that
 * cannot be done what is known has to do: the projector comes back to it, and says what is wrong.
 */
export const freshener = ({ db, temporal, keys, log }: ApiDeps) => {
  const payloads = new PayloadReader(keys, payloadStore(db))
  return async (ctx: Context, run: string): Promise<void> => {
    const row = await withTenant(db, ctx, (tx) => findRun(tx, ctx, run))
    if (row.phase !== 'running') return
    try {
      await catchUp({ db, temporal, payloads }, { id: run, tenant: ctx.tenant, lastEvent: row.last_event_id })
    } catch (error) {
      if (!isAway(error) && !(error instanceof WorkflowNotFoundError))
        log.debug('a run could not be brought up to date', { run, error: String(error) })
    }
  }
}
