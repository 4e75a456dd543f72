import {
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  proxyActivities,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import type { createActivities } from '#activities/index.ts'
import type { ModelBatchRun } from '#schemas/gateway/batches.ts'
import type { ClassifierRun } from '#schemas/gateway/classifiers.ts'
import type { QualityRun } from '#schemas/gateway/quality/index.ts'

// outside
const { workModelBatch } = proxyActivities<Pick<ReturnType<typeof createActivities>, 'workModelBatch'>>({
  startToCloseTimeout: '20m',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  summary: 'The next lines',
})

const { trainClassifier: trainOnce } = proxyActivities<Pick<ReturnType<typeof createActivities>, 'trainClassifier'>>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  summary: 'Learns from recorded outcomes',
})

type Guarding = Pick<ReturnType<typeof createActivities>, 'nextSamples' | 'askShadow' | 'judgeSample'>
const again = { initialInterval: '1s', maximumInterval: '1m' } as const
const { nextSamples } = proxyActivities<Guarding>({
  startToCloseTimeout: '1m',
  retry: again,
  summary: 'What waits to be judged',
})
const { askShadow } = proxyActivities<Guarding>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '15s',
  retry: again,
  summary: 'Asks the model that was not used',
})
const { judgeSample } = proxyActivities<Guarding>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '15s',
  retry: again,
  summary: 'Has both answers compared',
})

/** Works through a batch of requests to models; who cancels it has written that down, and cancels this so that it does not sleep on. */
// story
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, modelBatch)
export async function modelBatch(batch: ModelBatchRun): Promise<void> {
  try {
    for (;;) {
      const waitMs = await workModelBatch(batch)
      if (waitMs === null) return
      if (waitMs > 0) await sleep(waitMs, { summary: 'Nothing to ask yet' })
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof modelBatch>(batch)
    }
  } catch (error) {
    if (!isCancelled(error)) throw error
    // what was asked is over; the rest is not asked any more, if that is what was wished
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        const waitMs = await workModelBatch(batch)
        if (waitMs === null) return
        await sleep(Math.max(waitMs, 1000), { summary: 'Nothing to ask yet' })
      }
    })
  }
}

const isCancelled = (error: unknown): boolean =>
  error instanceof CancelledFailure || (error instanceof Error && error.cause instanceof CancelledFailure)

/** Trains a classifier; what came of it is written down by the activity. */
// story
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, trainClassifier)
export async function trainClassifier(training: ClassifierRun): Promise<void> {
  await trainOnce(training)
}

/** Has the samples of a tenant judged until none waits; those that come later are of another run. */
// story
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, qualityGuard)
export async function qualityGuard(guard: QualityRun): Promise<void> {
  for (;;) {
    const samples = await nextSamples(guard)
    if (samples.length === 0) return
    await Promise.all(
      samples.map(async (sample) => {
        await askShadow({ ...guard, sample })
        await judgeSample({ ...guard, sample })
      }),
    )
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof qualityGuard>(guard)
  }
}
