import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextTimes } from '#schemas/automation/schedule.ts'
import { begin, hourSteps, minuteSteps, readChoice, writeChoice, type Choice } from './choice.ts'

const two = (n: number) => String(n).padStart(2, '0')
const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${two(h)}:${two(m)}`)
const choices: fc.Arbitrary<Choice> = fc.oneof(
  fc.record({ every: fc.constant('minutes' as const), count: fc.constantFrom(...minuteSteps) }),
  fc.record({ every: fc.constant('hours' as const), count: fc.constantFrom(...hourSteps), minute: fc.nat(59) }),
  fc.record({ every: fc.constantFrom('day' as const, 'weekday' as const), time }),
  fc.record({ every: fc.constant('month' as const), day: fc.integer({ min: 1, max: 31 }), time }),
  fc.record({
    every: fc.constant('week' as const),
    days: fc
      .uniqueArray(fc.nat(6), { minLength: 1, maxLength: 6 })
      .map((days) => days.toSorted((a, b) => a - b))
      .filter((days) => days.join() !== '1,2,3,4,5'),
    time,
  }),
)

test('what is chosen is what is shown when it is opened again', () => {
  fc.assert(
    fc.property(choices, (choice) => {
      expect(readChoice(writeChoice(choice))).toEqual(choice)
    }),
    { seed: 5 },
  )
})

test('a schedule written in another way is shown as the choice that means the same, or as it is written', () => {
  const after = Date.parse('2026-02-20T04:30:00Z')
  for (const text of [
    '0 9 * * MON-FRI',
    '05 7 * * 0-4/2',
    '*/15 * * * *',
    '30 */2 * * *',
    '0 18 31 * *',
    '0 8 * * 7',
  ]) {
    const choice = readChoice(text)
    expect(choice).not.toBeNull()
    for (const zone of ['America/Chicago', 'Asia/Kolkata'])
      expect(nextTimes(writeChoice(choice as Choice), zone, after, 60)).toEqual(nextTimes(text, zone, after, 60))
  }
  const beyond = ['0 9,17 * * *', '0 9 1,15 * *', '0 9 1 * 1', '0 9 * 3 *', '*/7 * * * *', '0 */5 * * *', '0 9 * *']
  expect(beyond.map(readChoice)).toEqual(beyond.map(() => null))
})

test('another sort of choice keeps the time of day', () => {
  expect(begin('month', '30 14 * * 1-5')).toEqual({ every: 'month', day: 1, time: '14:30' })
  expect(begin('weekday', '')).toEqual({ every: 'weekday', time: '09:00' })
  expect(begin('hours', '*/5 * * * *')).toEqual({ every: 'hours', count: 1, minute: 0 })
})
