import { expect, test } from 'vitest'
import type { Node } from '#schemas/automation/definition.ts'
import type { CanvasNode, RunCanvas } from '#schemas/runs.ts'
import { namesIn, previewIn, previewOf } from './preview.ts'
import { sample } from './sample.ts'
import { walkedOver } from './walked.ts'

const at = '2026-11-21T10:00:00.000Z'
const ran = (node: string, iteration: string, output: unknown): CanvasNode => ({
  node,
  iteration,
  state: 'completed',
  startedAt: at,
  endedAt: at,
  about: null,
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

test('a field that is worked out for each entry of a list shows what it is for the first', () => {
  const cars: Node = { id: 'cars', kind: 'filter', with: { items: { cel: 'steps.read.body' } } }
  const names = namesIn(sample(), canvas, walkedOver(sample(), nodes, [], new Map()), 'ask')
  const show = (node: Node, shown = true) => previewIn(node, 'keep', { cel: 'item.id == 7' }, { names, shown })
  expect(show(cars)).toEqual({ value: true })
  expect(show({ ...cars, with: { items: [] } })).toBeUndefined()
})

test('of the latest run, which nobody asked for, only what a field came to is told', () => {
  const names = namesIn(sample(), canvas, walkedOver(sample(), nodes, [], new Map()), 'ask')
  const read: Node = { id: 'ask', kind: 'approval' }
  const show = (cel: string, shown: boolean) => previewIn(read, 'ask', { cel }, { names, shown })
  expect(show('steps.read.status', false)).toEqual({ value: 200 })
  expect(show('steps.read.nothing', false)).toBeUndefined()
  expect(show('steps.read.nothing', true)).toHaveProperty('problem')
  expect(show(' ', true)).toBeUndefined()
})
