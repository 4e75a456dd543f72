import { fileURLToPath } from 'node:url'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { newId } from '#schemas/ids.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { chain, code, drawing } from '#test/harness/drawn.ts'
import { openStage, stageRun } from '#test/harness/stage.ts'
import { bundleWorkflows } from '#workers/bundle.ts'
import { measureCanvas } from './engine-canvas.ts'
import { measureLeads } from './engine-lead.ts'
import { median, report } from './figure.ts'

/**
 * What walking a drawing costs over the plain SDK doing the same steps: both kinds of workflow in one bundle, on one
 * worker and one server, taking turns.
 */
const rounds = 30
const warmUps = 10
const steps = 20
const pureNodes = 200
const items = 100

Runtime.install({ logger: new DefaultLogger('WARN') })
const workflows = await bundleWorkflows(fileURLToPath(new URL('engine-floor.ts', import.meta.url)))
let firstAt = 0
const activities = {
  'code.run': async () => {
    firstAt ||= performance.now()
    return 1
  },
}
await using stage = await openStage(activities, workflows)
const { client } = stage

type Timed = { ms: number; firstMs: number }
const timed = async (type: string, args: unknown[], id: string): Promise<Timed> => {
  firstAt = 0
  const began = performance.now()
  const run = await client.workflow.start(type, { taskQueue: queues.main, workflowId: id, args })
  await run.result()
  return { ms: performance.now() - began, firstMs: firstAt - began }
}
const ours = (definition: Definition) => {
  const id = newId('run')
  return timed(workflowTypes.automation, [stageRun(id, definition, {}, {})], id)
}
const bare = (type: string, n: number) => timed(type, [n], newId('run'))
const eventsOf = async (definition: Definition): Promise<number> => {
  const id = newId('run')
  await timed(workflowTypes.automation, [stageRun(id, definition, {}, {})], id)
  const { historyLength } = await client.workflow.getHandle(id).describe()
  return historyLength
}

const end: Node = { id: 'end', kind: 'end' }
const lineOf = (nodes: Node[]) => drawing([...nodes, end], chain('start', ...nodes.map(({ id }) => id), 'end'))
const named = (count: number, node: (id: string) => Node) => Array.from({ length: count }, (_, n) => node(`n${n}`))
const line = lineOf(named(steps, (id) => code(id, 'return 1')))
const pure = lineOf(
  named(pureNodes, (id) => ({ id, kind: 'map', with: { items: [1, 2, 3], to: { cel: 'item * 2' } } })),
)
const none = lineOf([])
const forEach = drawing(
  [
    { id: 'each', kind: 'loop', with: { items: Array.from({ length: items }, (_, n) => n), concurrency: items } },
    { ...code('one', 'return 1'), within: 'each' },
    end,
  ],
  [
    { from: 'start', to: 'each' },
    { from: 'each', port: 'each', to: 'one' },
    { from: 'each', to: 'end' },
  ],
)

const arms = {
  line: () => ours(line),
  bareLine: () => bare('bareLine', steps),
  pure: () => ours(pure),
  none: () => ours(none),
  forEach: () => ours(forEach),
  bareForEach: () => bare('bareForEach', items),
}
const taken = new Map<string, Timed[]>()
for (let round = 0; round < warmUps + rounds; round++)
  for (const [name, arm] of Object.entries(arms)) {
    const it = await arm()
    if (round >= warmUps) taken.set(name, [...(taken.get(name) ?? []), it])
  }
const ms = (name: keyof typeof arms) => median((taken.get(name) ?? []).map((one) => one.ms))
const firstMs = (name: keyof typeof arms) => median((taken.get(name) ?? []).map((one) => one.firstMs))
const figure = { bench: 'engine', n: rounds }
const perStep = { value: ms('line') / steps, baseline: ms('bareLine') / steps }
report({ ...figure, metric: 'step_ms', unit: 'ms', ...perStep })
report({ ...figure, metric: 'step_ratio', unit: 'ratio', value: perStep.value / perStep.baseline })
report({ ...figure, metric: 'pure_node_us', unit: 'us', value: ((ms('pure') - ms('none')) * 1000) / pureNodes })
const extra = ((await eventsOf(pure)) - (await eventsOf(none))) / pureNodes
report({ ...figure, metric: 'pure_node_events', unit: 'events', value: extra })
report({ ...figure, metric: 'foreach100_ms', unit: 'ms', value: ms('forEach'), baseline: ms('bareForEach') })
const first = { value: firstMs('line'), baseline: firstMs('bareLine') }
report({ ...figure, metric: 'first_node_ms', unit: 'ms', ...first })
report({ ...figure, metric: 'first_node_ratio', unit: 'ratio', value: first.value / first.baseline })

await measureCanvas()
await measureLeads()
