import type { Saved } from '#schemas/gateway/costs.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import type { Models } from '../store-known.ts'
import type { Accounted } from './accounted.ts'
import { priceOf, type Priced, type Rates } from './price.ts'
import type { Tokens } from './usage.ts'

/** What was saved of a request, by the lever that saved it, in billionths of a US dollar; below 0 where it cost more. */
export type Savings = Partial<Saved>
const nothing: Saved = { cache: 0, promptCache: 0, routing: 0, marks: 0, trimming: 0 }

/**
 * What a request would have cost more without what saves, at the same number of tokens: at the price of the model that was asked
 * for where a rule chose another, with each token of the prompt read anew, and without the cache of answers. Null where nothing
 * was at work, or where a price is not known; nor of what has a price of its own beside text, whose share that is read anew is not told.
 */
export function savingsOf(row: Accounted, rates?: Rates): Saved | null {
  const { provider, kind, model, tokens, at, cache, usual, price, trimmed } = row
  if (tokens === null || provider === null || kind === null || model === null || price === null) return null
  if (tokens.apart !== undefined) return null
  const isAgain = cache != null && cache.how !== 'miss'
  if (!isAgain && usual == null && tokens.cached === 0 && tokens.cacheWrite === 0 && trimmed == null) return null
  const anew = { ...tokens, cached: 0, cacheWrite: 0 }
  const by: Priced = { provider, kind, model }
  const own = priceOf(by, tokens, at, rates)
  const ownAnew = priceOf(by, anew, at, rates)
  const usually = usual == null ? ownAnew : priceOf(usual, anew, at, rates)
  if (own === null || ownAnew === null || usually === null) return null
  // its provider would have read as much out of its own cache again
  const again = usual == null ? own : priceOf(usual, tokens, at, rates)
  if (isAgain) return again === null ? null : { ...nothing, cache: again.nano }
  const kept = ownAnew.nano - own.nano
  // a prompt that we have marked would not have been kept without
  const byMarks = row.marked === true
  return {
    ...nothing,
    promptCache: byMarks ? 0 : kept,
    marks: byMarks ? kept : 0,
    routing: usually.nano - ownAnew.nano,
    trimming:
      trimmed == null ? 0 : (priceOf(by, longer(tokens, trimmed.tokens), at, rates)?.nano ?? own.nano) - own.nano,
  }
}

/** With so many more tokens to read, of which the same share would have been cached. */
const longer = (tokens: Tokens, more: number): Tokens => {
  const times = (tokens.input + more) / Math.max(1, tokens.input)
  const grown = (count: number) => Math.round(count * times)
  return { ...tokens, input: tokens.input + more, cached: grown(tokens.cached), cacheWrite: grown(tokens.cacheWrite) }
}

/** Who answers for a name as a rule: of its first targets the one with the most weight. */
export function usualOf({ routes, providers }: Pick<Models, 'routes' | 'providers'>, name: string): Priced | null {
  const first = routes.get(name)?.targets.toSorted(before)[0]
  const slash = name.indexOf('/')
  const { provider, model } = first ?? { provider: name.slice(0, Math.max(0, slash)), model: name.slice(slash + 1) }
  const kind = providers.get(provider)?.kind
  return kind === undefined ? null : { provider, kind, model }
}

const before = (a: Target, b: Target): number => a.priority - b.priority || b.weight - a.weight
