import type { temporal } from '@temporalio/proto'
import { endedChild } from './fold-child.ts'
import { stuckAfter, type FoldedStuck } from './fold-stuck.ts'
import { readStepKey } from './names.ts'
import { temporal as proto } from './proto.ts'
import type { RunFailure, StepState } from '#schemas/runs.ts'

type HistoryEvent = temporal.api.history.v1.IHistoryEvent
type Payloads = temporal.api.common.v1.IPayloads | null | undefined
const abandon = proto.api.enums.v1.ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON

/** A step: the history events that belong to one command, folded. Payloads stay as they came, still encrypted. */
export type FoldedStep = {
  headEvent: number
  node: string
  iteration: string
  kind: 'activity' | 'timer' | 'signal' | 'update' | 'child' | 'marker'
  type: string
  activityId: string | null
  queue: string | null
  state: StepState
  scheduledAt: Date
  startedAt: Date | null
  closedAt: Date | null
  attempts: number
  events: number[]
  summary: temporal.api.common.v1.IPayload | null
  input: Payloads
  output: Payloads
  failure: temporal.api.failure.v1.IFailure | null
  /** Whether it only begins a run, which goes its own way from then on. */
  forgets: boolean
}

export type FoldedClose = {
  phase: 'completed' | 'failed' | 'cancelled'
  at: Date
  result: Payloads
  failure: temporal.api.failure.v1.IFailure | RunFailure | null
}

/** What a history has come to so far. Folding the same events again, or in other portions, gives the same. */
export type Fold = {
  lastEvent: number
  /** How many events the histories hold that the run has gone on from: followers name their head by its own number. */
  offset: number
  startedAt: Date | null
  steps: Map<number, FoldedStep>
  /** What each group of events is called, by its id: the first word of it holds. */
  groups: Map<string, temporal.api.common.v1.IPayload>
  close: FoldedClose | null
  /** Since when the code of the run fails before it comes to anything, and how: it is tried again until it does not. */
  stuck: FoldedStuck | null
}

export const newFold = (): Fold => ({
  lastEvent: 0,
  offset: 0,
  startedAt: null,
  steps: new Map(),
  groups: new Map(),
  close: null,
  stuck: null,
})

/**
 * Folds the next events of a history into `fold`; gives the steps that changed. Events at or below the last one seen
 * are passed over, so portions may overlap. A follower finds its step by the id of the event that opened it. A run that
 * goes on in a fresh history counts its events on.
 */
export function foldEvents(fold: Fold, events: readonly HistoryEvent[]): Set<FoldedStep> {
  const changed = new Set<FoldedStep>()
  // a portion that does not begin with a first event belongs to the newest history
  let offset = Number(events[0]?.eventId ?? 1) === 1 ? 0 : fold.offset
  for (const event of events) {
    const id = offset + Number(event.eventId)
    if (event.workflowExecutionContinuedAsNewEventAttributes != null) offset = id
    if (id <= fold.lastEvent) continue
    fold.lastEvent = id
    const step = open(fold, event, id) ?? follow(fold, event, id)
    if (step !== undefined) changed.add(step)
    else {
      fold.stuck = stuckAfter(fold.stuck, event, timeOf(event))
      closeRun(fold, event)
    }
    fold.offset = offset
  }
  return changed
}

const timeOf = (event: HistoryEvent): Date => {
  const { seconds, nanos } = event.eventTime ?? {}
  return new Date(Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6)
}

const opened = (
  fold: Fold,
  event: HistoryEvent,
  id: number,
  step: Pick<FoldedStep, 'kind' | 'type' | 'state'> & Partial<FoldedStep> & { key?: string | null | undefined },
): FoldedStep => {
  const group = event.eventGroupMarkers?.find(({ label }) => label?.id)?.label
  if (group?.id && group.label && !fold.groups.has(group.id)) fold.groups.set(group.id, group.label)
  const { key, ...rest } = step
  const { node, iteration } = readStepKey((group?.id ?? key ?? step.type).split(':')[0] as string)
  const folded: FoldedStep = {
    headEvent: id,
    node,
    iteration,
    activityId: null,
    queue: null,
    scheduledAt: timeOf(event),
    startedAt: null,
    closedAt: null,
    attempts: 1,
    events: [id],
    summary: event.userMetadata?.summary ?? null,
    input: null,
    output: null,
    failure: null,
    forgets: false,
    ...rest,
  }
  fold.steps.set(id, folded)
  return folded
}

/** The events that open a step. */
const open = (fold: Fold, event: HistoryEvent, id: number): FoldedStep | undefined => {
  const at = timeOf(event)
  const { activityTaskScheduledEventAttributes: activity, timerStartedEventAttributes: timer } = event
  if (activity)
    return opened(fold, event, id, {
      kind: 'activity',
      type: activity.activityType?.name ?? 'activity',
      state: 'scheduled',
      key: activity.activityId,
      activityId: activity.activityId ?? null,
      queue: activity.taskQueue?.name ?? null,
      input: activity.input,
    })
  if (timer)
    return opened(fold, event, id, {
      kind: 'timer',
      type: 'timer',
      state: 'waiting',
      startedAt: at,
      key: timer.timerId ? 'timer' : null,
    })
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes
  if (child)
    return opened(fold, event, id, {
      kind: 'child',
      type: child.workflowType?.name ?? 'child',
      state: 'scheduled',
      key: child.workflowId,
      input: child.input,
      forgets: child.parentClosePolicy === abandon,
    })
  const signal = event.workflowExecutionSignaledEventAttributes
  if (signal)
    return opened(fold, event, id, {
      kind: 'signal',
      type: signal.signalName ?? 'signal',
      state: 'completed',
      startedAt: at,
      closedAt: at,
      input: signal.input,
    })
  const update = event.workflowExecutionUpdateAcceptedEventAttributes
  if (update) {
    const input = update.acceptedRequest?.input
    return opened(fold, event, id, {
      kind: 'update',
      type: input?.name ?? 'update',
      state: 'running',
      startedAt: at,
      input: input?.args,
    })
  }
  const marker = event.markerRecordedEventAttributes
  if (marker && marker.markerName === 'core_local_activity')
    return opened(fold, event, id, {
      kind: 'marker',
      type: 'local activity',
      state: marker.failure ? 'failed' : 'completed',
      startedAt: at,
      closedAt: at,
      failure: marker.failure ?? null,
    })
  return undefined
}

const joined = (fold: Fold, head: unknown, id: number, set: Partial<FoldedStep>): FoldedStep | undefined => {
  const step = fold.steps.get(fold.offset + Number(head))
  if (step === undefined) return undefined
  Object.assign(step, set)
  step.events.push(id)
  return step
}

/** The events that follow one that opened a step. */
const follow = (fold: Fold, event: HistoryEvent, id: number): FoldedStep | undefined => {
  const closedAt = timeOf(event)
  const started = event.activityTaskStartedEventAttributes
  if (started)
    return joined(fold, started.scheduledEventId, id, {
      state: 'running',
      startedAt: closedAt,
      attempts: started.attempt ?? 1,
    })
  const done = event.activityTaskCompletedEventAttributes
  if (done) return joined(fold, done.scheduledEventId, id, { state: 'completed', closedAt, output: done.result })
  const failed = event.activityTaskFailedEventAttributes
  if (failed)
    return joined(fold, failed.scheduledEventId, id, { state: 'failed', closedAt, failure: failed.failure ?? null })
  const timedOut = event.activityTaskTimedOutEventAttributes
  if (timedOut)
    return joined(fold, timedOut.scheduledEventId, id, {
      state: 'timed_out',
      closedAt,
      failure: timedOut.failure ?? null,
    })
  const cancelled = event.activityTaskCanceledEventAttributes
  if (cancelled) return joined(fold, cancelled.scheduledEventId, id, { state: 'cancelled', closedAt })
  const fired = event.timerFiredEventAttributes
  if (fired) return joined(fold, fired.startedEventId, id, { state: 'completed', closedAt })
  const stopped = event.timerCanceledEventAttributes
  if (stopped) return joined(fold, stopped.startedEventId, id, { state: 'cancelled', closedAt })
  const update = event.workflowExecutionUpdateCompletedEventAttributes
  if (update) {
    const failure = update.outcome?.failure ?? null
    return joined(fold, update.acceptedEventId, id, {
      state: failure === null ? 'completed' : 'failed',
      closedAt,
      failure,
      output: update.outcome?.success,
    })
  }
  return followChild(fold, event, id, closedAt)
}

const followChild = (fold: Fold, event: HistoryEvent, id: number, closedAt: Date): FoldedStep | undefined => {
  const started = event.childWorkflowExecutionStartedEventAttributes
  if (started) {
    const forgets = fold.steps.get(fold.offset + Number(started.initiatedEventId))?.forgets === true
    const set = forgets ? { state: 'completed' as const, closedAt } : { state: 'running' as const }
    return joined(fold, started.initiatedEventId, id, { ...set, startedAt: closedAt })
  }
  const refused = event.startChildWorkflowExecutionFailedEventAttributes
  if (refused) return joined(fold, refused.initiatedEventId, id, { state: 'failed', closedAt })
  const ended = endedChild(event)
  // what is begun and forgotten is done once it has begun, whatever becomes of it
  if (ended === null || fold.steps.get(fold.offset + Number(ended.of))?.forgets === true) return undefined
  return joined(fold, ended.of, id, { ...ended.set, closedAt })
}

const closeRun = (fold: Fold, event: HistoryEvent): void => {
  const at = timeOf(event)
  if (event.workflowExecutionStartedEventAttributes) fold.startedAt ??= at
  const close = (phase: FoldedClose['phase'], failure: FoldedClose['failure'] = null, result: Payloads = null) => {
    fold.close = { phase, at, failure, result }
    fold.stuck = null
    settleOpenSteps(fold, at)
  }
  const done = event.workflowExecutionCompletedEventAttributes
  if (done) close('completed', null, done.result)
  const failed = event.workflowExecutionFailedEventAttributes
  if (failed) close('failed', failed.failure ?? null)
  if (event.workflowExecutionCanceledEventAttributes) close('cancelled')
  const ended = event.workflowExecutionTerminatedEventAttributes
  if (ended) close('cancelled', { code: 'terminated', message: ended.reason || 'The run was terminated.' })
  if (event.workflowExecutionTimedOutEventAttributes)
    close('failed', { code: 'timed_out', message: 'The run took longer than it may.' })
}

/** Steps still open when their run ends never get an event of their own. */
const settleOpenSteps = (fold: Fold, at: Date): void => {
  for (const step of fold.steps.values())
    if (step.closedAt === null) Object.assign(step, { state: 'cancelled', closedAt: at })
}
