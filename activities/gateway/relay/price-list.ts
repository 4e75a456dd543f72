import { findProvider, type ConditionalPrice, type ModelInfo, type ModelPrice as Rates } from '@pydantic/genai-prices'
import { kinds, type KindName } from '#schemas/gateway/kinds/index.ts'
import type { ListedModel, ListedPeriod, ListedRate } from '#schemas/gateway/price-list.ts'

/** What a kind of provider lists, by the price book; nothing where that has no list of it. Those that are not sold any more stand last. */
export function listedModels(kind: KindName): ListedModel[] {
  const { prices } = kinds[kind]
  const book = prices === null ? undefined : findProvider({ providerId: prices })
  return (book?.models ?? [])
    .map(toListed)
    .toSorted((a, b) => Number(a.deprecated) - Number(b.deprecated) || a.model.localeCompare(b.model, 'en'))
}

const toListed = ({ id, name, context_window: context, deprecated, prices }: ModelInfo): ListedModel => ({
  model: id,
  title: name ?? null,
  context: context ?? null,
  deprecated: deprecated === true,
  periods: (Array.isArray(prices) ? prices : [{ prices }]).map(toPeriod),
})

const toPeriod = ({ constraint, prices }: ConditionalPrice): ListedPeriod => ({
  from: constraint?.type === 'start_date' ? new Date(`${constraint.start_date}T00:00:00Z`).toISOString() : null,
  hours: constraint?.type === 'time_of_date' ? { from: constraint.start_time, to: constraint.end_time } : null,
  rates: Object.entries(prices).flatMap(toRate),
})

const units = { mtok: 'million_tokens', kcount: 'thousand', kpages: 'thousand', hours: 'hour' } as const

/** `cache_read_mtok` is “cache read”, for a million tokens. */
const toRate = ([key, price]: [string, Rates[string]]): ListedRate[] => {
  const end = key.slice(key.lastIndexOf('_') + 1)
  if (price === undefined || !isUnit(end)) return []
  const of = key.slice(0, key.lastIndexOf('_')).replaceAll('_', ' ')
  if (typeof price === 'number') return [{ of, per: units[end], price, above: [] }]
  return [
    {
      of,
      per: units[end],
      price: price.base,
      above: price.tiers.map(({ start, price: more }) => ({ tokens: start, price: more })),
    },
  ]
}

const isUnit = (end: string): end is keyof typeof units => Object.hasOwn(units, end)
