import { expect, test } from 'vitest'
import { chartInWords, chartOf, gridStep } from './chart.ts'

const minute = (n: number, accepted: number, completed: number) => ({
  at: new Date(n * 60_000).toISOString(),
  accepted,
  completed,
})

test('the grid steps by round numbers and reaches the most', () => {
  expect([1, 4, 5, 9, 40, 90, 1234].map((most) => gridStep(most, 4))).toEqual([1, 1, 2, 5, 10, 50, 500])
  expect(chartOf([minute(0, 7, 3)])).toMatchObject({ top: 8, grid: [0, 2, 4, 6, 8] })
})

test('a quiet hour has a flat line on the ground, not a division by nothing', () => {
  const { bars, top } = chartOf([minute(0, 0, 0), minute(1, 0, 0)])
  expect(top).toBe(1)
  expect(bars.map(({ acceptedHeight, y }) => [acceptedHeight, y])).toEqual([
    [0, 1],
    [0, 1],
  ])
})

test('it can be heard', () => {
  expect(chartInWords([minute(0, 2, 1), minute(1, 5, 4)])).toBe(
    'In the last 2 minutes 7 leads were accepted and 5 runs completed. At most 5 were accepted in one minute.',
  )
})
