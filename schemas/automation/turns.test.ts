import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Definition } from './definition.ts'
import { countIn, isAmong, joinTurns, nextTurn, turnBefore, turnsIn, turnsSeen, type TurnRange } from './turns.ts'

const definition: Definition = {
  format: 1,
  name: 'T',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'outer', kind: 'loop' },
    { id: 'inner', kind: 'loop', within: 'outer' },
    { id: 'side', kind: 'parallel', within: 'inner' },
    { id: 'say', kind: 'map', within: 'side' },
  ],
  edges: [],
}
const of = (
  loop: string,
  within: string,
  ...nodes: [string, string, 'completed' | 'failed' | 'running' | 'skipped' | 'disabled'][]
) =>
  turnsSeen(
    definition,
    loop,
    within,
    nodes.map(([node, iteration, state]) => ({ node, iteration, state })),
  )

test('the turns of a loop are counted by what in them wants to be looked at most', () => {
  const nodes = [
    ['outer', '0', 'running'],
    ['inner', '1', 'completed'],
    ['say', '1.1', 'completed'],
    ['say', '1.2', 'failed'],
    ['inner', '2', 'running'],
    ['say', '2.1', 'skipped'],
    ['say', '12.1', 'disabled'],
  ] as const
  expect(of('outer', '0', ...nodes.map((one) => [...one] as [string, string, 'completed']))).toEqual({
    begun: [
      [1, 2],
      [12, 12],
    ],
    failed: [[1, 1]],
    counts: { failed: 1, running: 1, completed: 1 },
    nodes: { inner: { completed: 1, running: 1 }, say: { completed: 1, failed: 1, skipped: 1, disabled: 1 } },
  })
  // one loop in another: in its turn alone
  expect(of('inner', '1', ...nodes.map((one) => [...one] as [string, string, 'completed']))).toEqual({
    begun: [[1, 2]],
    failed: [[2, 2]],
    counts: { completed: 1, failed: 1 },
    nodes: { say: { completed: 1, failed: 1 } },
  })
})

test('parts of a loop put together are the loop, and walking its turns comes to each of them once', () => {
  const turns = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 })
  fc.assert(
    fc.property(turns, fc.array(fc.boolean()), (all, splits) => {
      const nodes = all.map((turn) => ['inner', `${turn}`, turn % 7 === 0 ? 'failed' : 'completed'] as const)
      const parts = [true, false].map((side) =>
        of(
          'outer',
          '0',
          ...nodes
            .filter((_, at) => (splits[at] ?? false) === side)
            .map((one) => [...one] as [string, string, 'failed']),
        ),
      )
      const whole = joinTurns(parts)
      expect(whole).toEqual(of('outer', '0', ...nodes.map((one) => [...one] as [string, string, 'failed'])))
      const sorted = all.toSorted((a, b) => a - b)
      const forth: number[] = []
      for (let at = nextTurn(whole.begun, 0); at !== undefined; at = nextTurn(whole.begun, at)) forth.push(at)
      const back: number[] = []
      for (let at = turnBefore(whole.begun, 99); at !== undefined; at = turnBefore(whole.begun, at)) back.unshift(at)
      expect([forth, back, turnsIn(whole.begun, 1000)]).toEqual([sorted, sorted, sorted])
      expect(countIn(whole.begun)).toBe(all.length)
      expect(sorted.every((turn) => isAmong(whole.begun, turn))).toBe(true)
      expect(countIn(whole.failed)).toBe(all.filter((turn) => turn % 7 === 0).length)
    }),
    { seed: 5, numRuns: 200 },
  )
  const ranges: TurnRange[] = [[3, 500]]
  expect([isAmong(ranges, 2), isAmong(ranges, 501), turnsIn(ranges, 2)]).toEqual([false, false, [3, 4]])
})
