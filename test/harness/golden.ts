import { ApplicationFailure } from '@temporalio/common'
import type { Definition, Edge, Json, JsonObject, Node } from '#schemas/automation/definition.ts'
import type { Call } from '#schemas/automation/call.ts'
import { messages } from '#temporal/names.ts'
import { drawing } from './drawn.ts'
import type { Play, Stage, StageActivities } from './stage.ts'

/** How the node that a golden run is about behaves. */
const cases = ['success', 'retry', 'error', 'cancel', 'carry-on'] as const
type Case = (typeof cases)[number]

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
  /** Where nothing goes on from it. */
  ends?: true
  never?: Case[]
}

const tick = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'http',
  with: { method: 'GET', url: 'https://example.com' },
  ...more,
})
const broken: Partial<Node> = { with: { items: { cel: 'input.nothing.here' }, to: 1, keep: true, way: 'sum', of: 1 } }

export const sorts: Record<string, Sort> = {
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
    never: ['error'],
  },
  raise: { good: {}, bad: { with: { code: 'out_of_area', message: 'Too far away' } }, ends: true },
  agent: { good: {}, bad: { with: {} }, ends: true },
  training: { good: {}, bad: { with: {} }, ends: true },
}

export type Golden = {
  name: string
  definition: Definition
  /** The children that it starts, by their handle. */
  around: Record<string, Definition>
  case: Case
  more: Play
}

const end = (id: string, outcome: string): Node => ({ id, kind: 'end', with: { outcome } })
const kindOf = (name: string): string => name.split('.')[0] as string

const around: Record<string, Definition> = {
  inner: drawing([end('end', 'inner')], [{ from: 'start', to: 'end' }]),
  refuses: drawing(
    [{ id: 'no', kind: 'raise', with: { code: 'refused', message: 'No' } }],
    [{ from: 'start', to: 'no' }],
  ),
}

const casesOf = ({ acts, bad, ends, never = [] }: Sort): Case[] =>
  cases.filter((one) => {
    if (never.includes(one)) return false
    if (ends === true) return one === 'error'
    if (one === 'retry') return acts === true
    return one !== 'error' || acts === true || bad !== undefined
  })

const draw = (name: string, sort: Sort, one: Case): Definition => {
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
      [
        { id: 'turns', kind: 'loop', with: { items: [1, 2, 3, 4, 5, 6], concurrency: 2 } },
        ...line,
        ...inner,
        last,
        end('end', 'through'),
      ],
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
  const rest: Node = { id: 'rest', kind: 'wait', with: { for: 'duration', duration: '1h' } }
  const afterwards = one === 'cancel' && sort.acts !== true ? [rest, end('end', 'through')] : [end('end', 'through')]
  return drawing(
    [...line, ...inner, ...afterwards, ...(one === 'error' ? [end('caught', 'caught')] : [])],
    [
      { from: 'start', to: (line[0] as Node).id },
      ...(before === undefined ? [] : [{ from: before.id, to: 'n' }]),
      ...edges,
      ...(sort.ends === true ? [] : [{ from: 'n', port: way, to: (afterwards[0] as Node).id }]),
      ...(afterwards.length > 1 ? [{ from: 'rest', to: 'end' }] : []),
      ...(one === 'error' ? [{ from: 'n', port: 'error', to: 'caught' }] : []),
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
    more: one === 'carry-on' ? { carryOnAfter: 16 } : {},
  })),
)

const given: Record<string, (call: Call<JsonObject>) => Json> = {
  'http.request': () => ({ status: 200, headers: {}, body: 'fine' }),
  'code.run': () => 1,
  'ai.answer': () => ({ summary: 'fine' }),
  'crm.add_note': () => ({ note: 'note_1' }),
  'crm.remove_note': () => null,
  openApproval: () => ({ approval: 'apr_1' }),
  recordDecision: () => null,
  withdrawApproval: () => null,
  remindApprover: () => null,
  escalateApproval: () => null,
  expireApproval: () => null,
  'events.await': () => [],
}

/** The stage's activities: the node `n` and what is in it behave as the case wants, all else goes well. */
export function goldenActivities(): { activities: StageActivities; play(golden: Golden): void; release(): void } {
  let now: Case = 'success'
  let tried = 0
  let letGo = () => {}
  let held = new Promise<void>(() => {})
  const activities = Object.fromEntries(
    Object.entries(given).map(([name, give]) => [
      name,
      async (call: Call<JsonObject>) => {
        const isIt = /^(?:n|in_a)#/.test(call.step) && call.part === undefined
        const isOpening = call.step.startsWith('n#') && (call.part === 'open' || name === 'openApproval')
        if (isIt || isOpening) {
          tried++
          if (now === 'retry' && tried === 1) throw new Error('not yet')
          if (now === 'error') throw ApplicationFailure.nonRetryable('It is not so', 'odd')
          if (now === 'cancel' && isIt && name !== 'openApproval') await held
        }
        return give(call)
      },
    ]),
  )
  return {
    activities,
    play(golden) {
      now = golden.case
      tried = 0
      held = new Promise<void>((resolve) => (letGo = resolve))
    },
    release: () => letGo(),
  }
}

type Running = Awaited<ReturnType<Stage['play']>>
const decided = { decision: 'approve', text: null, note: null, values: {}, by: { id: 'usr_1', name: 'Sam' } }

/** Whether somebody decides in it. */
export const isDecided = ({ name, case: one }: Golden): boolean =>
  kindOf(name) === 'approval' && !name.startsWith('approval.late') && one !== 'cancel'

/** What people and other systems do to a golden run; a no is fine where it is not their turn. */
export async function touch(run: Running, golden: Golden, step: string): Promise<void> {
  const { name } = golden
  if (isDecided(golden)) await run.executeUpdate(messages.decide, { args: [{ ...decided, step }] }).catch(() => {})
  if (name.startsWith('wait.event.') && !name.includes('.late'))
    await run.signal(messages.deliver, { step, id: `evt_${step}`, data: { sum: 20 } })
}
