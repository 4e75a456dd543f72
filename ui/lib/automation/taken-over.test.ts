import { expect, test } from 'vitest'
import type { CanvasNode } from '#schemas/runs.ts'
import { sample } from './sample.ts'
import { failedStep, takenOver, undoneIn } from './taken-over.ts'

const at = '2026-11-21T10:00:00.000Z'
const node = (id: string, state: CanvasNode['state'], iteration = '0'): CanvasNode => ({
  node: id,
  iteration,
  about: null,
  state,
  startedAt: at,
  endedAt: at,
  skippedBy: null,
  ports: state === 'completed' ? ['out'] : [],
  output: null,
  failure: null,
})
const nodes = [
  node('start', 'completed'),
  node('read', 'completed'),
  node('ask', 'completed'),
  node('tell', 'failed', '2'),
  node('every', 'failed'),
]

test('what came before is taken over; a step in a loop begins with its loop', () => {
  expect(takenOver(sample(), nodes, 'tell')).toEqual({
    begins: 'every',
    whole: true,
    taken: ['read', 'ask'],
    undone: [],
  })
  expect(takenOver(sample(), nodes, 'read')).toEqual({ begins: 'read', whole: false, taken: [], undone: [] })
})

test('a run failed at the innermost step that failed, in its turn', () => {
  expect(failedStep(sample(), nodes)).toMatchObject({ node: 'tell', iteration: '2' })
  expect(failedStep(sample(), nodes.slice(0, 3))).toBeUndefined()
})

test('what was undone since is not taken over, nor what came after it', () => {
  const undone = undoneIn([
    { node: 'read', undoes: false, state: 'completed' },
    { node: 'ask', undoes: true, state: 'completed' },
    // what could not be undone was not
    { node: 'read', undoes: true, state: 'failed' },
  ])
  expect(takenOver(sample(), nodes, 'every', undone)).toMatchObject({
    begins: 'every',
    taken: ['read'],
    undone: ['ask'],
  })
  const first = undoneIn([{ node: 'read', undoes: true, state: 'completed' }])
  expect(takenOver(sample(), nodes, 'every', first)).toMatchObject({ taken: [], undone: ['read'] })
  expect(takenOver(sample(), nodes, 'read', undone)).toMatchObject({ undone: [] })
})
