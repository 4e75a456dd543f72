import { expect, test } from 'vitest'
import { onClockOf, scheduleInWords } from './words.ts'

test.each([
  ['0 9 * * 1-5', 'on weekdays at 09:00'],
  ['30 14 * * *', 'every day at 14:30'],
  ['0 9,17 * * *', 'every day at 09:00 and 17:00'],
  ['0 9 * * 0,3', 'on Wednesdays and Sundays at 09:00'],
  ['0 9 1 * *', 'on day 1 of the month at 09:00'],
  ['0 9 1,15 1,7 *', 'on day 1 and 15 of the month in January and July at 09:00'],
  ['0 9 1 * 1', 'on day 1 of the month and on Mondays at 09:00'],
  ['0 9 * 6-8 *', 'every day in June to August at 09:00'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['*/7 * * * *', 'every 7 minutes from the full hour'],
  ['* * * * *', 'every minute'],
  ['0 * * * *', 'every hour on the hour'],
  ['5 */2 * * *', 'every 2 hours at 5 past the hour'],
  ['0 */5 * * *', 'every 5 hours from midnight on the hour'],
  ['*/30 9-17 * * 1-5', 'every 30 minutes in the hours 09 to 17 on weekdays'],
  ['0 8-18 * * 1-5', 'on the hour in the hours 08 to 18 on weekdays'],
  ['0 9 */2 * *', 'every 2 days from day 1 of the month at 09:00'],
])('%s is said as “%s”', (schedule, said) => {
  expect(scheduleInWords(schedule)).toBe(said)
})

test('it says whose clock; what is no schedule says nothing', () => {
  expect(scheduleInWords('0 9 * * 1-5', 'America/Chicago')).toBe('on weekdays at 09:00, Chicago time')
  expect(scheduleInWords('0 9 * * 1-5', 'America/Argentina/Buenos_Aires')).toContain('Buenos Aires time')
  expect(scheduleInWords('0 9 * * 1-5', 'UTC')).toBe('on weekdays at 09:00, UTC')
  expect(scheduleInWords('0 9 30 2 *')).toBeUndefined()
})

test('a moment is told on the clock of its zone', () => {
  const at = Date.parse('2026-11-23T15:00:00Z')
  expect(onClockOf('America/Chicago', at)).toBe('Mon 23 Nov 2026, 09:00')
  expect(onClockOf('Asia/Kolkata', at)).toBe('Mon 23 Nov 2026, 20:30')
})
