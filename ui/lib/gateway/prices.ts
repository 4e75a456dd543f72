import type { ListedModel, ListedPeriod, ListedRate } from '#schemas/gateway/price-list.ts'
import type { ModelPrice } from '#schemas/gateway/prices.ts'
import { countText, costText } from './figures.ts'

/** The kinds of tokens that have a column of their own, as the price list calls them. */
export const priceColumns = {
  input: 'Input',
  'cache read': 'Cached',
  'cache write': 'Cache write',
  output: 'Output',
} as const

/** What is good at `now` (ms since 1970), and what is next. Hours of a day are told of beside it. */
export function periodsAt(
  { periods }: ListedModel,
  now: number,
): { now: ListedPeriod | undefined; next: ListedPeriod | undefined } {
  const days = periods.filter(({ hours }) => hours === null)
  const begun = days.filter(({ from }) => from === null || Date.parse(from) <= now)
  return { now: begun.at(-1) ?? periods[0], next: days.find(({ from }) => from !== null && Date.parse(from) > now) }
}

export const rateOf = ({ rates }: ListedPeriod, of: string): ListedRate | undefined =>
  rates.find((rate) => rate.of === of && rate.per === 'million_tokens')

/** The steps of a rate: `above 200,000 tokens $10.00`. */
export const stepsText = ({ above }: ListedRate): string =>
  above.map(({ tokens, price }) => `above ${tokens.toLocaleString('en')} tokens ${costText(price)}`).join(', ')

const per = { million_tokens: 'a million', thousand: 'a thousand', hour: 'an hour' } as const

/** What else has a price: `cache write 1h $10.00 a million`. */
export const otherRates = ({ rates }: ListedPeriod): string[] =>
  rates
    .filter((rate) => !(rate.per === 'million_tokens' && rate.of in priceColumns))
    .map((rate) => `${rate.of} ${costText(rate.price)} ${per[rate.per]}`)

export const contextText = (tokens: number | null): string => (tokens === null ? '–' : countText(tokens))

/** Which of the prices that somebody has set are good at `now`, are to come, or are over. */
export function standingOf(prices: readonly ModelPrice[], now: number): Map<string, 'now' | 'later' | 'over'> {
  const begun = prices.filter(({ since }) => Date.parse(since) <= now)
  const newest = Map.groupBy(begun, ({ provider, model }) => `${provider}/${model}`)
  const good = new Set(
    [...newest.values()].map((all) => all.toSorted((a, b) => Date.parse(b.since) - Date.parse(a.since))[0]?.id),
  )
  return new Map(prices.map(({ id, since }) => [id, Date.parse(since) > now ? 'later' : good.has(id) ? 'now' : 'over']))
}
