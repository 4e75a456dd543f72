import { expect, test } from 'vitest'
import { usualBackoff, waitFor } from './backoff.ts'

test('waits double from try to try, up to a ceiling', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 400].map((n) => waitFor(n, usualBackoff, () => 1))
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
})

test('viewers of a dead server spread over half of the wait and never come at once', () => {
  expect(waitFor(2, usualBackoff, () => 0)).toBe(1000)
  expect(waitFor(2, usualBackoff, () => 0.999)).toBeCloseTo(1999, 0)
})
