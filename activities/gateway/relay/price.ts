import { calcPrice, findProvider, type Provider } from '@pydantic/genai-prices'
import { kinds, type KindName } from '#schemas/gateway/kinds/index.ts'
import type { Tokens } from './usage.ts'

/** What something costs, in billionths of a US dollar, and the book that says so, with its edition. */
export type Price = { nano: number; book: string }

const listed = 'genai-prices 0.1.8'
const free: Price = { nano: 0, book: 'free of charge' }

const books = new Map<KindName, Provider | undefined>()
const bookOf = (kind: KindName): Provider | undefined => {
  if (!books.has(kind)) {
    const { prices } = kinds[kind]
    books.set(kind, prices === null ? undefined : findProvider({ providerId: prices }))
  }
  return books.get(kind)
}

const million = 1_000_000
const none: Tokens = { input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }

/** In US dollars for a million tokens at a provider's list price; null where no book has the model. */
export function listPriceOf(kind: KindName, model: string, at: number): { input: number; output: number } | null {
  const input = priceOf(kind, model, { ...none, input: million }, at)
  const output = priceOf(kind, model, { ...none, output: million }, at)
  return input === null || output === null ? null : { input: input.nano / 1e9, output: output.nano / 1e9 }
}

/** What tokens cost at a provider's list price at `at` (ms since 1970); null where no book has the model. */
export function priceOf(kind: KindName, model: string, tokens: Tokens, at: number): Price | null {
  if (kind === 'sandbox') return free
  const provider = bookOf(kind)
  if (provider === undefined) return null
  const usage = {
    input_tokens: tokens.input,
    cache_read_tokens: tokens.cached,
    cache_write_tokens: tokens.cacheWrite,
    output_tokens: tokens.output,
  }
  const price = calcPrice(usage, model, { provider, timestamp: new Date(at) })
  return price === null ? null : { nano: Math.round(price.total_price * 1e9), book: listed }
}
