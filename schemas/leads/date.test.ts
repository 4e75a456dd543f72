import { expect, test } from 'vitest'
import { readDate } from './date.ts'

test.each([
  ['2008-06-25T8:47:50', '2008-06-25T08:47:50.000Z', true],
  ['2008-06-25T08:47:50-0500', '2008-06-25T13:47:50.000Z', false],
  ['2008-06-25T08:47:50.25-05:00', '2008-06-25T13:47:50.250Z', false],
  ['2008-06-25T08:47:50Z', '2008-06-25T08:47:50.000Z', false],
  ['2008-06-25 08:47 EST', '2008-06-25T13:47:00.000Z', false],
  ['20080625T084750Z', '2008-06-25T08:47:50.000Z', false],
  ['2008-06-25', '2008-06-25T00:00:00.000Z', true],
  ['6/25/2008 8:47:50 PM', '2008-06-25T20:47:50.000Z', true],
  ['6/25/08 12:05 am', '2008-06-25T00:05:00.000Z', true],
  ['25.06.2008 08:47', '2008-06-25T08:47:00.000Z', true],
  ['Wed, 25 Jun 2008 08:47:50 -0500', '2008-06-25T13:47:50.000Z', false],
  ['June 25, 2008 8:47 PM PDT', '2008-06-26T03:47:00.000Z', false],
])('%s is %s', (text, iso, zoneAssumed) =>
  expect(readDate(text)).toMatchObject({ iso, zoneAssumed, orderAssumed: false }),
)

test('a month above twelve can only be a day, and that is said', () =>
  expect(readDate('25/06/2008')).toMatchObject({ iso: '2008-06-25T00:00:00.000Z', orderAssumed: true }))

test.each(['', 'soon', '2008-02-30', '2008-13-01', '1/1/1', '2008-06-25T25:00', '2008-06-25 10:61', '12345'])(
  '%j is no date',
  (text) => expect(readDate(text)).toBeNull(),
)
