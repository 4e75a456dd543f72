import {
  CancelledFailure,
  continueAsNew,
  proxyActivities,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow'
import type { createActivities } from '#activities/index.ts'
import type { ReplayRun } from '#schemas/steering/replays.ts'

// outside
const { replaySome } = proxyActivities<Pick<ReturnType<typeof createActivities>, 'replaySome'>>({
  startToCloseTimeout: '60s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  summary: 'The next requests',
})

/** Works out what recorded requests would have come to under other rules; who stops it closes it, and cancels this. */
// story
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, replayTraffic)
export async function replayTraffic(replay: ReplayRun): Promise<void> {
  try {
    while (await replaySome(replay)) {
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof replayTraffic>(replay)
    }
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error
  }
}
