import { expect, test } from 'vitest'
import { diff } from '#schemas/automation/diff.ts'
import { changesOver, together, withChanges } from './compare.ts'
import { steady, type Overlay } from './overlay.ts'
import { sample } from './sample.ts'

const ran = sample()
const now = {
  ...ran,
  nodes: [
    ...ran.nodes
      .filter((node) => node.id !== 'tell')
      .map((node) => (node.id === 'read' ? { ...node, title: 'Fetch' } : node)),
    { id: 'mail', kind: 'http', with: { url: 'https://example.com' } },
  ],
  edges: [...ran.edges.filter((edge) => edge.to !== 'tell'), { from: 'every', to: 'mail' }],
}

test('both versions stand in one drawing, with what came, went and changed marked', () => {
  const marks = changesOver(diff(ran, now))
  expect(Object.fromEntries(marks.nodes)).toEqual({
    read: { change: 'changed' },
    tell: { change: 'removed' },
    mail: { change: 'added' },
  })
  expect(marks.edges.get('every:each>tell')).toEqual({ change: 'removed' })
  const both = together(ran, now)
  expect(both.nodes.map((node) => node.id)).toEqual([...ran.nodes.map((node) => node.id), 'mail'])
  expect(both.edges).toHaveLength(ran.edges.length + 1)
})

test('a run keeps its states under the marks', () => {
  const run: Overlay = { nodes: new Map([['read', { state: 'completed' }]]), edges: new Map(), ofRun: true }
  const both = withChanges(run, changesOver(diff(ran, now)))
  expect(both.nodes.get('read')).toEqual({ state: 'completed', change: 'changed' })
  expect(both.ofRun).toBe(true)
})

test('what says the same is the same object, so that it is not drawn anew', () => {
  const first: Overlay = { nodes: new Map([['read', { state: 'running' }]]), edges: new Map(), ofRun: true }
  const next: Overlay = {
    nodes: new Map([
      ['read', { state: 'running' }],
      ['ask', { state: 'completed' }],
    ]),
    edges: new Map(),
    ofRun: true,
  }
  const kept = steady(first, next)
  expect(kept.nodes.get('read')).toBe(first.nodes.get('read'))
  expect(kept.nodes.get('ask')).toEqual({ state: 'completed' })
})
