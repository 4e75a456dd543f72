import { expect, test } from 'vitest'
import type { ListedModel, ListedPeriod } from '#schemas/gateway/price-list.ts'
import type { ModelPrice } from '#schemas/gateway/prices.ts'
import { otherRates, periodsAt, rateOf, standingOf, stepsText } from './prices.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const period = (from: string | null, price: number, more: Partial<ListedPeriod> = {}): ListedPeriod => ({
  from,
  hours: null,
  rates: [{ of: 'input', per: 'million_tokens', price, above: [] }],
  ...more,
})
const model = (...periods: ListedPeriod[]): ListedModel => ({
  model: 'm',
  title: null,
  context: null,
  deprecated: false,
  periods,
})

test('of what a model costs the last that has begun is good, and the first to come is next', () => {
  const [old, today, later, last] = [
    period(null, 1),
    period('2026-03-01T00:00:00.000Z', 2),
    period('2027-01-01T00:00:00.000Z', 3),
    period('2028-01-01T00:00:00.000Z', 4),
  ]
  expect(periodsAt(model(old, today, later, last), now)).toEqual({ now: today, next: later })
  expect(periodsAt(model(old), now)).toEqual({ now: old, next: undefined })
  const night = period(null, 5, { hours: { from: '16:30:00Z', to: '00:30:00Z' } })
  expect(periodsAt(model(old, night), now)).toEqual({ now: old, next: undefined })
  expect(periodsAt(model(later), now)).toEqual({ now: later, next: later })
  expect(periodsAt(model(), now)).toEqual({ now: undefined, next: undefined })
})

test('rates are told by kind, with their steps, and what has no column beside them', () => {
  const steps = { of: 'output', per: 'million_tokens', price: 25, above: [{ tokens: 200_000, price: 37.5 }] } as const
  const many: ListedPeriod = {
    ...period(null, 5),
    rates: [
      { of: 'input', per: 'million_tokens', price: 5, above: [] },
      { ...steps, above: [...steps.above] },
      { of: 'audio', per: 'hour', price: 0.36, above: [] },
      { of: 'web searches', per: 'thousand', price: 10, above: [] },
    ],
  }
  expect(rateOf(many, 'input')?.price).toBe(5)
  expect(rateOf(many, 'cache read')).toBeUndefined()
  expect(stepsText(many.rates[1]!)).toBe('above 200,000 tokens $37.50')
  expect(otherRates(many)).toEqual(['audio $0.36 an hour', 'web searches $10.00 a thousand'])
})

test('of the prices of one’s own the newest that has begun is good', () => {
  const price = (id: string, since: string, of = 'a'): ModelPrice =>
    ({ id, provider: 'p', model: of, since, input: 1, cached: 1, output: 1, createdAt: since }) satisfies ModelPrice
  const all = [
    price('3', '2027-01-01T00:00:00.000Z'),
    price('1', '2026-01-01T00:00:00.000Z'),
    price('2', '2026-06-01T00:00:00.000Z'),
    price('4', '2026-01-01T00:00:00.000Z', 'b'),
  ]
  expect([...standingOf(all, now)]).toEqual([
    ['3', 'later'],
    ['1', 'over'],
    ['2', 'now'],
    ['4', 'now'],
  ])
})
