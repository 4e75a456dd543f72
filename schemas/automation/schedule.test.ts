import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextTimes, zoneNamed } from './schedule.ts'
import { readSchedule, type Schedule } from './schedule/read.ts'

const at = (iso: string): number => Date.parse(iso)
const next = (schedule: string, zone: string, after: string, most = 3): string[] =>
  nextTimes(schedule, zone, at(after), most).map((ms) => new Date(ms).toISOString())

test('the next weekday at nine is nine by the clock of its zone, in summer and in winter', () => {
  expect(next('0 9 * * 1-5', 'America/Chicago', '2026-10-30T13:59:59Z')).toEqual([
    '2026-10-30T14:00:00.000Z',
    '2026-11-02T15:00:00.000Z',
    '2026-11-03T15:00:00.000Z',
  ])
  expect(next('0 9 * * mon-fri', 'Asia/Kolkata', '2026-10-30T13:59:59Z', 1)).toEqual(['2026-11-02T03:30:00.000Z'])
})

test('who comes at the very moment waits for the one after it', () => {
  expect(next('0 9 * * *', 'UTC', '2026-11-21T09:00:00Z', 1)).toEqual(['2026-11-22T09:00:00.000Z'])
  expect(next('0 9 * * *', 'UTC', '2026-11-21T08:59:59.999Z', 1)).toEqual(['2026-11-21T09:00:00.000Z'])
})

test('a time that the spring leaves out comes right after the gap', () => {
  const gap = '2026-03-08T05:30:00Z'
  expect(next('30 2 * * *', 'America/Chicago', gap, 2)).toEqual([
    '2026-03-08T08:00:00.000Z',
    '2026-03-09T07:30:00.000Z',
  ])
  expect(next('30 2,14 * * *', 'America/Chicago', gap, 2)).toEqual([
    '2026-03-08T08:00:00.000Z',
    '2026-03-08T19:30:00.000Z',
  ])
})

test('a time that the autumn has twice comes once, at the first; what comes every half hour goes on through both', () => {
  const twice = '2026-11-01T05:45:00Z'
  expect(next('30 1 * * *', 'America/Chicago', twice, 2)).toEqual([
    '2026-11-01T06:30:00.000Z',
    '2026-11-02T07:30:00.000Z',
  ])
  expect(next('0,30 1 * * *', 'America/Chicago', '2026-11-01T06:40:00Z', 1)).toEqual(['2026-11-02T07:00:00.000Z'])
  expect(next('*/30 * * * *', 'America/Chicago', twice, 5)).toEqual([
    '2026-11-01T06:00:00.000Z',
    '2026-11-01T06:30:00.000Z',
    '2026-11-01T07:00:00.000Z',
    '2026-11-01T07:30:00.000Z',
    '2026-11-01T08:00:00.000Z',
  ])
})

test('with a day of the month and a day of the week it comes on either', () => {
  expect(next('0 9 1 * 1', 'UTC', '2026-11-28T00:00:00Z')).toEqual([
    '2026-11-30T09:00:00.000Z',
    '2026-12-01T09:00:00.000Z',
    '2026-12-07T09:00:00.000Z',
  ])
})

test('29 February waits for the leap year', () => {
  expect(next('0 9 29 2 *', 'UTC', '2096-03-01T00:00:00Z', 1)).toEqual(['2104-02-29T09:00:00.000Z'])
})

test('a zone is named as IANA names it; an offset or a place on Mars is none', () => {
  expect(['America/Chicago', 'america/chicago', 'UTC', 'Mars/Base', '+05:30', '', 'CST6CDT;x'].map(zoneNamed)).toEqual([
    'America/Chicago',
    'America/Chicago',
    'UTC',
    null,
    null,
    null,
    null,
  ])
  expect(next('0 9 * * *', 'Mars/Base', '2026-11-28T00:00:00Z')).toEqual([])
})

const part = (from: number, to: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 2, max: Math.min(to - from, 7) }).map((step) => `*/${step}`),
    fc.integer({ min: from, max: to }).map(String),
    fc
      .tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to }))
      .map(([a, b]) => (a < b ? `${a}-${b}` : `${b},${a}`)),
  )

test('whatever is read as a schedule comes, later than now and at a time that it names', () => {
  const schedules = fc
    .tuple(part(0, 59), part(0, 23), part(1, 28), part(1, 12), part(0, 7))
    .map((parts) => parts.join(' '))
  const moments = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(schedules, moments, (text, after) => {
      const schedule = readSchedule(text) as Schedule
      const [ms = 0] = nextTimes(text, 'UTC', after.getTime(), 1)
      expect(ms).toBeGreaterThan(after.getTime())
      const came = new Date(ms)
      const { minute, hour, day, month, weekday } = schedule
      expect(minute.values).toContain(came.getUTCMinutes())
      expect(hour.values).toContain(came.getUTCHours())
      expect(month.values).toContain(came.getUTCMonth() + 1)
      const [onDay, onWeekday] = [day.values.includes(came.getUTCDate()), weekday.values.includes(came.getUTCDay())]
      expect(day.text !== '*' && weekday.text !== '*' ? onDay || onWeekday : onDay && onWeekday).toBe(true)
    }),
    { seed: 21, numRuns: 200 },
  )
})
