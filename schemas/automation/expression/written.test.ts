import { expect, test } from 'vitest'
import { evaluate } from '../expression.ts'

const at = (when: unknown, zone = 'America/Chicago') =>
  evaluate('day(input.when, input.zone) + " " + time(input.when, input.zone)', { input: { when, zone } })

test.each([
  [37905, '37,905'],
  [1_234_567.5, '1,234,567.50'],
  [99.999, '100'],
  [0, '0'],
  [-1200.25, '-1,200.25'],
  [999, '999'],
])('an amount of %s is written %s', (value, said) => {
  expect(evaluate('amount(input)', { input: value })).toBe(said)
})

test('a time is written as the clocks of the store show it, whatever zone it came in', () => {
  expect(at('2027-01-15T15:00:00-06:00')).toBe('Friday, January 15, 2027 3:00 PM')
  expect(at('2027-01-16T05:30:00Z')).toBe('Friday, January 15, 2027 11:30 PM')
  expect(at('2027-07-04T17:05:00Z')).toBe('Sunday, July 4, 2027 12:05 PM')
  expect(at('2027-07-04T05:00:00Z', 'Europe/London')).toBe('Sunday, July 4, 2027 6:00 AM')
  expect(evaluate('time(timestamp("2027-01-15T06:00:00Z"), "America/Chicago")', {})).toBe('12:00 AM')
})

test('a day without an hour stays that day in every zone', () => {
  expect(evaluate('day("2026-03-12", "Pacific/Honolulu")', {})).toBe('Thursday, March 12, 2026')
})

test('what is no time, and what is no zone, is said', () => {
  expect(() => at('soon')).toThrow('A time is needed here')
  expect(() => at(null)).toThrow('A time is needed here')
  expect(() => at('2027-01-15T15:00:00Z', 'Chicago')).toThrow('“Chicago” is no time zone')
})
