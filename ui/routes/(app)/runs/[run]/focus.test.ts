import { expect, test } from 'vitest'
import type { CanvasNode, Step } from '#schemas/runs.ts'
import { sample } from '#ui/lib/automation/sample.ts'
import { readSelection } from '#ui/lib/automation/selection.ts'
import { walkedOver } from '#ui/lib/automation/walked.ts'
import { childRunOf } from './child-run.ts'
import { focusOf, selectionOf, titleOfFocus } from './focus.ts'
import { isDrawn, stepOf } from './step-of.ts'

const definition = sample()
const node = (id: string, iteration: string): CanvasNode => ({
  node: id,
  iteration,
  state: 'completed',
  startedAt: null,
  endedAt: null,
  about: null,
  skippedBy: null,
  ports: ['out'],
  output: iteration,
  failure: null,
})
const step = (id: string, of: string, iteration: string) =>
  ({ id, node: of, iteration, state: 'completed', attempts: [{}] }) as unknown as Step
const steps = [step('run_1:5', 'tell', '1'), step('run_1:9', 'tell', '2')]
const walked = walkedOver(definition, [node('read', '0'), node('tell', '1'), node('tell', '2')], steps, new Map())

test('a bar leads to its node in its turn, and a node to its last bar', () => {
  const focus = focusOf(definition, { of: 'step', step: 'run_1:5' }, steps, walked)
  expect(focus).toMatchObject({ of: 'node', id: 'tell', iteration: '1', state: { output: '1' }, steps: [steps[0]] })
  expect(stepOf({ of: 'node', node: 'tell', iteration: '2' }, steps)).toBe('run_1:9')
  expect(stepOf({ of: 'edge', edge: 'read:out>ask' }, steps)).toBeUndefined()
})

test('a step that is named without its turn is looked at in the turn in which it failed', () => {
  const failed = { ...node('tell', '1'), state: 'failed' as const }
  const late = walkedOver(definition, [node('read', '0'), failed, node('tell', '2')], steps, new Map())
  const focus = focusOf(definition, readSelection('tell#'), steps, late)
  expect(focus).toMatchObject({ id: 'tell', iteration: '1', state: { state: 'failed' }, steps: [steps[0]] })
  expect(focusOf(definition, readSelection('tell#'), steps, walked)).toMatchObject({ iteration: '2' })
})

test('a click on the drawing chooses the turn that is shown, or what flowed along an edge', () => {
  expect(selectionOf(definition, 'tell', walked)).toEqual({ of: 'node', node: 'tell', iteration: '2' })
  const edge = focusOf(definition, selectionOf(definition, 'read:out>ask', walked), steps, walked)
  expect(edge).toMatchObject({ of: 'edge', state: { node: 'read' } })
  expect(titleOfFocus(edge)).toBe('From Read to ask')
  expect(focusOf(definition, { of: 'node', node: 'gone', iteration: '0' }, steps, walked)).toBeUndefined()
})

test('what was asked of the run as a whole is not looked for on its drawing', () => {
  expect(isDrawn({ node: 'record', type: 'crm.record', kind: 'activity' })).toBe(true)
  expect(isDrawn({ node: 'timer', type: 'timer', kind: 'timer' })).toBe(true)
  expect(isDrawn({ node: 'control', type: 'control', kind: 'update' })).toBe(false)
})

test('a step that started a run leads to it', () => {
  expect(childRunOf({ input: [{ run: 'run_2', page: {} }], output: null })).toBe('run_2')
  expect(childRunOf({ input: null, output: { run: 'run_3' } })).toBe('run_3')
  expect(childRunOf({ input: { run: 7 }, output: 'x' })).toBeUndefined()
})

test('a step of a loop in pages leads to the loop, where its runs are', () => {
  const paged = [...steps, { ...step('run_1:3', 'every', '0'), kind: 'child' } as Step]
  const focus = focusOf(definition, { of: 'node', node: 'tell', iteration: '0' }, paged, walked)
  expect(focus).toMatchObject({ state: undefined, paged: { id: 'every' } })
  expect(focusOf(definition, { of: 'node', node: 'read', iteration: '0' }, paged, walked)).toMatchObject({
    paged: undefined,
  })
})
