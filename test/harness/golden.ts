import type { Definition, Edge, JsonObject, Node } from '#schemas/automation/definition.ts'
import { chain, drawing } from './drawn.ts'
import type { Play } from './stage.ts'

/** How the node that a golden run is about behaves. */
export const cases = ['success', 'retry', 'error', 'cancel', 'carry-on'] as const
export type Case = (typeof cases)[number]

/** A node of a kind, in a way that goes well and in one that fails, and what stands around it. */
type Sort = {
  good: Partial<Node>
  bad?: Partial<Node>
  /** It calls an activity, which may be tried again or be stopped. */
  acts?: true
  /** The port by which it goes on. */
  way?: string
  inner?: Node[]
  edges?: Edge[]
  before?: Node
  variables?: Definition['variables']
  /** What it begins or undoes is an activity, which may fail and be tried again. */
  also?: Case[]
  /** What fails is told in what it gives: it has no port for that. */
  goesOn?: true
  /** It is drawn otherwise: it is where a run begins, or ends. */
  drawn?: (one: Case) => Definition
  never?: Case[]
}

const tick = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'http',
  with: { method: 'GET', url: 'https://example.com' },
  ...more,
})
const broken: Partial<Node> = { with: { items: { cel: 'input.nothing.here' }, to: 1, keep: true, way: 'sum', of: 1 } }

/** A kind whose one way out is its error port. */
const failing = (fields: JsonObject): Sort => ({
  good: { with: fields },
  bad: { with: fields },
  way: 'error',
  never: ['success'],
})

const end = (id: string, outcome: string): Node => ({ id, kind: 'end', with: { outcome } })
const rest: Node = { id: 'rest', kind: 'wait', with: { for: 'duration', duration: '1h' } }
const turns: Node = { id: 'turns', kind: 'loop', with: { items: [1, 2, 3, 4, 5, 6], concurrency: 2 } }
const inTurns: Edge = { from: 'turns', port: 'each', to: 'after' }

/** A run begins once, however many histories it goes on through. */
function drawStart(one: Case): Definition {
  if (one === 'success') return drawing([end('end', 'through')], [{ from: 'start', to: 'end' }])
  if (one === 'cancel') return drawing([rest, end('end', 'through')], chain('start', 'rest', 'end'))
  const nodes = [turns, tick('after', { within: 'turns' }), end('end', 'through')]
  return drawing(nodes, [...chain('start', 'turns', 'end'), inTurns])
}

/** An end that is reached stands while other paths go on, through a cancellation or into a fresh history. */
function drawEnd(one: Case): Definition {
  const reached: Node = { ...end('n', 'through'), with: { outcome: 'through', output: { at: { cel: 'run.id' } } } }
  const first: Edge = { from: 'start', to: 'n' }
  if (one === 'success') return drawing([reached], [first])
  if (one === 'cancel') return drawing([reached, rest], [first, { from: 'start', to: 'rest' }])
  const nodes = [reached, turns, tick('after', { within: 'turns' })]
  return drawing(nodes, [first, { from: 'start', to: 'turns' }, inTurns])
}

const sorts: Record<string, Sort> = {
  action: { acts: true, good: { with: { operation: 'crm.add_note', input: { deal: '1', text: 'Seen' } } } },
  http: { acts: true, good: { with: { method: 'POST', url: 'https://example.com', body: { n: 1 } } } },
  code: { acts: true, good: { with: { source: 'return 1' } } },
  ai: { acts: true, good: { with: { prompt: 'Sum it up', output: { type: 'object' } } } },
  approval: {
    acts: true,
    way: 'approved',
    good: { with: { ask: 'Send it?', text: 'Hello', remindAfter: '1h', dueAfter: '2h' } },
  },
  'approval.late': {
    way: 'expired',
    good: { with: { ask: 'Send it?', text: 'Hello', remindAfter: '20ms', dueAfter: '40ms', onDue: 'expire' } },
    never: ['cancel', 'error', 'retry'],
  },
  wait: {
    good: { with: { for: 'duration', duration: '30ms' } },
    bad: { with: { for: 'duration', duration: '1h' }, timeout: '30ms' },
  },
  'wait.schedule': {
    good: { with: { for: 'schedule', cron: '* * * * *', zone: 'America/Chicago' } },
    bad: { with: { for: 'schedule', cron: '0 9 1 1 *', zone: 'America/Chicago' }, timeout: '30ms' },
    // it waits out its minute each time
    never: ['cancel', 'carry-on'],
  },
  'wait.event': {
    acts: true,
    good: { with: { for: 'event', event: 'paid', key: 'k', when: { cel: 'event.sum > 10' } } },
  },
  'wait.event.late': {
    way: 'timeout',
    good: { with: { for: 'event', event: 'late', key: 'k', most: '30ms' } },
    never: ['cancel', 'error', 'retry'],
  },
  decision: {
    way: 'yes',
    good: { with: { cases: [{ port: 'yes', when: { cel: '1 < 2' } }] } },
    bad: { with: { cases: [{ port: 'yes', when: { cel: 'input.nothing.here' } }] } },
  },
  switch: {
    way: 'buy',
    good: { with: { value: 'buy', cases: [{ port: 'buy', is: 'buy' }] } },
    bad: { with: { value: { cel: 'input.nothing.here' }, cases: [{ port: 'buy', is: 'buy' }] } },
  },
  set: {
    good: { with: { values: { n: { cel: 'vars.n + 1' } } } },
    bad: { with: { values: { n: { cel: 'input.nothing.here' } } } },
    variables: [{ name: 'n', type: 'number', initial: 1 }],
  },
  map: { good: { with: { items: [1, 2], to: { cel: 'item * 2' } } }, bad: broken },
  filter: { good: { with: { items: [1, 2], keep: { cel: 'item > 1' } } }, bad: broken },
  aggregate: { good: { with: { items: [1, 2], way: 'sum', of: { cel: 'item' } } }, bad: broken },
  parallel: {
    acts: true,
    good: { with: { branches: [{ port: 'a' }, { port: 'b' }], until: 'all' } },
    inner: [tick('in_a', { within: 'n' }), tick('in_b', { within: 'n' })],
    edges: [
      { from: 'n', port: 'a', to: 'in_a' },
      { from: 'n', port: 'b', to: 'in_b' },
    ],
  },
  'parallel.race': {
    good: { with: { branches: [{ port: 'a' }, { port: 'b' }], until: 'race' } },
    inner: [
      tick('in_a', { within: 'n' }),
      { id: 'in_b', kind: 'wait', within: 'n', with: { for: 'duration', duration: '1h' } },
    ],
    edges: [
      { from: 'n', port: 'a', to: 'in_a' },
      { from: 'n', port: 'b', to: 'in_b' },
    ],
    never: ['error', 'retry'],
  },
  loop: {
    acts: true,
    good: { with: { items: [1, 2, 3], concurrency: 2 } },
    inner: [tick('in_a', { within: 'n' })],
    edges: [{ from: 'n', port: 'each', to: 'in_a' }],
  },
  'loop.while': {
    good: { with: { over: 'while', while: { cel: 'index < 3' }, most: 5 } },
    inner: [tick('in_a', { within: 'n' })],
    edges: [{ from: 'n', port: 'each', to: 'in_a' }],
    never: ['error', 'retry'],
  },
  subflow: {
    good: { with: { automation: 'inner', input: { n: 1 } } },
    bad: { with: { automation: 'refuses', input: {} } },
    also: ['retry'],
  },
  'subflow.forget': { good: { with: { automation: 'inner', input: {}, wait: false } }, never: ['error', 'cancel'] },
  compensate: {
    good: { with: { why: 'Changed their mind' } },
    before: {
      id: 'hold',
      kind: 'action',
      with: { operation: 'crm.add_note', input: { deal: '1', text: 'Held' } },
      undo: { operation: 'crm.remove_note', input: { note: { cel: 'steps.hold.note' } } },
    },
    also: ['retry', 'error'],
    goesOn: true,
  },
  raise: failing({ code: 'out_of_area', message: 'Too far away' }),
  agent: failing({}),
  training: failing({}),
  start: { good: {}, drawn: drawStart },
  end: { good: {}, drawn: drawEnd },
}

export type Golden = {
  name: string
  definition: Definition
  /** The children that it starts, by their handle. */
  around: Record<string, Definition>
  case: Case
  /** What its run comes to. */
  comesTo: 'through' | 'caught' | 'stopped'
  more: Play
}

export const kindOf = (name: string): string => name.split('.')[0] as string

const around: Record<string, Definition> = {
  inner: drawing([end('end', 'inner')], [{ from: 'start', to: 'end' }]),
  refuses: drawing(
    [{ id: 'no', kind: 'raise', with: { code: 'refused', message: 'No' } }],
    [{ from: 'start', to: 'no' }],
  ),
}

const casesOf = ({ acts, bad, also = [], never = [] }: Sort): Case[] =>
  cases.filter((one) => {
    if (never.includes(one)) return false
    if (also.includes(one)) return true
    if (one === 'retry') return acts === true
    return one !== 'error' || acts === true || bad !== undefined
  })

const draw = (name: string, sort: Sort, one: Case): Definition => {
  if (sort.drawn !== undefined) return sort.drawn(one)
  const { inner = [], edges = [], before, way = 'out', variables } = sort
  const chosen = one === 'error' && sort.bad !== undefined ? sort.bad : sort.good
  const within = one === 'carry-on' ? { within: 'turns' } : {}
  const node: Node = { id: 'n', kind: kindOf(name), ...chosen, ...within, retry: { attempts: 2, first: '10ms' } }
  const first = before === undefined ? [] : [{ ...before, ...within }]
  const more = variables === undefined ? {} : { variables }
  const line = [...first, node]
  if (one === 'carry-on') {
    const last = tick('after', within)
    return drawing(
      [turns, ...line, ...inner, last, end('end', 'through')],
      [
        { from: 'start', to: 'turns' },
        { from: 'turns', port: 'each', to: (line[0] as Node).id },
        ...(before === undefined ? [] : [{ from: before.id, to: 'n' }]),
        ...edges,
        { from: 'n', port: way, to: 'after' },
        { from: 'turns', to: 'end' },
      ],
      more,
    )
  }
  const afterwards = one === 'cancel' && sort.acts !== true ? [rest, end('end', 'through')] : [end('end', 'through')]
  return drawing(
    [...line, ...inner, ...afterwards, ...(one === 'error' ? [end('caught', 'caught')] : [])],
    [
      { from: 'start', to: (line[0] as Node).id },
      ...(before === undefined ? [] : [{ from: before.id, to: 'n' }]),
      ...edges,
      ...(one === 'error' && way === 'error' ? [] : [{ from: 'n', port: way, to: (afterwards[0] as Node).id }]),
      ...(afterwards.length > 1 ? [{ from: 'rest', to: 'end' }] : []),
      ...(one === 'error' && sort.goesOn !== true ? [{ from: 'n', port: 'error', to: 'caught' }] : []),
    ],
    more,
  )
}

/** Every kind of node, as it goes well, is tried again, fails by its port, is cancelled, and goes on in a fresh history. */
export const goldens: Golden[] = Object.entries(sorts).flatMap(([name, sort]) =>
  casesOf(sort).map((one) => ({
    name: `${name}.${one}`,
    definition: draw(name, sort, one),
    around,
    case: one,
    comesTo: one === 'cancel' ? 'stopped' : one === 'error' && sort.goesOn !== true ? 'caught' : 'through',
    more: one === 'carry-on' ? { carryOnAfter: 16 } : {},
  })),
)
