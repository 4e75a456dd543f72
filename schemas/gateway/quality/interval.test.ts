import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mixed, wilson } from './interval.ts'

const tally = fc
  .integer({ min: 1, max: 5000 })
  .chain((all) => fc.tuple(fc.integer({ min: 0, max: all }), fc.constant(all)))

test.each([
  // Newcombe 1998, table I, method 3
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i lies between %d and %d', (good, all, low, high) => {
  const of = wilson(good, all)!
  expect(of.low).toBeCloseTo(low, 4)
  expect(of.high).toBeCloseTo(high, 4)
})

test('of none there is no share', () => expect(wilson(0, 0)).toBeNull())

test('an interval holds its share, lies within 0 and 1, and grows narrower with more of the same', () => {
  fc.assert(
    fc.property(tally, ([good, all]) => {
      const [few, many] = [wilson(good, all)!, wilson(good * 9, all * 9)!]
      expect(few.low).toBeGreaterThanOrEqual(0)
      expect(few.high).toBeLessThanOrEqual(1)
      expect(few.low).toBeLessThanOrEqual(few.value)
      expect(few.high).toBeGreaterThanOrEqual(few.value)
      expect(many.high - many.low).toBeLessThan(few.high - few.low)
    }),
  )
})

test('what is turned around has the interval turned around', () => {
  fc.assert(
    fc.property(tally, ([good, all]) => {
      const [of, other] = [wilson(good, all)!, wilson(all - good, all)!]
      expect(of.low).toBeCloseTo(1 - other.high, 9)
    }),
  )
})

test('several together lie between them; one alone is itself, and an interval of several is no wider than theirs', () => {
  fc.assert(
    fc.property(tally, tally, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, weight) => {
      const [one, other] = [wilson(...a)!, wilson(...b)!]
      const both = mixed([
        { weight, of: one },
        { weight: 1 - weight, of: other },
      ])
      expect(both.value).toBeGreaterThanOrEqual(Math.min(one.value, other.value) - 1e-9)
      expect(both.value).toBeLessThanOrEqual(Math.max(one.value, other.value) + 1e-9)
      expect(both.low).toBeLessThanOrEqual(both.value)
      expect(both.high).toBeGreaterThanOrEqual(both.value)
      expect(both.high - both.low).toBeLessThanOrEqual(Math.max(one.high - one.low, other.high - other.low) + 1e-9)
      const alone = mixed([{ weight: 1, of: one }])
      expect(alone.low).toBeCloseTo(one.low, 12)
      expect(alone.high).toBeCloseTo(one.high, 12)
    }),
  )
})
