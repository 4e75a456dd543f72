import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFold, foldEvents } from '#temporal/fold.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { retrace } from '#temporal/retrace.ts'
import type { AutomationRun } from '#schemas/automation/run.ts'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { deepest } from '#schemas/automation/kinds/subflow.ts'
import { testKey } from './harness/database.ts'
import { chain, code, drawing } from './harness/drawn.ts'
import { until } from './harness/until.ts'
import { openStage, type Stage, type StageActivities } from './harness/stage.ts'

let stage: Stage
const seen = new Map<string, number>()
const activities: StageActivities = {
  'code.run': async (call) => {
    const { step, input } = call as unknown as { step: string; input: { n?: number } }
    seen.set(`${call.origin} ${step}`, (seen.get(`${call.origin} ${step}`) ?? 0) + 1)
    return (input.n ?? 0) * 2
  },
}
beforeAll(async () => {
  stage = await openStage(activities)
})
afterAll(() => stage[Symbol.asyncDispose]())

const end = (cel: string): Node => ({ id: 'end', kind: 'end', with: { output: { all: { cel } } } })
const resultOf = async (definition: Definition, input: object = {}) => {
  seen.clear()
  const run = await stage.play(definition, { input: input as never })
  const { output } = await run.result()
  return { run: run.workflowId, all: (output as { all: unknown }).all }
}

test('a loop of 10,000 items gives all of them, in order, each worked on once', { timeout: 180_000 }, async () => {
  const items = Array.from({ length: 10_000 }, (_, n) => n)
  const loop: Node = {
    id: 'each',
    kind: 'loop',
    with: { items: { cel: 'input.items' }, concurrency: 100, collect: { cel: 'steps.one' } },
  }
  const definition = drawing(
    [loop, { ...code('one', 'return input.n * 2', { n: { cel: 'item' } }), within: 'each' }, end('steps.each')],
    [
      { from: 'start', to: 'each' },
      { from: 'each', port: 'each', to: 'one' },
      { from: 'each', to: 'end' },
    ],
  )
  const { run, all } = await resultOf(definition, { items })
  expect(all).toEqual(items.map((n) => n * 2))
  expect(seen.size).toBe(10_000)
  expect([...seen.values()].every((times) => times === 1)).toBe(true)
  // the run itself stays short: its pages are runs of their own
  const history = await readWholeHistory(stage.client, run)
  expect(history.length).toBeLessThan(500)
})

test(
  'a run of 1,000 steps takes each once, over several histories, and is drawn to its end',
  { timeout: 180_000 },
  async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => `s${n}`)
    const nodes = ids.map((id, n) => code(id, 'return input.n * 2', { n }))
    const definition = drawing([...nodes, end('steps.s999')], chain('start', ...ids, 'end'))
    const { run, all } = await resultOf(definition)
    expect(all).toBe(1998)
    expect(seen.size).toBe(1000)
    expect([...seen.values()].every((times) => times === 1)).toBe(true)
    const history = await readWholeHistory(stage.client, run)
    expect(
      history.filter((event) => event.workflowExecutionContinuedAsNewEventAttributes != null).length,
    ).toBeGreaterThan(0)
    const fold = newFold()
    foldEvents(fold, history)
    expect(new Set([...fold.steps.values()].map((step) => step.node)).size).toBe(1000)
    const payloads = new PayloadReader([testKey])
    const begun = (await payloads.all(history[0]?.workflowExecutionStartedEventAttributes?.input)) as AutomationRun
    const traced = await retrace(begun, definition, history, payloads)
    expect(traced.end).toMatchObject({ end: 'completed', output: { all: 1998 } })
  },
)

test('of 50 runs that stand in one another those beyond the stated depth are refused, and each above says so', async () => {
  const calls = (automation: string) =>
    drawing(
      [{ id: 'sub', kind: 'subflow', with: { automation, input: {} } }, end('steps.sub.output.all')],
      chain('start', 'sub', 'end'),
    )
  const last = drawing([end('1')], chain('start', 'end'))
  const nested = (count: number) => ({
    around: Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`n${n}`, n === count - 1 ? last : calls(`n${n + 1}`)]),
    ),
  })
  const deep = await stage.play(calls('n0'), nested(deepest))
  expect(await deep.result()).toMatchObject({ output: { all: 1 } })

  const tooDeep = await stage.play(calls('n0'), nested(50))
  await expect(tooDeep.result()).rejects.toMatchObject({
    cause: { type: 'subflow_too_deep', message: expect.stringContaining(`at most ${deepest} deep`) },
  })
})

test('a run that listens goes on with another version of the workers where it was', async () => {
  const definition = drawing(
    [
      code('before', 'return 1', { n: 21 }),
      { id: 'paid', kind: 'wait', with: { for: 'event', event: 'paid', key: 'k' } },
      code('after', 'return 1', { n: { cel: 'steps.paid.sum' } }),
      { id: 'end', kind: 'end', with: { output: { all: { cel: '[steps.before, steps.after]' } } } },
    ],
    chain('start', 'before', 'paid', 'after', 'end'),
  )
  const asked: string[] = []
  await using older = await openStage({
    ...activities,
    'events.await': async ({ step }) => {
      asked.push(step)
      return []
    },
  })
  const run = await older.play(definition)
  await until('it listens', async () => asked.includes('paid#0'))
  await older.upgrade()
  await run.signal('deliver', { step: 'paid#0', id: 'evt_1', data: { sum: 4 } })
  expect(await run.result()).toMatchObject({ output: { all: [42, 8] } })
  const history = await readWholeHistory(older.client, run.workflowId)
  const builds = history.flatMap(
    (event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? [],
  )
  expect(new Set(builds).size).toBe(2)
})
