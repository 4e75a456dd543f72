import type { KindName } from '#schemas/gateway/kinds/index.ts'
import { listedNano } from './listed.ts'
import type { Tokens } from './usage.ts'

/** What something costs, in billionths of a US dollar, and the book that says so, with its edition. */
export type Price = { nano: number; book: string }

/** What a tenant says that a model costs, from a time on (ms since 1970): billionths of a US dollar for a million tokens. `book`: what says so. */
export type Rate = { since: number; input: number; cached: number; output: number; book: string }
/** By provider and model, the newest first. */
export type Rates = ReadonlyMap<string, readonly Rate[]>

/** Which model of which provider. */
export type Priced = { provider: string; kind: KindName; model: string }

/** The price book and its edition. */
export const listed = 'genai-prices 0.1.8'
const free: Price = { nano: 0, book: 'free of charge' }

export const ownBook = (since: Date): string => `own price since ${since.toISOString().slice(0, 10)}`

export const rateName = (provider: string, model: string): string => `${provider}/${model}`

/**
 * What tokens cost at `at` (ms since 1970): by what the tenant says, else at the provider's list price; null where neither
 * has the model.
 */
export function priceOf({ provider, kind, model }: Priced, tokens: Tokens, at: number, rates?: Rates): Price | null {
  const rate = rates?.get(rateName(provider, model))?.find(({ since }) => since <= at)
  if (rate !== undefined) {
    const nano = (tokens.input - tokens.cached) * rate.input + tokens.cached * rate.cached + tokens.output * rate.output
    return { nano: Math.round(nano / 1e6), book: rate.book }
  }
  if (kind === 'sandbox') return free
  const nano = listedNano(kind, model, tokens, at)
  return nano === null ? null : { nano, book: listed }
}

/** A usual prompt: with more tokens, some prices are those of long ones. */
const thousand = 1_000
const none: Tokens = { input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }

/** In US dollars for a million tokens in usual prompts, of input and of output; null where nobody has the model. */
export function pricePerMillion(of: Priced, at: number, rates?: Rates): { input: number; output: number } | null {
  const input = priceOf(of, { ...none, input: thousand }, at, rates)
  const output = priceOf(of, { ...none, output: thousand }, at, rates)
  return input === null || output === null ? null : { input: input.nano / 1e6, output: output.nano / 1e6 }
}
