import { WorkflowNotFoundError } from '@temporalio/client'
import { withTenant } from '#activities/database.ts'
import { startBatch } from '#activities/runs/start.ts'
import { closeBatch, findBatch, previewBatch, requestBatch, toBatch } from '#activities/runs/store-batches.ts'
import { listBatches, listItems, progressOf } from '#activities/runs/store-batches-seen.ts'
import { Fault, isAway } from '#schemas/errors.ts'
import type { batchRoutes } from '#schemas/runs-batches.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'

export const batchHandlers = ({ db, temporal, log }: ApiDeps): Handlers<typeof batchRoutes> => ({
  'GET /v1/batches': ({ ctx, query }) => withTenant(db, ctx, (tx) => listBatches(tx, ctx, query)),
  'POST /v1/batches': async ({ ctx, body, keep }) => {
    const made = await withTenant(db, ctx, async (tx) => keep(tx, await requestBatch(tx, ctx, body)))
    try {
      await startBatch({ db, temporal }, { tenant: ctx.tenant, batch: made.id, perMinute: made.perMinute })
    } catch (error) {
      if (!isAway(error)) throw error
      log.warn('Temporal is away; the dispatcher will start this batch', { batch: made.id })
    }
    return made
  },
  'POST /v1/batches/preview': ({ ctx, body }) =>
    withTenant(db, ctx, async (tx) => {
      const { last: _, ...preview } = await previewBatch(tx, ctx, body)
      return preview
    }),
  'GET /v1/batches/:batch': ({ ctx, params, query }) =>
    withTenant(db, ctx, async (tx) => {
      const row = await findBatch(tx, ctx, params.batch)
      return { batch: toBatch(row), progress: await progressOf(tx, row), ...(await listItems(tx, row, query)) }
    }),
  'POST /v1/batches/:batch/cancel': async ({ ctx, params }) => {
    const closed = await withTenant(db, ctx, async (tx) => {
      const { state } = await findBatch(tx, ctx, params.batch)
      if (state !== 'running') throw new Fault('not_possible', `This batch is ${state} already.`)
      return closeBatch(tx, ctx, params.batch, 'cancelled')
    })
    // it does nothing more as it stands; Temporal is told so that it does not sleep on
    try {
      await temporal.workflow.getHandle(params.batch).cancel()
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) && !isAway(error)) throw error
    }
    return closed
  },
})
