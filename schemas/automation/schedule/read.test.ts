import { expect, test } from 'vitest'
import { readSchedule } from './read.ts'

const wrong = (text: string) => {
  const read = readSchedule(text)
  if (!('wrong' in read)) throw new Error(`“${text}” is read.`)
  const { message, start, end, instead } = read.wrong
  return { message, at: text.slice(start, end), ...(instead === undefined ? {} : { instead }) }
}

test('five fields are read as the numbers that they stand for; Sunday is 0 and 7', () => {
  expect(readSchedule(' 0,30  9-17/4 1 jan,7-9 fri-sat,7 ')).toMatchObject({
    minute: { text: '0,30', values: [0, 30] },
    hour: { values: [9, 13, 17] },
    day: { values: [1] },
    month: { values: [1, 7, 8, 9] },
    weekday: { text: 'fri-sat,7', values: [0, 5, 6] },
  })
  expect(readSchedule('*/20 * * * 5-7')).toMatchObject({
    minute: { values: [0, 20, 40] },
    weekday: { values: [0, 5, 6] },
  })
})

test.each([
  ['60 * * * *', '60', 'has the minute “60”. It is from 0 to 59.'],
  ['0 9 * * 8', '8', 'has the day of the week “8”. It is from 0 to 7, or from sun to sat.'],
  ['0 9 * janu *', 'janu', 'has the month “janu”. It is from 1 to 12, or from jan to dec.'],
  ['0 9,17, * * *', '', 'has a comma too many in its hour.'],
  ['0 22-6 * * *', '22-6', 'has “22-6”, which runs backwards. Write it in two: 22-23,0-6.'],
  ['0 9 * * fri-mon', 'fri-mon', 'has “fri-mon”, which runs backwards. Write it in two: 5-6,0-1.'],
  ['0/15 * * * *', '0/15', 'has “0/15”. A step follows * or a range: 0-59/15.'],
  ['*/0 * * * *', '*/0', 'has the step “0” in its minute. It is from 1 to 60.'],
  ['0 9 L * *', 'L', 'has the day of the month “L”. It is from 1 to 31.'],
  ['0 9 * * 1#2', '1#2', 'has “1#2” for its day of the week. Write *, a number, a range such as 1-3, or */2.'],
  ['', '', 'has 0 fields, and needs five: minute, hour, day of the month, month, day of the week.'],
  ['tomorrow', 'tomorrow', 'has one field, and needs five: minute, hour, day of the month, month, day of the week.'],
])('%s is refused where it is wrong: “%s”', (text, at, message) => {
  expect(wrong(text)).toEqual({ at, message })
})

test('seconds and short names are refused, with what was meant where that is plain', () => {
  expect(wrong('0 0 9 * * 1')).toMatchObject({ message: expect.stringContaining('no seconds'), instead: '0 9 * * 1' })
  expect(wrong('30 0 9 * * 1')).not.toHaveProperty('instead')
  expect(wrong('@daily')).toMatchObject({ message: expect.stringContaining('“@daily”'), instead: '0 0 * * *' })
  expect(wrong('@reboot')).not.toHaveProperty('instead')
})

test('a day that no month has never comes; a day of the week beside it does', () => {
  expect(wrong('0 9 30 2 *').message).toBe('never comes: February has no day 30.')
  expect(wrong('0 9 31 4,6 *').message).toBe('never comes: April and June have no day 31.')
  expect(wrong('0 9 30-31 feb *').message).toBe('never comes: February has no day 30 or 31.')
  for (const comes of ['0 9 29 2 *', '0 9 31 4,5 *', '0 9 30 2 1']) expect(readSchedule(comes)).toHaveProperty('minute')
})
