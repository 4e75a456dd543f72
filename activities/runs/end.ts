import type { Client } from '@temporalio/client'

/** What a run is told to have come to that ended where it stood. */
export const endedWhereItStood =
  'The platform could not go on with it, so it was ended where it stood; nothing was undone.'

/**
 * Has Temporal end a run: by cancelling it, so that it undoes what it must; one that is `stuck`, and still fails as often
 * as it is tried, hears nothing any more and is ended where it stands.
 *
 * @throws WorkflowNotFoundError when Temporal does not know the run, or it has ended
 */
export async function endRun(temporal: Client, run: string, stuck: boolean): Promise<void> {
  const handle = temporal.workflow.getHandle(run)
  const { pendingWorkflowTask } = stuck ? (await handle.describe()).raw : {}
  if ((pendingWorkflowTask?.attempt ?? 0) > 1) await handle.terminate(endedWhereItStood)
  else await handle.cancel()
}
