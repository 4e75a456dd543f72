import type { Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import { startUntold } from '#activities/runs/start-untold.ts'
import type { ModelBatchRun } from '#schemas/gateway/batches.ts'

/** Tells Temporal of a batch of requests to models; twice starts one. */
export const startModelBatch = (
  deps: { temporal: Client; db: Databases },
  { batch, tenant }: ModelBatchRun,
): Promise<void> =>
  startUntold(deps, 'gateway_batch', batch, {
    type: 'modelBatch',
    input: { batch, tenant },
    summary: 'Requests to models that may wait',
  })
