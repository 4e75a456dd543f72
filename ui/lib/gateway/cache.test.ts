import { expect, test } from 'vitest'
import { binsOf, hitRate, inUnits, lifeText, lookedUp, percentText, roomText, secondsOf, sumOf } from './cache.ts'

const point = (at: string, more: object = {}) => ({
  at,
  exact: 0,
  semantic: 0,
  missed: 0,
  saved: 0,
  audited: 0,
  wrong: 0,
  ...more,
})

test('seconds are said in the largest unit that is whole', () => {
  expect([1, 60, 90, 3600, 5400, 86_400, 172_800].map(lifeText)).toEqual([
    '1 second',
    '1 minute',
    '90 seconds',
    '1 hour',
    '90 minutes',
    '1 day',
    '2 days',
  ])
  for (const seconds of [1, 59, 60, 61, 3600, 86_400, 2_592_000]) {
    const { count, unit } = inUnits(seconds)
    expect(secondsOf(count, unit)).toBe(seconds)
  }
})

test('room is said in mebibytes', () => {
  expect([67_108_864, 1_572_864, 10_737_418_240].map(roomText)).toEqual(['64 MiB', '1.5 MiB', '10,240 MiB'])
})

test('shares are said in percent', () => {
  expect([0, 0.001, 0.0345, 0.1, 0.666, 1].map(percentText)).toEqual(['0%', '0.1%', '3.5%', '10%', '67%', '100%'])
})

test('hours without a request stand between the others, and what was saved adds up', () => {
  const now = Date.parse('2026-11-22T15:40:00Z')
  const points = [
    point('2026-11-22T13:00:00.000Z', { exact: 3, missed: 1, saved: 0.25 }),
    point('2026-11-22T15:00:00.000Z', { semantic: 1, missed: 3, saved: 0.5 }),
  ]
  const bins = binsOf(points, 'hour', 1, now)
  expect(bins).toHaveLength(24)
  expect(bins.slice(-3)).toMatchObject([
    { at: Date.parse('2026-11-22T13:00:00Z'), exact: 3, savedSoFar: 0.25 },
    { exact: 0, missed: 0, savedSoFar: 0.25 },
    { at: Date.parse('2026-11-22T15:00:00Z'), semantic: 1, savedSoFar: 0.75 },
  ])
  expect(bins[0]!.at).toBe(Date.parse('2026-11-21T16:00:00Z'))
  expect(binsOf([], 'day', 30, now)).toHaveLength(30)
  expect([hitRate(sumOf(points)), lookedUp(sumOf(points))]).toEqual([0.5, 8])
  expect(hitRate(sumOf([]))).toBeNull()
})
