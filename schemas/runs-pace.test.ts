import { expect, test } from 'vitest'
import { lastsFor, paceOf } from './runs-pace.ts'

test.each([1, 7, 59, 60, 61, 119, 120, 1000, 6000])('%i runs a minute are no more and hardly fewer', (perMinute) => {
  const { runs, waitMs } = paceOf(perMinute)
  const real = (runs * 60_000) / waitMs
  expect(real).toBeLessThanOrEqual(perMinute)
  expect(real).toBeGreaterThan(perMinute * 0.99)
})

test('a batch lasts as long as its rounds, and one round does not wait', () => {
  expect(lastsFor(1, 1)).toBe(0)
  expect(lastsFor(3, 1)).toBe(120_000)
  expect(lastsFor(2, 120)).toBe(0)
  expect(lastsFor(3000, 120)).toBe(1499 * 1000)
})
