import {
  CancelledFailure,
  continueAsNew,
  proxyActivities,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import type { createActivities } from '#activities/index.ts'
import { paceOf, type BatchRun } from '#schemas/runs-pace.ts'

// outside
const { workBatch } = proxyActivities<Pick<ReturnType<typeof createActivities>, 'workBatch'>>({
  startToCloseTimeout: '60s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  summary: 'The next runs',
})

/** Works through a batch of runs at its pace; who stops it closes it, and cancels this. */
// story
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, runBatch)
export async function runBatch(batch: BatchRun): Promise<void> {
  const { runs, waitMs } = paceOf(batch.perMinute)
  try {
    while (await workBatch({ ...batch, runs })) {
      await sleep(waitMs, { summary: 'Pace' })
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof runBatch>(batch)
    }
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error
  }
}
