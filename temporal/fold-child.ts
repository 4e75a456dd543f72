import type { FoldedStep } from './fold.ts'
import type { HistoryEvent } from './history.ts'

/** How a run ended that another one began: the event that began it, and what the step comes to. */
export const endedChild = (event: HistoryEvent): { of: unknown; set: Partial<FoldedStep> } | null => {
  const done = event.childWorkflowExecutionCompletedEventAttributes
  if (done) return { of: done.initiatedEventId, set: { state: 'completed', output: done.result } }
  const failed = event.childWorkflowExecutionFailedEventAttributes
  if (failed) return { of: failed.initiatedEventId, set: { state: 'failed', failure: failed.failure ?? null } }
  const cancelled =
    event.childWorkflowExecutionCanceledEventAttributes ?? event.childWorkflowExecutionTerminatedEventAttributes
  if (cancelled) return { of: cancelled.initiatedEventId, set: { state: 'cancelled' } }
  const timedOut = event.childWorkflowExecutionTimedOutEventAttributes
  return timedOut ? { of: timedOut.initiatedEventId, set: { state: 'timed_out' } } : null
}
