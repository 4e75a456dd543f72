import { calcPrice, findProvider, type ModelPrice, type Provider } from '@pydantic/genai-prices'
import { kinds, type KindName } from '#schemas/gateway/kinds/index.ts'
import { known as told } from '#schemas/gateway/wires/members.ts'
import type { Apart, Tokens } from './usage.ts'

/** In US dollars for a million tokens, for inputs up to `upTo` tokens. */
type Rates = { input: number; cached: number; cacheWrite: number; output: number; upTo: number }
/** Null rates where the book says more than a rate for each kind of token: then it is asked each time. */
type Known = { minute: number; rates: Rates | null; isListed: boolean }

const books = new Map<KindName, Provider | undefined>()
const bookOf = (kind: KindName): Provider | undefined => {
  if (!books.has(kind)) {
    const { prices } = kinds[kind]
    books.set(kind, prices === null ? undefined : findProvider({ providerId: prices }))
  }
  return books.get(kind)
}

/** Looking a model up costs more than all else that is kept account of; a price may change by the hour of the day. */
const known = new Map<string, Known>()
const mostKnown = 10_000
const minuteMs = 60_000

/** What tokens cost at a provider's list price at `at` (ms since 1970), in billionths of a US dollar; null where no book has the model. */
export function listedNano(kind: KindName, model: string, tokens: Tokens, at: number): number | null {
  if (tokens.apart !== undefined) return asked(kind, model, tokens, at)
  const name = `${kind} ${model}`
  const minute = Math.floor(at / minuteMs)
  const one = known.get(name)
  if (one === undefined || one.minute !== minute) {
    const nano = asked(kind, model, tokens, at)
    if (known.size >= mostKnown) known.clear()
    known.set(name, { minute, isListed: nano !== null, rates: nano === null ? null : ratesOf(kind, model, at) })
    return nano
  }
  if (!one.isListed) return null
  if (one.rates === null || tokens.input > one.rates.upTo) return asked(kind, model, tokens, at)
  return byRates(one.rates, tokens)
}

const asked = (kind: KindName, model: string, tokens: Tokens, at: number): number | null => {
  const price = priceIn(kind, model, tokens, at)
  if (price === null || isGap(price.model_price, price.total_price, tokens)) return null
  return Math.round(price.total_price * tierShare(kind, tokens) * 1e9)
}

/** Of the usual price; the book knows that alone. */
const tierShare = (kind: KindName, { apart }: Tokens): number =>
  apart?.tier === 'flex' ? (kinds[kind].flex?.share ?? 1) : 1

/** What has a price, by something that was not told: that it costs nothing would be wrong. */
const isGap = (rates: ModelPrice, total: number, { input, output, apart }: Tokens): boolean =>
  total === 0 &&
  input + output + (apart?.seconds ?? 0) > 0 &&
  Object.values(rates).some((rate) => typeof rate === 'object' || (rate ?? 0) > 0)

const priceIn = (kind: KindName, model: string, tokens: Tokens, at: number) => {
  const provider = bookOf(kind)
  if (provider === undefined) return null
  const usage = {
    input_tokens: tokens.input,
    cache_read_tokens: tokens.cached,
    cache_write_tokens: tokens.cacheWrite,
    output_tokens: tokens.output,
    ...(tokens.apart === undefined ? none : unitsOf(tokens.apart)),
  }
  return calcPrice(usage, model, { provider, timestamp: new Date(at) })
}

const none = {}
/** In the words of the book. A sound is read, whatever is made of it. */
const unitsOf = ({ audioInput, audioOutput, imageInput, imageOutput, seconds }: Apart): Record<string, number> =>
  told({
    input_audio_tokens: audioInput,
    output_audio_tokens: audioOutput,
    input_image_tokens: imageInput,
    output_image_tokens: imageOutput,
    audio_seconds: seconds,
    input_audio_seconds: seconds,
  })

const byRates = (rates: Rates, { input, cached, cacheWrite, output }: Tokens): number =>
  Math.round(
    ((input - cached - cacheWrite) * rates.input +
      cached * rates.cached +
      cacheWrite * rates.cacheWrite +
      output * rates.output) *
      1000,
  )

const sample: Tokens = { input: 1000, cached: 300, cacheWrite: 200, output: 100, reasoning: 0 }

/** The rates of a model, if by them it costs what the book says. */
const ratesOf = (kind: KindName, model: string, at: number): Rates | null => {
  const price = priceIn(kind, model, sample, at)
  if (price === null) return null
  const rates = readRates(price.model_price)
  return Math.abs(byRates(rates, sample) - price.total_price * 1e9) > 1 ? null : rates
}

const readRates = (price: ModelPrice): Rates => {
  let upTo = Infinity
  const rate = (name: string): number | undefined => {
    const said = price[name]
    if (typeof said !== 'object') return said
    upTo = Math.min(upTo, ...said.tiers.map(({ start }) => start))
    return said.base
  }
  const input = rate('input_mtok') ?? 0
  return {
    input,
    cached: rate('cache_read_mtok') ?? input,
    cacheWrite: rate('cache_write_mtok') ?? input,
    output: rate('output_mtok') ?? 0,
    upTo,
  }
}

const contexts = new Map<string, number | null>()

/** How many tokens a model takes, by the book; null where that does not say. */
export function contextOf(kind: KindName, model: string): number | null {
  const name = `${kind} ${model}`
  const found = contexts.get(name)
  if (found !== undefined) return found
  const context = priceIn(kind, model, sample, 0)?.model.context_window ?? null
  if (contexts.size >= mostKnown) contexts.clear()
  contexts.set(name, context)
  return context
}
