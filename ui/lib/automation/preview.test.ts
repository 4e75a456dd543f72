import { expect, test } from 'vitest'
import type { CanvasNode, RunCanvas } from '#schemas/runs.ts'
import { namesIn, previewOf } from './preview.ts'
import { sample } from './sample.ts'
import { walkedOver } from './walked.ts'

const at = '2026-11-21T10:00:00.000Z'
const ran = (node: string, iteration: string, output: unknown): CanvasNode => ({
  node,
  iteration,
  state: 'completed',
  startedAt: at,
  endedAt: at,
  skippedBy: null,
  ports: ['out'],
  output,
  failure: null,
})
const nodes = [
  ran('start', '0', { dealer: 'North' }),
  ran('read', '0', { status: 200, body: [{ id: 7 }, { id: 8 }] }),
  ran('every', '0', []),
  ran('tell', '1', null),
  ran('tell', '2', null),
]
const canvas = { automation: 'aut_1', versionNumber: 3, variables: { seen: 2 }, nodes } as unknown as RunCanvas

test('fields show what they came to in the last run, in the turn that is looked at', () => {
  const show = (turn: number, value: unknown) => {
    const walked = walkedOver(sample(), nodes, [], new Map([['every', turn]]))
    return previewOf(value, namesIn(sample(), canvas, walked, 'tell'))
  }
  expect(show(2, { cel: 'item.id' })).toEqual({ value: 8 })
  expect(show(1, { text: 'car {{ item.id }} at {{ input.dealer }}, {{ vars.seen }} seen' })).toEqual({
    value: 'car 7 at North, 2 seen',
  })
  expect(show(1, { cel: 'loops.every.index' })).toEqual({ value: 0 })
  expect(show(1, 'plain')).toBeUndefined()
})

test('an expression that comes to nothing says why', () => {
  const walked = walkedOver(sample(), nodes, [], new Map())
  const said = previewOf({ cel: 'steps.read.nothing' }, namesIn(sample(), canvas, walked, 'ask'))
  expect(said).toMatchObject({ problem: expect.stringContaining('nothing') as string })
})
