import { expect, test } from 'vitest'
import type { Definition } from '#schemas/automation/definition.ts'
import { diff } from '#schemas/automation/diff.ts'
import { rewiredOf } from './rewired.ts'

const before: Definition = {
  format: 1,
  name: 'Send',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'approval', title: 'Ask Dana' },
    { id: 'send', kind: 'http', title: 'Send it' },
    { id: 'end', kind: 'end', title: 'Done' },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', port: 'approved', to: 'send' },
    { from: 'send', to: 'end' },
  ],
}
const told = (after: Definition) => rewiredOf(diff(before, after), before, after)

test('a connection that came or went is told by the names of its steps and its way out', () => {
  const edges = [{ from: 'start', to: 'ask' }, { from: 'ask', port: 'approved', to: 'end' }, before.edges[2]!]
  expect(told({ ...before, edges })).toEqual([
    expect.objectContaining({ change: 'removed', from: 'Ask Dana', by: 'Approved', to: 'Send it' }),
    expect.objectContaining({ change: 'added', from: 'Ask Dana', by: 'Approved', to: 'Done' }),
  ])
})

test('those of a step that is gone go without saying, but not the one that is drawn past it', () => {
  const after = {
    ...before,
    nodes: before.nodes.filter(({ id }) => id !== 'send'),
    edges: [before.edges[0]!, { from: 'ask', port: 'approved', to: 'end' }],
  }
  expect(told(after).map(({ change, from, to }) => [change, from, to])).toEqual([['added', 'Ask Dana', 'Done']])
})
