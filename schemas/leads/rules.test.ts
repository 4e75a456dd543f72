import { expect, test } from 'vitest'
import { bounds, LeadReading, parseLead, readByRules } from './index.ts'

const read = (customer: object, rest: object = {}) =>
  readByRules(
    parseLead(
      JSON.stringify({ provider: 'P', customer: { name: 'Jane Doe', ...customer }, ...rest }),
      'application/json',
    ).lead,
  )
const vehicle = { year: 2021, make: 'Honda', model: 'Accord' }

test.each([
  ['Can I come in for a test drive?', 'test_drive'],
  ['I need an oil change', 'service'],
  ['What would the monthly payment be?', 'finance'],
  ['I am trading in my truck', 'trade_in'],
  ['Is it still there?', 'buy'],
])('"%s" is read as %s', (comments, intent) => {
  const reading = read({ comments }, { vehicle })
  expect(LeadReading.parse(reading)).toEqual(reading)
  expect(reading.intent).toBe(intent)
})

test('without words the vehicles decide', () => {
  expect(read({}).intent).toBe('other')
  expect(read({}, { tradeIn: vehicle }).intent).toBe('trade_in')
  expect(read({}, { vehicle: { ...vehicle, interest: 'test-drive' } }).intent).toBe('test_drive')
  expect(read({}, { vehicle: { ...vehicle, interest: 'lease' } }).intent).toBe('finance')
  expect(read({}, { vehicle: { ...vehicle, finance: { monthly: 300 } } }).intent).toBe('finance')
})

test('haste and leisure are heard', () => {
  expect(read({ comments: 'Today please' }).urgency).toBe('high')
  expect(read({ timeframe: 'within 48 hours' }).urgency).toBe('high')
  expect(read({}, { status: 'resend' }).urgency).toBe('high')
  expect(read({ comments: 'no rush, just looking' }).urgency).toBe('low')
  expect(read({}).urgency).toBe('normal')
})

test('the reply names the customer, the vehicle and the dealer, and promises nothing', () => {
  const { reply, summary } = read(
    { comments: 'Is it there?' },
    { vehicle, tradeIn: { make: 'Ford' }, vendor: 'Lakeside' },
  )
  for (const word of ['Jane', '2021 Honda Accord', 'Ford', 'Lakeside']) expect(reply).toContain(word)
  expect(reply).not.toMatch(/is available|in stock|\$/)
  expect(summary).toContain('Jane Doe asks about the 2021 Honda Accord')
})

test('however long the lead, the reading keeps its bounds', () => {
  const reading = read({ comments: '😀'.repeat(1_999) })
  expect(reading.summary.length).toBeLessThanOrEqual(bounds.summary)
  expect(reading.summary.isWellFormed()).toBe(true)
})
