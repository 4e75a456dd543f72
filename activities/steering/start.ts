import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import type { ReplayRun } from '#schemas/steering/replays.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { markReplayStarted } from './store-replays.ts'

/** Tells Temporal of a replay; twice starts one. */
export async function startReplay(
  { temporal, db }: { temporal: Client; db: Databases },
  replay: ReplayRun,
): Promise<void> {
  try {
    await temporal.workflow.start(workflowTypes.replayTraffic, {
      taskQueue: queues.main,
      workflowId: replay.replay,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [replay],
      staticSummary: 'Recorded requests under other rules',
      priority: { priorityKey: 5, fairnessKey: replay.tenant },
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
  await markReplayStarted(db, replay.replay)
}
