import { expect, test } from 'vitest'
import { isMisfit } from './fold-stuck.ts'
import { foldEvents, newFold, type Fold } from './fold.ts'
import type { HistoryEvent } from './history.ts'
import { temporal } from './proto.ts'

const { ParentClosePolicy, WorkflowTaskFailedCause: causes } = temporal.api.enums.v1

/** Events as a history has them, one second apart from 1 s on. */
const history = (...events: Partial<HistoryEvent>[]): HistoryEvent[] =>
  events.map((event, i) => ({
    ...event,
    eventId: (i + 1) as never,
    eventTime: { seconds: (i + 1) as never, nanos: 500_000_000 },
  }))
const folded = (...events: Partial<HistoryEvent>[]): Fold => {
  const fold = newFold()
  foldEvents(fold, history(...events))
  return fold
}
const head = (n: number) => n as never
const at = (second: number) => new Date(second * 1000 + 500)
const scheduled = (activityId: string): Partial<HistoryEvent> => ({
  activityTaskScheduledEventAttributes: { activityId, activityType: { name: 'act' }, taskQueue: { name: 'main' } },
})
const states = (fold: Fold) => [...fold.steps.values()].map(({ node, state }) => `${node} ${state}`)

test('however a history is cut into portions, and whichever overlap, it folds to the same', () => {
  const all = history(
    scheduled('read#1:act'),
    scheduled('stock#0:act'),
    { activityTaskStartedEventAttributes: { scheduledEventId: head(1), attempt: 3 } },
    { activityTaskCompletedEventAttributes: { scheduledEventId: head(1) } },
    { activityTaskTimedOutEventAttributes: { scheduledEventId: head(2), failure: { message: 'late' } } },
    { workflowExecutionCompletedEventAttributes: {} },
  )
  const whole = newFold()
  foldEvents(whole, all)
  expect([...whole.steps.values()]).toMatchObject([
    {
      node: 'read',
      iteration: '1',
      state: 'completed',
      attempts: 3,
      events: [1, 3, 4],
      startedAt: at(3),
      closedAt: at(4),
    },
    { node: 'stock', iteration: '0', state: 'timed_out', events: [2, 5], failure: { message: 'late' } },
  ])
  for (let cut = 0; cut <= all.length; cut++)
    for (let back = 0; back <= cut; back++) {
      const parts = newFold()
      foldEvents(parts, all.slice(0, cut))
      foldEvents(parts, all.slice(back))
      expect(parts).toEqual(whole)
    }
})

test('only the steps that changed are given', () => {
  const fold = newFold()
  const all = history(scheduled('a#0:x'), scheduled('b#0:x'), {
    activityTaskCanceledEventAttributes: { scheduledEventId: head(2) },
  })
  foldEvents(fold, all.slice(0, 2))
  expect([...foldEvents(fold, all)].map(({ node, state }) => `${node} ${state}`)).toEqual(['b cancelled'])
  expect([...foldEvents(fold, all)]).toEqual([])
})

test('a group names the node before the activity id does, and what was not made by us is a node of its own', () => {
  const grouped = { ...scheduled('other#4:act'), eventGroupMarkers: [{ label: { id: 'approval#2' } }] }
  const fold = folded(grouped, scheduled('7'), {
    activityTaskScheduledEventAttributes: {},
  })
  expect([...fold.steps.values()].map(({ node, iteration, type }) => ({ node, iteration, type }))).toEqual([
    { node: 'approval', iteration: '2', type: 'act' },
    { node: '7', iteration: '0', type: 'act' },
    { node: 'activity', iteration: '0', type: 'activity' },
  ])
})

test('timers, children, signals, updates and local activities are steps that end as their events say', () => {
  const fold = folded(
    { timerStartedEventAttributes: { timerId: '1' } },
    { timerFiredEventAttributes: { startedEventId: head(1) } },
    { timerStartedEventAttributes: { timerId: '2' } },
    { timerCanceledEventAttributes: { startedEventId: head(3) } },
    { startChildWorkflowExecutionInitiatedEventAttributes: { workflowId: 'c1', workflowType: { name: 'child' } } },
    { childWorkflowExecutionStartedEventAttributes: { initiatedEventId: head(5) } },
    { childWorkflowExecutionFailedEventAttributes: { initiatedEventId: head(5), failure: { message: 'no' } } },
    { startChildWorkflowExecutionInitiatedEventAttributes: { workflowId: 'c2' } },
    { childWorkflowExecutionTerminatedEventAttributes: { initiatedEventId: head(8) } },
    { workflowExecutionSignaledEventAttributes: { signalName: 'hurry' } },
    { workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: { input: { name: 'decide' } } } },
    { workflowExecutionUpdateCompletedEventAttributes: { acceptedEventId: head(11), outcome: { failure: {} } } },
    { markerRecordedEventAttributes: { markerName: 'core_local_activity' } },
    { markerRecordedEventAttributes: { markerName: 'core_patch' } },
  )
  expect(states(fold)).toEqual([
    'timer completed',
    'timer cancelled',
    'c1 failed',
    'c2 cancelled',
    'hurry completed',
    'decide failed',
    'local activity completed',
  ])
  expect(fold.lastEvent).toBe(14)
})

test('a run that is begun and left to itself is a step that is done once it has begun, whatever becomes of it', () => {
  const abandoned: Partial<HistoryEvent> = {
    startChildWorkflowExecutionInitiatedEventAttributes: {
      workflowId: 'c1',
      parentClosePolicy: ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON,
    },
  }
  const begun: Partial<HistoryEvent> = { childWorkflowExecutionStartedEventAttributes: { initiatedEventId: head(1) } }
  const ends: Partial<HistoryEvent>[] = [
    { workflowExecutionCompletedEventAttributes: {} },
    { childWorkflowExecutionFailedEventAttributes: { initiatedEventId: head(1), failure: { message: 'no' } } },
  ]
  for (const end of ends)
    expect([...folded(abandoned, begun, end).steps.values()]).toMatchObject([{ state: 'completed', closedAt: at(2) }])
  const refused = { startChildWorkflowExecutionFailedEventAttributes: { initiatedEventId: head(1) } }
  expect(states(folded(abandoned, refused))).toEqual(['c1 failed'])
})

test('a run whose code fails is stuck from the first failure on, until a try does not fail or it ends', () => {
  const { WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: misfit } = causes
  const { WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND: passing } = causes
  const failed = (cause: typeof misfit | typeof passing, message: string): Partial<HistoryEvent> => ({
    workflowTaskFailedEventAttributes: { cause, failure: { message } },
  })
  const stuck = folded(failed(misfit, 'first'), failed(misfit, 'again'))
  expect(stuck.stuck).toEqual({ at: at(1), cause: misfit, failure: { message: 'first' } })
  expect(folded(failed(misfit, 'first'), { workflowTaskCompletedEventAttributes: {} }).stuck).toBeNull()
  expect(folded(failed(misfit, 'first'), { workflowExecutionTerminatedEventAttributes: {} }).stuck).toBeNull()
  expect(folded(failed(passing, 'something came in between')).stuck).toBeNull()
  const { WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: thrown } = causes
  const why = [misfit, thrown].map((cause) => ({ at: at(1), cause, failure: null }))
  expect(why.map(isMisfit)).toEqual([true, false])
})

test('an event that follows one that never came, or of a kind not known yet, is passed over', () => {
  const fold = folded(
    { activityTaskCompletedEventAttributes: { scheduledEventId: head(99) } },
    { eventType: 9999 as never },
    scheduled('a#0:x'),
  )
  expect(states(fold)).toEqual(['a scheduled'])
  expect(fold).toMatchObject({ lastEvent: 3, close: null })
})

test.each([
  ['completed', { workflowExecutionCompletedEventAttributes: {} }, null],
  ['failed', { workflowExecutionFailedEventAttributes: { failure: { message: 'no' } } }, { message: 'no' }],
  ['cancelled', { workflowExecutionCanceledEventAttributes: {} }, null],
  [
    'cancelled',
    { workflowExecutionTerminatedEventAttributes: { reason: 'enough' } },
    { code: 'terminated', message: 'enough' },
  ],
  [
    'cancelled',
    { workflowExecutionTerminatedEventAttributes: {} },
    { code: 'terminated', message: 'The run was terminated.' },
  ],
  [
    'failed',
    { workflowExecutionTimedOutEventAttributes: {} },
    { code: 'timed_out', message: 'The run took longer than it may.' },
  ],
] as const)('a run that is %s closes, with what is still open in it', (phase, closing, failure) => {
  const fold = folded({ workflowExecutionStartedEventAttributes: {} }, scheduled('a#0:x'), closing)
  expect(fold).toMatchObject({ startedAt: at(1), close: { phase, at: at(3), failure } })
  expect([...fold.steps.values()]).toMatchObject([{ state: 'cancelled', closedAt: at(3) }])
})
