import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitions } from '#test/harness/definitions.ts'
import { applyAll } from './change.ts'
import type { Definition } from './definition.ts'
import { diff } from './diff.ts'
import { same } from './json.ts'

const base: Definition = {
  format: 1,
  name: 'Lead response',
  settings: { timeout: '1h' },
  nodes: [
    { id: 'start', kind: 'start', at: { x: 0, y: 0 } },
    {
      id: 'ask',
      kind: 'approval',
      at: { x: 0, y: 100 },
      with: { ask: 'Send it?', text: { text: 'Hello {{ input.name }}' } },
    },
    { id: 'end', kind: 'end' },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', port: 'approved', to: 'end' },
  ],
}

test('it says which nodes came, went, changed and only moved, and which edges and settings', () => {
  const changed = applyAll(base, [
    { do: 'remove_node', node: 'end' },
    { do: 'add_node', node: { id: 'done', kind: 'end' } },
    { do: 'add_edge', edge: { from: 'ask', port: 'approved', to: 'done' } },
    { do: 'set', node: 'start', path: '/at', value: { x: 40, y: 0 } },
    { do: 'set', node: 'ask', path: '/with/text', value: { text: 'Dear {{ input.name }}' } },
    { do: 'set', node: 'ask', path: '/with/dueAfter', value: '2d' },
    { do: 'set', node: null, path: '/settings/priority', value: 2 },
    { do: 'set', node: null, path: '/settings/timeout' },
  ])
  expect(diff(base, changed)).toEqual([
    { of: 'node', id: 'start', change: 'moved', fields: [{ path: '/at/x', from: 0, to: 40 }] },
    {
      of: 'node',
      id: 'ask',
      change: 'changed',
      fields: [
        { path: '/with/text', from: { text: 'Hello {{ input.name }}' }, to: { text: 'Dear {{ input.name }}' } },
        { path: '/with/dueAfter', to: '2d' },
      ],
    },
    { of: 'node', id: 'end', change: 'removed', fields: [] },
    { of: 'node', id: 'done', change: 'added', fields: [] },
    { of: 'edge', id: 'ask:approved>end', change: 'removed', fields: [] },
    { of: 'edge', id: 'ask:approved>done', change: 'added', fields: [] },
    {
      of: 'setting',
      id: '/settings/timeout',
      change: 'removed',
      fields: [{ path: '/settings/timeout', from: '1h' }],
    },
    { of: 'setting', id: '/settings/priority', change: 'added', fields: [{ path: '/settings/priority', to: 2 }] },
  ])
})

test('a port that is written out and one that is not are the same edge', () => {
  const spelt = { ...base, edges: base.edges.map((edge) => ({ port: 'out', ...edge })) }
  expect(diff(base, spelt)).toEqual([])
})

test('documents differ exactly where something is said to differ, and turned round it is the other way round', () => {
  const sets = ({ nodes, edges, ...rest }: Definition) => ({
    ...rest,
    nodes: nodes.toSorted((x, y) => x.id.localeCompare(y.id)),
    edges: edges.map((edge) => `${edge.from} ${edge.port ?? 'out'} ${edge.to}`).sort(),
  })
  fc.assert(
    fc.property(definitions, definitions, (a, b) => {
      expect(diff(a, b).length === 0).toBe(same(sets(a), sets(b)))
      expect(diff(a, a)).toEqual([])
      const ids = (differences: ReturnType<typeof diff>) => differences.map(({ of, id }) => `${of} ${id}`).sort()
      expect(ids(diff(b, a))).toEqual(ids(diff(a, b)))
    }),
    { numRuns: 500, seed: 4 },
  )
})
