import type { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Definition, Edge, Node } from '#schemas/automation/definition.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import type { Call } from '#schemas/automation/call.ts'
import { openStage, type Stage } from '#test/harness/stage.ts'
import { until } from '#test/harness/until.ts'
import { foldEvents, newFold } from '#temporal/fold.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { messages } from '#temporal/names.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { retrace } from '#temporal/retrace.ts'
import type { AutomationRun } from '#schemas/automation/run.ts'
import { testKey } from '#test/harness/database.ts'

let stage: Stage
const asked: string[] = []
/** What the pretend address does, by its url. */
let answers: Record<string, () => unknown> = {}
/** What recording a decision comes to. */
let record: () => unknown = () => null

beforeAll(async () => {
  stage = await openStage({
    'http.request': async (call: Call<JsonObject>) => {
      const url = call['url'] as string
      asked.push(`${call.step} ${url}`)
      return answers[url]?.() ?? { status: 200, headers: {}, body: url }
    },
    'crm.add_note': async (call: Call<JsonObject>) => {
      asked.push(`${call.step}:${call.part} note`)
      return null
    },
    openApproval: async () => 'apr',
    recordDecision: async () => record(),
    withdrawApproval: async (call: Call) => void asked.push(`${call.step}:${call.part}`),
    'events.await': async () => [],
  })
})
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  asked.length = 0
  answers = {}
  record = () => null
})

const start: Node = { id: 'start', kind: 'start' }
const http = (id: string, more: Partial<Node> = {}): Node => ({ id, kind: 'http', with: { url: id }, ...more })
const chain = (...ids: string[]): Edge[] => ids.slice(1).map((to, at) => ({ from: ids[at] as string, to }))
const drawn = (nodes: Node[], edges: Edge[], more: Partial<Definition> = {}): Definition => ({
  format: 1,
  name: 'Test',
  nodes: [start, ...nodes],
  edges,
  ...more,
})
const undo = { operation: 'crm.add_note', input: {} }
const stopAll = () => {
  throw ApplicationFailure.nonRetryable('Never.', 'refused')
}
/** What the history alone tells of each step: where it got to, and what it gave. */
const retraced = async (run: string) => {
  const events = await readWholeHistory(stage.client, run)
  const payloads = new PayloadReader([testKey])
  const asked = (await payloads.all(events[0]?.workflowExecutionStartedEventAttributes?.input)) as AutomationRun
  const { trace, end, fault } = await retrace(asked, asked.definition as Definition, events, payloads)
  const states = new Map(trace.changes.map((change) => [`${change.node}#${change.iteration}`, change.state]))
  const outputs = new Map(trace.changes.map((change) => [`${change.node}#${change.iteration}`, change.output]))
  return { states, outputs, end, fault }
}
const foldOf = async (run: string) => {
  const fold = newFold()
  foldEvents(fold, await readWholeHistory(stage.client, run))
  return fold
}

test('a run walks its graph on Temporal; pure nodes leave nothing in its history', async () => {
  const pure: Node[] = [
    { id: 'names', kind: 'map', with: { items: { cel: 'input.people' }, to: { cel: 'item.name' } } },
    { id: 'many', kind: 'decision', with: { cases: [{ port: 'yes', when: { cel: 'size(steps.names) > 1' } }] } },
    { id: 'end', kind: 'end', with: { outcome: 'done', output: { names: { cel: 'steps.names' } } } },
  ]
  const edges: Edge[] = [...chain('start', 'names', 'many'), { from: 'many', port: 'yes', to: 'end' }]
  const run = await stage.play(drawn(pure, edges), { input: { people: [{ name: 'Dana' }, { name: 'Lee' }] } })
  expect(await run.result()).toMatchObject({ outcome: 'done', output: { names: ['Dana', 'Lee'] } })
  expect(await readWholeHistory(stage.client, run.workflowId)).toHaveLength(5)
  const { outputs, end } = await retraced(run.workflowId)
  expect(outputs.get('names#0')).toEqual(['Dana', 'Lee'])
  expect(outputs.get('many#0')).toEqual(['yes'])
  expect(end).toMatchObject({ end: 'completed', outcome: 'done', output: { names: ['Dana', 'Lee'] } })
})

test('a step names its node in its id and in the group of its events, in each turn of a loop', async () => {
  const nodes: Node[] = [
    { id: 'each', kind: 'loop', with: { items: [1, 2], concurrency: 2 } },
    http('one', { within: 'each', title: 'Ask' }),
  ]
  const run = await stage.play(drawn(nodes, [...chain('start', 'each'), { from: 'each', port: 'each', to: 'one' }]))
  await run.result()
  const { steps } = await foldOf(run.workflowId)
  expect([...steps.values()].map(({ node, iteration, activityId }) => ({ node, iteration, activityId }))).toEqual([
    { node: 'one', iteration: '1', activityId: 'one#1' },
    { node: 'one', iteration: '2', activityId: 'one#2' },
  ])
})

test('a step that fails for good undoes what was done, and the run fails with its code', async () => {
  answers = { b: stopAll }
  const run = await stage.play(drawn([http('a', { undo }), http('b')], chain('start', 'a', 'b')))
  const end: unknown = await run.result().catch((error: unknown) => error)
  expect((end as WorkflowFailedError).cause).toMatchObject({ type: 'refused', message: 'Never.' })
  expect(asked).toEqual(['a#0 a', 'b#0 b', 'a#0:undo note'])
  const { states, end: again } = await retraced(run.workflowId)
  expect(Object.fromEntries(states)).toEqual({ 'start#0': 'completed', 'a#0': 'completed', 'b#0': 'failed' })
  expect(again).toMatchObject({
    end: 'failed',
    failing: { code: 'refused', node: 'b' },
    undone: [{ node: 'a', ok: true }],
  })
})

test('a cancelled run undoes to the end: cancelling does not reach there', async () => {
  const nap: Node = { id: 'nap', kind: 'wait', with: { for: 'duration', duration: '1h' } }
  const run = await stage.play(drawn([http('a', { undo }), nap], chain('start', 'a', 'nap')))
  await until('it waits', async () => (await foldOf(run.workflowId)).steps.size === 2)
  await run.cancel()
  const end: unknown = await run.result().catch((error: unknown) => error)
  expect((end as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure)
  expect(asked).toEqual(['a#0 a', 'a#0:undo note'])
  expect((await retraced(run.workflowId)).end).toMatchObject({ end: 'stopped' })
})

const approve: Node = { id: 'ok', kind: 'approval', with: { ask: 'Send it?' } }
const by = { id: 'usr_1', name: 'Dana' }
const decision = { step: 'ok#0', decision: 'approve', text: null, note: null, values: {}, by }

test('an approval is decided once; the second is told who was first, and what is not open cannot be decided', async () => {
  const run = await stage.play(
    drawn([approve, http('sent')], [...chain('start', 'ok'), { from: 'ok', port: 'approved', to: 'sent' }]),
  )
  const decide = (made: object) => run.executeUpdate(messages.decide, { args: [made] })
  await until('it asks', async () => (await foldOf(run.workflowId)).steps.size > 0)
  expect((await retraced(run.workflowId)).states.get('ok#0')).toBe('running')
  const nothing: unknown = await decide({ ...decision, step: 'other#0' }).catch((error: unknown) => error)
  expect((nothing as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'conflict' })
  const both = await Promise.allSettled([decide(decision), decide({ ...decision, by: { id: 'usr_2', name: 'Lee' } })])
  const lost = both.filter((one) => one.status === 'rejected')
  expect(lost).toHaveLength(1)
  expect((lost[0] as PromiseRejectedResult).reason.cause).toMatchObject({ type: 'already_decided' })
  await run.result()
  expect(asked).toEqual(['sent#0 sent'])
  const { outputs, end } = await retraced(run.workflowId)
  expect(outputs.get('ok#0')).toMatchObject({ decision: 'approve' })
  expect(end).toMatchObject({ end: 'completed' })
})

test('a decision that may not be recorded is refused and holds up nothing: the next one is taken', async () => {
  record = () => {
    throw ApplicationFailure.nonRetryable('This approval waits for somebody else.', 'not_assigned')
  }
  const run = await stage.play(drawn([approve], chain('start', 'ok')))
  const decide = (made: object) => run.executeUpdate(messages.decide, { args: [made] })
  await until('it asks', async () => (await foldOf(run.workflowId)).steps.size > 0)
  const refused: unknown = await decide(decision).catch((error: unknown) => error)
  expect((refused as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'not_assigned' })
  record = () => null
  await decide({ ...decision, by: { id: 'usr_2', name: 'Lee' } })
  await run.result()
  const { outputs, end } = await retraced(run.workflowId)
  expect(outputs.get('ok#0')).toMatchObject({ by: { name: 'Lee' } })
  expect(end).toMatchObject({ end: 'completed' })
})

test('cancelling withdraws an open approval', async () => {
  const run = await stage.play(drawn([approve], chain('start', 'ok')))
  await until('it waits', async () =>
    [...(await foldOf(run.workflowId)).steps.values()].some((one) => one.kind === 'timer'),
  )
  await run.cancel()
  await run.result().catch(() => {})
  expect(asked).toEqual(['ok#0:withdraw'])
})

test('paused, stepped, resumed and skipped by a person, each in the history', async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  answers = { a: () => first.promise, b: () => second.promise }
  const run = await stage.play(drawn([http('a'), http('b'), http('c')], chain('start', 'a', 'b', 'c')))
  const control = (what: object) => run.executeUpdate(messages.control, { args: [{ by, ...what }] })
  await until('a is asked', async () => asked.length === 1)
  await control({ do: 'pause' })
  expect(await control({ do: 'pause' }).catch((error: unknown) => (error as Error).name)).toBe(
    'WorkflowUpdateFailedError',
  )
  first.resolve()
  await until('a is through', async () =>
    [...(await foldOf(run.workflowId)).steps.values()].some(({ node, state }) => node === 'a' && state === 'completed'),
  )
  await control({ do: 'step' })
  await until('b is asked', async () => asked.length === 2)
  await control({ do: 'skip', step: 'c#0' })
  await control({ do: 'resume' })
  // b is held until here: once it is through nothing is left but what is skipped, and the run ends, paused or not
  second.resolve()
  await run.result()
  expect(asked).toEqual(['a#0 a', 'b#0 b'])
  expect((await retraced(run.workflowId)).end).toMatchObject({ end: 'completed' })
})

test('an event that matches ends a wait; the same event twice counts once', async () => {
  const wait: Node = {
    id: 'paid',
    kind: 'wait',
    with: { for: 'event', event: 'paid', key: 'k', when: { cel: 'event.sum > 10' } },
  }
  const run = await stage.play(drawn([wait], chain('start', 'paid'), { output: { got: { cel: 'steps.paid.sum' } } }))
  await until('it listens', async () => [...(await foldOf(run.workflowId)).steps.values()].length > 0)
  await run.signal(messages.deliver, { step: 'paid#0', id: 'evt_1', data: { sum: 1 } })
  await run.signal(messages.deliver, { step: 'paid#0', id: 'evt_1', data: { sum: 99 } })
  await run.signal(messages.deliver, { step: 'paid#0', id: 'evt_2', data: { sum: 20 } })
  expect(await run.result()).toMatchObject({ output: { got: 20 } })
  expect((await retraced(run.workflowId)).end).toMatchObject({ end: 'completed', output: { got: 20 } })
})

test('a wait for a schedule sets its timer for nine in Chicago, from the clock of the run', async () => {
  const nap: Node = { id: 'nap', kind: 'wait', with: { for: 'schedule', cron: '0 9 * * 1-5', zone: 'America/Chicago' } }
  const run = await stage.play(drawn([nap], chain('start', 'nap')))
  const timer = await until('it waits', async () =>
    (await readWholeHistory(stage.client, run.workflowId)).find((event) => event.timerStartedEventAttributes != null),
  )
  const seconds = (of?: { seconds?: unknown; nanos?: number | null } | null) =>
    Number(of?.seconds) + (of?.nanos ?? 0) / 1e9
  const due = seconds(timer.eventTime) + seconds(timer.timerStartedEventAttributes?.startToFireTimeout)
  const there = new Intl.DateTimeFormat('en', {
    timeZone: 'America/Chicago',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  // the task of the workflow began a moment before the server set the timer
  expect(there.format(Math.round(due / 60) * 60_000)).toMatch(/^(Mon|Tue|Wed|Thu|Fri),? 09:00$/)
  await run.cancel()
  await expect(run.result()).rejects.toThrow()
})

test('a loop goes on in fresh histories and asks for each entry once', async () => {
  const items = Array.from({ length: 60 }, (_x, n) => n)
  const nodes: Node[] = [
    {
      id: 'each',
      kind: 'loop',
      with: { items: { cel: 'input.items' }, concurrency: 5, collect: { cel: 'steps.one.body' } },
    },
    http('one', { within: 'each', with: { url: { text: 'u{{ item }}' } } }),
  ]
  const def = drawn(nodes, [...chain('start', 'each'), { from: 'each', port: 'each', to: 'one' }], {
    output: { all: { cel: 'steps.each' } },
  })
  const run = await stage.play(def, { input: { items }, carryOnAfter: 60 })
  expect((await run.result()).output).toEqual({ all: items.map((n) => `u${n}`) })
  expect(new Set(asked).size).toBe(60)
  expect(asked).toHaveLength(60)
  expect((await run.describe()).historyLength).toBeLessThan(120)
  const { steps, lastEvent, close } = await foldOf(run.workflowId)
  const turns = [...steps.values()].filter((step) => step.node === 'one')
  expect(turns.map((step) => step.iteration).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    items.map((n) => `${n + 1}`),
  )
  expect(turns.every((step) => step.state === 'completed')).toBe(true)
  expect(lastEvent).toBeGreaterThan(240)
  expect(close).toMatchObject({ phase: 'completed' })
  expect((await retraced(run.workflowId)).end).toMatchObject({ output: { all: items.map((n) => `u${n}`) } })
})

test('more than 500 entries are worked through by runs of their own', async () => {
  const items = Array.from({ length: 510 }, (_x, n) => n)
  const nodes: Node[] = [
    { id: 'each', kind: 'loop', with: { items: { cel: 'input.items' }, concurrency: 4 } },
    { id: 'double', kind: 'set', within: 'each', with: { values: { last: { cel: 'item * 2' } } } },
  ]
  const def = drawn(nodes, [...chain('start', 'each'), { from: 'each', port: 'each', to: 'double' }], {
    variables: [{ name: 'last', type: 'number' }],
    output: { n: { cel: 'size(steps.each)' }, end: { cel: 'steps.each[509].last' } },
  })
  const run = await stage.play(def, { input: { items } })
  expect((await run.result()).output).toEqual({ n: 510, end: 1018 })
  expect((await retraced(run.workflowId)).end).toMatchObject({ output: { n: 510, end: 1018 } })
})
