import { expect, test } from 'vitest'
import { backOff } from './back-off.ts'

test('the rest doubles with each failure, and stays at ten seconds', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => backOff(failures, () => 1))
  expect(longest).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
})

test('half of the rest is left to chance', () => {
  expect(backOff(3, () => 0)).toBe(1000)
  expect(backOff(3, () => 0.5)).toBe(1500)
})
