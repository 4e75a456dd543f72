import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitions } from '#test/harness/definitions.ts'
import { apply, applyAll, invert, merge } from './change.ts'
import { edgeId, type Definition } from './definition.ts'
import { same } from './json.ts'
import type { Change } from './problem.ts'

const base: Definition = {
  format: 1,
  name: 'Lead response',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'approval', title: 'Ask', with: { ask: 'Send it?', dueAfter: '1d' } },
    { id: 'send', kind: 'http', with: { url: 'https://example.com' } },
    { id: 'end', kind: 'end' },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', port: 'approved', to: 'send' },
    { from: 'send', to: 'end' },
  ],
}
const set = (node: string | null, path: string, value?: unknown): Change => ({ do: 'set', node, path, value })
const nodeOf = (definition: Definition, id: string) => definition.nodes.find((node) => node.id === id)

test('a removed node takes its edges with it, and comes back with them in their places', () => {
  const change: Change = { do: 'remove_node', node: 'ask' }
  const without = apply(base, change)
  expect(without.edges.map(edgeId)).toEqual(['send:out>end'])
  expect(applyAll(without, invert(base, change))).toEqual(base)
})

test('a field is set where nothing was, in lists, and taken away again', () => {
  const made = applyAll(base, [
    set('end', '/with/output/mail', { cel: 'run.id' }),
    set(null, '/variables/-', { name: 'seen', type: 'any' }),
    set('ask', '/with/dueAfter'),
  ])
  expect(nodeOf(made, 'end')?.with).toEqual({ output: { mail: { cel: 'run.id' } } })
  expect(made.variables).toEqual([{ name: 'seen', type: 'any' }])
  expect(nodeOf(made, 'ask')?.with).toEqual({ ask: 'Send it?' })
  expect(nodeOf(base, 'end')?.with).toBeUndefined()
})

test('a change of what is no longer there changes nothing, and none reaches the prototype of objects', () => {
  for (const change of [
    set('gone', '/title', 'X'),
    set('ask', '/title/deeper', 'X'),
    set('ask', '/__proto__/polluted', true),
    set(null, '/constructor/prototype/polluted', true),
    { do: 'remove_edge', edge: 'gone:out>end' } as const,
  ])
    expect(apply(base, change)).toEqual(base)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

const paths = ['/title', '/with/url', '/with/values/deep', '/with/cases/0', '/with/cases/-', '/with/cases/9']
const changes = (definition: Definition): fc.Arbitrary<Change> => {
  const id = fc.constantFrom('a', 'b', 'c', 'f')
  const value = fc.constantFrom('new', 3, { cel: '1' }, ['x'], undefined)
  return fc.oneof(
    fc.record({ do: fc.constant('remove_node' as const), node: id }),
    fc.record({
      do: fc.constant('remove_edge' as const),
      edge: fc.constantFrom('a:out>b', ...definition.edges.map(edgeId)),
    }),
    fc.record({ do: fc.constant('add_node' as const), node: fc.constant({ id: 'f', kind: 'end' }), at: fc.nat(5) }),
    fc.record({ do: fc.constant('add_edge' as const), edge: fc.constant({ from: 'f', to: 'f' }) }),
    fc.record({ do: fc.constant('set' as const), node: id, path: fc.constantFrom(...paths), value }),
    fc.record({ do: fc.constant('set' as const), node: id, path: fc.constant('/id'), value: fc.constant('z') }),
    fc.record({
      do: fc.constant('set' as const),
      node: fc.constant(null),
      path: fc.constantFrom('/name', '/variables/-', '/variables/0', '/settings/timeout', '/groups/0/title'),
      value,
    }),
  )
}

test('what is changed and then taken back is as it was, for any document and change', () => {
  fc.assert(
    fc.property(
      definitions.chain((definition) => fc.tuple(fc.constant(definition), changes(definition))),
      ([definition, change]) => {
        const back = applyAll(apply(definition, change), invert(definition, change))
        expect(same(back, definition), JSON.stringify({ back, definition, change })).toBe(true)
      },
    ),
    { numRuns: 2000, seed: 4 },
  )
})

test('two people at different fields of one node both get their way', () => {
  const mine = applyAll(base, [set('ask', '/with/ask', 'Really?'), set('send', '/title', 'Send')])
  const theirs = applyAll(base, [set('ask', '/with/dueAfter', '2d'), { do: 'remove_node', node: 'end' }])
  const { definition, conflicts } = merge(base, mine, theirs)
  expect(conflicts).toEqual([])
  expect(nodeOf(definition, 'ask')?.with).toEqual({ ask: 'Really?', dueAfter: '2d' })
  expect(nodeOf(definition, 'send')?.title).toBe('Send')
  expect(nodeOf(definition, 'end')).toBeUndefined()
})

test('the same field on both sides is a conflict that names node, field and both values; what is saved stands', () => {
  const { definition, conflicts } = merge(
    base,
    apply(base, set('ask', '/with/ask', { cel: 'input.mine' })),
    apply(base, set('ask', '/with/ask', { text: 'theirs' })),
  )
  expect(conflicts).toEqual([
    { node: 'ask', path: '/with/ask', base: 'Send it?', mine: { cel: 'input.mine' }, theirs: { text: 'theirs' } },
  ])
  expect(nodeOf(definition, 'ask')?.with?.['ask']).toEqual({ text: 'theirs' })
})

test('a node that one removes and the other edits stays with its edges, and is a conflict', () => {
  const removed = apply(base, { do: 'remove_node', node: 'send' })
  // as the builder does it: what led to the step leads to what it led to
  const healed = apply(removed, { do: 'add_edge', edge: { from: 'ask', port: 'approved', to: 'end' } })
  const edited = apply(base, set('send', '/title', 'Send it'))
  for (const [mine, theirs] of [
    [removed, edited],
    [edited, removed],
    [healed, edited],
    [edited, healed],
  ] as const) {
    const { definition, conflicts } = merge(base, mine, theirs)
    expect(conflicts.map(({ node, path }) => ({ node, path }))).toEqual([{ node: 'send', path: '' }])
    expect(nodeOf(definition, 'send')?.title).toBe('Send it')
    expect(definition.edges.map(edgeId).sort()).toEqual(base.edges.map(edgeId).sort())
  }
})

test('where only one side has edited, its document is what comes out, for any documents', () => {
  fc.assert(
    fc.property(definitions, definitions, (from, edited) => {
      expect(merge(from, edited, from)).toEqual({ definition: edited, conflicts: [] })
      expect(merge(from, from, edited)).toEqual({ definition: edited, conflicts: [] })
      expect(merge(from, edited, edited)).toEqual({ definition: edited, conflicts: [] })
    }),
    { numRuns: 500, seed: 4 },
  )
})

test('merging is the same for both people but for whose word stands in a conflict', () => {
  fc.assert(
    fc.property(definitions, definitions, definitions, (from, a, b) => {
      const one = merge(from, a, b)
      const other = merge(from, b, a)
      const places = (conflicts: typeof one.conflicts) => conflicts.map(({ node, path }) => `${node}${path}`).sort()
      expect(places(one.conflicts)).toEqual(places(other.conflicts))
      expect(one.definition.nodes.map((node) => node.id).sort()).toEqual(
        other.definition.nodes.map((node) => node.id).sort(),
      )
    }),
    { numRuns: 500, seed: 4 },
  )
})
