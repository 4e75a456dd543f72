import { expect, test } from 'vitest'
import { burnDownOf } from './burn-down.ts'

const hour = 3_600_000
const noon = Date.parse('2026-11-22T12:00:00Z')
const day = (...spent: number[]) => ({
  per: 'day' as const,
  beganAt: '2026-11-22T00:00:00.000Z',
  anewAt: '2026-11-23T00:00:00.000Z',
  points: spent.map((sum, n) => ({ at: new Date(noon - (spent.length - n) * hour).toISOString(), spent: sum })),
})

test('at its pace it is used up before the window ends, and it is said when', () => {
  const { forecast, points } = burnDownOf(day(4, 8), 10, noon)
  expect(points.map(({ left }) => left)).toEqual([10, 6, 2, 2])
  expect(new Date(forecast!.usedUpAt!).toISOString()).toBe('2026-11-22T15:00:00.000Z')
})

test('at its pace it lasts', () => {
  expect(burnDownOf(day(2), 10, noon).forecast).toEqual({
    to: { at: Date.parse('2026-11-23T00:00:00Z'), left: 6 },
    usedUpAt: null,
  })
})

test('nothing spent is nothing to go by, and what is used up is not forecast', () => {
  expect(burnDownOf(day(), 10, noon).forecast).toBeNull()
  expect(burnDownOf(day(12), 10, noon)).toMatchObject({ forecast: null, points: [{}, { left: 0 }, { left: 0 }] })
})
