import { calcPrice, findProvider, type Provider } from '@pydantic/genai-prices'
import { kinds, type KindName } from '#schemas/gateway/kinds/index.ts'
import type { Tokens } from './usage.ts'

/** The book that prices come from, with its edition. */
export const priceBook = 'genai-prices 0.1.8'

const books = new Map<KindName, Provider | undefined>()
const bookOf = (kind: KindName): Provider | undefined => {
  if (!books.has(kind)) {
    const { prices } = kinds[kind]
    books.set(kind, prices === null ? undefined : findProvider({ providerId: prices }))
  }
  return books.get(kind)
}

/** What tokens cost at a provider's list price at `at` (ms since 1970), in billionths of a US dollar; null where no book has the model. */
export function costOf(kind: KindName, model: string, tokens: Tokens, at: number): number | null {
  const provider = bookOf(kind)
  if (provider === undefined) return null
  const usage = {
    input_tokens: tokens.input,
    cache_read_tokens: tokens.cached,
    cache_write_tokens: tokens.cacheWrite,
    output_tokens: tokens.output,
  }
  const price = calcPrice(usage, model, { provider, timestamp: new Date(at) })
  return price === null ? null : Math.round(price.total_price * 1e9)
}
