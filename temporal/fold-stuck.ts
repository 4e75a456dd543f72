import type { temporal as api } from '@temporalio/proto'
import type { HistoryEvent } from './history.ts'
import { temporal } from './proto.ts'

type Cause = api.api.enums.v1.WorkflowTaskFailedCause

/** Since when the code of a run fails before it comes to anything, and how: it is tried again until it does not. */
export type FoldedStuck = { at: Date; cause: Cause | null; failure: api.api.failure.v1.IFailure | null }

const { WorkflowTaskFailedCause: causes } = temporal.api.enums.v1
/** What fails a task once and is no fault of the code: something came in between, or the task was begun anew. */
const passing: ReadonlySet<unknown> = new Set([
  causes.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  causes.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
  causes.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  causes.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
  causes.WORKFLOW_TASK_FAILED_CAUSE_FAILOVER_CLOSE_COMMAND,
])

/** Whether a run is stuck after an event. History holds the first of the tries that fail in a row, and then the one that does not. */
export const stuckAfter = (before: FoldedStuck | null, event: HistoryEvent, at: Date): FoldedStuck | null => {
  if (event.workflowTaskCompletedEventAttributes) return null
  const { workflowTaskFailedEventAttributes: failed } = event
  if (!failed || passing.has(failed.cause)) return before
  return before ?? { at, cause: failed.cause ?? null, failure: failed.failure ?? null }
}

/** Whether the code that runs now does not fit what the run has done. */
export const isMisfit = ({ cause }: FoldedStuck): boolean =>
  cause === causes.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
