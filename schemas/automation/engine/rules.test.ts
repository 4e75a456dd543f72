import { expect, test } from 'vitest'
import { chain, definition, http, play } from '#test/harness/played.ts'
import type { Definition, Json, Node } from '../definition.ts'
import { kinds } from '../kinds/index.ts'
import { Engine } from './engine.ts'
import { VirtualHost } from './virtual.ts'

const start: Node = { id: 'start', kind: 'start' }
const end = (id = 'end'): Node => ({ id, kind: 'end', with: { outcome: id } })
const undo = { operation: 'undo.a', input: { of: { cel: 'steps.a.body' } } }
const failsAt = (id: string) => (url: string) => (url === id ? { fail: 'planned' } : {})

const testTo = (more: object) =>
  definition([start, http('a'), http('b'), end()], chain('start', 'a', 'b', 'end'), {
    output: { b: { cel: 'steps.b.body' } },
    ...more,
  })

test('a test that ends early comes to its end, also where the result names what it never came to', async () => {
  const { end: ended, begun } = await play(testTo({}), undefined, { until: 'a' })
  expect(ended).toMatchObject({ end: 'completed', outcome: null, output: null })
  expect(begun).toEqual(['a#0 http.request'])
  // a result that can be worked out is told all the same
  const known = await play(testTo({ output: { a: { cel: 'steps.a.body' } } }), undefined, { until: 'a' })
  expect(known.end).toMatchObject({ output: { a: 'a' } })
})

test('a run that ends at once and whose result cannot be worked out fails, and undoes what it did', async () => {
  const nodes = [start, http('a', { undo }), { ...end(), with: { outcome: 'end', atOnce: true } }, http('late')]
  const def = definition(nodes, [...chain('start', 'a', 'end'), ...chain('start', 'late')], {
    output: { late: { cel: 'steps.late.body' } },
  })
  const { end: ended } = await play(def, (url) => ({ ms: url === 'late' ? 1000 : 10 }))
  expect(ended).toMatchObject({ end: 'failed', failing: { code: 'expression_failed' }, undone: [{ ok: true }] })
})

const undoing = (more: Partial<Node>): Definition =>
  definition([start, http('first'), http('a', { undo, ...more }), http('c')], chain('start', 'first', 'a', 'c'))
const undone = async (def: Definition, semantics: number, during?: Parameters<typeof play>[3]) =>
  (await play(def, failsAt('c'), { semantics }, during)).host.acts.filter((act) => act.includes('undo.a')).length

test('what was never executed is not undone; a run that began by the first rules keeps to them', async () => {
  const disabled = undoing({ disabled: true, undo: { operation: 'undo.a' } })
  const skipped = undoing({ undo: { operation: 'undo.a' } })
  const skips: Parameters<typeof play>[3] = (engine) => engine.skip('a#0')
  const midway: Parameters<typeof play>[3] = (engine, host) => host.at(15, () => engine.skip('a#0'))
  expect([await undone(disabled, 2), await undone(skipped, 2, skips), await undone(skipped, 2, midway)]).toEqual([
    0, 0, 0,
  ])
  expect([await undone(disabled, 1), await undone(skipped, 1, skips), await undone(skipped, 1, midway)]).toEqual([
    1, 1, 1,
  ])
  expect(await undone(undoing({}), 2)).toBe(1)
  // what is undone from its beginning is, also when it was stopped half-way
  const begun = undoing({ undo: { operation: 'undo.a', after: 'begun' } })
  expect(await undone(begun, 2, midway)).toBe(1)
  // and once where it came to its end
  expect(await undone(begun, 2)).toBe(1)
})

test('an undo that cannot be worked out fails the step, which says so; one of what has begun before it does anything', async () => {
  const wrong = { operation: 'undo.a', input: { of: { cel: 'input.nothing.here' } } }
  const { end: ended } = await play(undoing({ undo: wrong }))
  expect(ended).toMatchObject({
    end: 'failed',
    failing: {
      node: 'a',
      code: 'expression_failed',
      message: expect.stringMatching(/^What undoes “a” cannot be worked out: /),
    },
  })
  const begun = await play(undoing({ undo: { ...wrong, after: 'begun' } }))
  expect(begun.end).toMatchObject({ end: 'failed', failing: { node: 'a' } })
  expect(begun.begun).toEqual(['first#0 http.request'])
})

const branching = (node: Node, ...ports: string[]): Definition =>
  definition(
    [start, node, ...ports.map((port) => end(`at_${port}`))],
    [...chain('start', node.id), ...ports.map((port) => ({ from: node.id, port, to: `at_${port}` }))],
  )
const cases = [
  { port: 'yes', when: true },
  { port: 'no', when: true },
]
const decision: Node = { id: 'd', kind: 'decision', with: { cases } }
const choice: Node = {
  id: 'd',
  kind: 'switch',
  with: {
    value: 1,
    cases: [
      { port: 'one', is: 1 },
      { port: 'two', is: { n: 2 } },
    ],
  },
}
const approval: Node = { id: 'd', kind: 'approval', with: { ask: 'Pay?' } }
const pinned = async (def: Definition, pin: Json, semantics = 2) =>
  (await play(def, undefined, { pins: { d: pin }, semantics })).end

test('a pinned output goes by the way that gives it', async () => {
  const outcome = (name: string) => ({ end: 'completed', outcome: `at_${name}` })
  const decides = branching(decision, 'yes', 'no', 'else')
  expect(await pinned(decides, ['no'])).toMatchObject(outcome('no'))
  expect(await pinned(decides, 'no')).toMatchObject(outcome('no'))
  expect(await pinned(decides, ['else'])).toMatchObject(outcome('else'))
  expect(await pinned(decides, { odd: true })).toMatchObject(outcome('yes'))
  expect(await pinned(decides, ['no'], 1)).toMatchObject(outcome('yes'))
  const chooses = branching(choice, 'one', 'two', 'else')
  expect(await pinned(chooses, { n: 2 })).toMatchObject(outcome('two'))
  expect(await pinned(chooses, 3)).toMatchObject(outcome('else'))
  const asks = branching(approval, 'approved', 'rejected')
  expect(await pinned(asks, { decision: 'rejected' })).toMatchObject(outcome('rejected'))
  expect(await pinned(asks, { decision: 'reject' })).toMatchObject(outcome('rejected'))
  expect(await pinned(asks, { decision: 'approve' })).toMatchObject(outcome('approved'))
})

test('what has several ways does not go on by none when it fails', async () => {
  const broken = branching(
    { ...decision, continueOnError: true, with: { cases: [{ port: 'yes', when: { cel: 'input.a.b == 1' } }] } },
    'yes',
    'else',
  )
  expect((await play(broken)).end).toMatchObject({ end: 'failed', failing: { code: 'expression_failed' } })
  expect((await play(broken, undefined, { semantics: 1 })).end).toMatchObject({ end: 'completed', outcome: null })
})

const calling = (retry: Node['retry']): Definition =>
  definition(
    [
      start,
      { id: 'sub', kind: 'subflow', with: { automation: 'other' }, ...(retry === undefined ? {} : { retry }) },
      end(),
    ],
    chain('start', 'sub', 'end'),
    { output: { got: { cel: 'steps.sub.output' } } },
  )

test('a subflow is tried again as a whole, with longer and longer pauses, and gives what the last try gave', async () => {
  const third = (_: string, step: string) => (step === 'try 3' ? { give: 'fine' } : { fail: 'busy' })
  const { end: ended, starts, host } = await play(calling({ attempts: 3, first: '10s' }), third)
  expect(ended).toMatchObject({ end: 'completed', output: { got: 'fine' } })
  expect(starts.map((one) => ('page' in one ? null : one.attempt))).toEqual([undefined, 2, 3])
  expect(host.now()).toBe(30_000)
})

test('a subflow is tried for ever where that is said, and not again once it is cancelled', async () => {
  const late = (_: string, step: string) => (step === 'try 9' ? { give: 1 } : { fail: 'busy' })
  expect((await play(calling({ attempts: 0 }), late)).starts).toHaveLength(9)
  const { end: ended, starts } = await play(calling({ attempts: 0 }), undefined, {}, (engine, host) => {
    const child = host.child.bind(host)
    host.child = async (step, wanted, token, may) => {
      await host.sleep(step, 1000, 'It is at work', token)
      return child(step, wanted, token, may)
    }
    host.at(500, () => engine.stop())
  })
  expect([ended.end, starts]).toEqual(['stopped', []])
})

test.each<[string, Node['retry'], string, number]>([
  ['without a word of it', undefined, 'busy', 1],
  ['as often as it says', { attempts: 2 }, 'busy', 2],
  ['three times where it does not say', { first: '1s' }, 'busy', 3],
  ['not for what is named', { attempts: 5, not: ['busy'] }, 'busy', 1],
  ['not for what would fail again', { attempts: 5 }, 'not_published', 1],
])('a subflow that fails is tried %s', async (_, retry, fail, tries) => {
  const { end: ended, starts } = await play(calling(retry), () => ({ fail }))
  expect(ended).toMatchObject({ end: 'failed', failing: { code: fail, node: 'sub' } })
  expect(starts).toHaveLength(tries)
})

test('a subflow that waits for its next try is cancelled at once, and waits on in a fresh history', async () => {
  const cancelled = await play(
    calling({ attempts: 2, first: '1h' }),
    () => ({ fail: 'busy' }),
    {},
    (engine, host) => host.at(10, () => engine.stop()),
  )
  expect(cancelled.end).toMatchObject({ end: 'stopped' })
  expect([cancelled.starts.length, cancelled.host.now()]).toEqual([1, 10])
  const carried = await play(
    calling({ attempts: 2, first: '1h' }),
    (_, step) => (step === 'try 2' ? { give: 1 } : { fail: 'busy' }),
    {},
    (engine, host) => host.at(10, () => engine.drain()),
  )
  expect(carried.end).toMatchObject({ end: 'completed', output: { got: 1 } })
  expect([carried.engines, carried.starts.length, carried.host.now()]).toEqual([2, 2, 3_600_000])
  expect((await play(calling({ attempts: 3 }), () => ({ fail: 'busy' }), { semantics: 1 })).starts).toHaveLength(1)
})

const typed = (value: Json): Definition =>
  definition(
    [start, { id: 's', kind: 'set', with: { values: { seen: true, n: value } } }, end()],
    chain('start', 's', 'end'),
    {
      variables: [
        { name: 'seen', type: 'boolean', initial: false },
        { name: 'n', type: 'number', initial: 1 },
      ],
    },
  )

test('a variable is set to what it was declared for, or none of the step’s is', async () => {
  expect((await play(typed(7))).end).toMatchObject({ end: 'completed', vars: { n: 7, seen: true } })
  expect((await play(typed(null))).end).toMatchObject({ end: 'completed', vars: { n: null } })
  const { end: ended } = await play(typed('many'))
  const message = '“n” holds a number, and this is a text.'
  expect(ended).toMatchObject({ end: 'failed', failing: { code: 'field_invalid', node: 's', message } })
  expect((await play(typed('many'), undefined, { semantics: 1 })).end).toMatchObject({ vars: { n: 'many' } })
})

const counting = (items: number, concurrency: number, sets = true): Definition =>
  definition(
    [
      start,
      { id: 'each', kind: 'loop', with: { items: Array.from({ length: items }, (_, n) => n), concurrency } },
      http('look', { within: 'each' }),
      ...(sets
        ? [{ id: 'add', kind: 'set', within: 'each', with: { values: { n: { cel: 'vars.n + 1' } } } }]
        : [http('add', { within: 'each' })]),
      end(),
    ],
    [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'look' }, ...chain('look', 'add')],
    { variables: [{ name: 'n', type: 'number', initial: 0 }] },
  )
const shares = async (def: Definition) =>
  (await play(def)).starts.map((one) => ('page' in one ? one.page.concurrency : 0))

test.each([400, 501, 1200])(
  'a loop of %i turns side by side leaves a variable with what all turns made of it',
  async (n) => {
    expect((await play(counting(n, 8))).end).toMatchObject({ end: 'completed', vars: { n } })
  },
)

test('pages share out how many turns go at once, to the last one; those that set variables go one by one', async () => {
  expect((await shares(counting(2000, 7, false))).toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2])
  expect((await shares(counting(2000, 10, false))).toSorted((a, b) => a - b)).toEqual([2, 2, 3, 3])
  expect(await shares(counting(1200, 2, false))).toEqual([1, 1, 1])
  expect(await shares(counting(1200, 8))).toEqual([8, 8, 8])
})

test('only what can be remembered is asked for under a key', async () => {
  const cache = { key: 'k', for: '1h' }
  const def = branching({ ...approval, cache }, 'approved', 'rejected')
  def.nodes.splice(1, 0, http('a', { cache }))
  def.edges.splice(0, 1, ...chain('start', 'a', 'd'))
  const kept: string[] = []
  const host = new VirtualHost(({ node }, _activity, _input, options) => {
    if (options.cache !== undefined) kept.push(node)
    return { ms: 1, give: null }
  })
  const engine = new Engine(kinds, { definition: def, input: {}, run: { startedAt: '1970-01-01T00:00:00Z' } }, host)
  host.at(60_000, () => engine.stop())
  await host.until(engine.run())
  expect([kept, host.acts.filter((act) => act.includes('openApproval'))]).toEqual([['a'], ['d#0 openApproval']])
})
