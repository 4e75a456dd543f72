import { WorkflowNotFoundError } from '@temporalio/client'
import { startModelBatch } from '#activities/gateway/start.ts'
import { isAway } from '#schemas/errors.ts'
import type { ModelBatchRun } from '#schemas/gateway/batches.ts'
import type { Keeping } from './door.ts'

/** Tells Temporal of a batch that was written down; if it is away, the dispatcher does. */
export async function startSoon({ db, temporal, log }: Omit<Keeping, 'seal'>, run: ModelBatchRun): Promise<void> {
  try {
    await startModelBatch({ db, temporal }, run)
  } catch (error) {
    if (!isAway(error)) throw error
    log.warn('Temporal is away; the dispatcher will start this batch', { batch: run.batch })
  }
}

/** Tells Temporal that a batch is to end, so that it does not sleep on; that it is so is written down already. */
export async function endSoon({ temporal }: Pick<Keeping, 'temporal'>, batch: string): Promise<void> {
  try {
    await temporal.workflow.getHandle(batch).cancel()
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError) && !isAway(error)) throw error
  }
}
