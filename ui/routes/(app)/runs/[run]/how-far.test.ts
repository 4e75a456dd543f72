import { expect, test } from 'vitest'
import type { TurnsSeen } from '#schemas/automation/turns.ts'
import type { CanvasNode } from '#schemas/runs.ts'
import { sample } from '#ui/lib/automation/sample.ts'
import { walkedOver } from '#ui/lib/automation/walked.ts'
import { countsOf } from './how-far.ts'

const node = (id: string, state: CanvasNode['state'], iteration = '0'): CanvasNode => ({
  node: id,
  iteration,
  state,
  startedAt: null,
  endedAt: null,
  about: null,
  skippedBy: null,
  ports: ['out'],
  output: null,
  failure: null,
})
const turns: TurnsSeen = { begun: [[1, 3]], failed: [], counts: {}, nodes: { tell: { completed: 2, disabled: 1 } } }

test('what is switched off is not counted among what is done, nor where a loop is worked through in pages', () => {
  const definition = sample()
  const all = [node('start', 'completed'), node('read', 'disabled'), node('tell', 'disabled', '1')]
  const counts = countsOf(definition, walkedOver(definition, all, [], new Map()))
  expect(counts).toEqual([{ state: 'completed', count: 1 }])
  const paged = walkedOver(definition, all.slice(0, 2), [], new Map(), new Map([['every', turns]]))
  expect(countsOf(definition, paged)).toEqual([{ state: 'completed', count: 3 }])
})
