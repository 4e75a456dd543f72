import { expect, test } from 'vitest'
import type { CanvasNode, Step } from '#schemas/runs.ts'
import { withAbout } from './about.ts'
import { nameOf } from './names.ts'

const step = (node: string, iteration: string, part: string | null = null) =>
  ({ node, iteration, title: 'Check the car', part }) as Step
const node = (id: string, iteration: string, about: string | null) => ({ node: id, iteration, about }) as CanvasNode

test('a step in a loop says which turn it is of and what that is about; what is not known is left out', () => {
  const steps = [step('check', '1'), step('check', '2', 'Begin'), step('other', '0')]
  const canvas = { nodes: [node('check', '1', 'VIN1'), node('check', '2', null), node('other', '0', null)] }
  expect(withAbout(steps, canvas).map(nameOf)).toEqual([
    'Check the car · turn 1 · VIN1',
    'Check the car · turn 2 · Begin',
    'Check the car',
  ])
  expect(withAbout(steps, undefined).map(nameOf)[0]).toBe('Check the car · turn 1')
})
