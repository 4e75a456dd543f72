import type { ModelRequest } from '#schemas/gateway/requests.ts'

/**
 * A cost in US dollars with the digits that say something: two after the point from ten cents on, below that the first
 * two that are not zero. Takes null where no price is known.
 */
export const costText = (usd: number | null): string => {
  if (usd === null) return 'no price'
  if (usd === 0) return '$0'
  // rounded first: what rounds up to 0.10 is said as that
  const size = Number(usd.toPrecision(2))
  const digits = size >= 0.1 ? 2 : 1 - Math.floor(Math.log10(size))
  return `$${usd.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`
}

/** Whole up to 99,999, then `123k` and `1.2M`. */
export const countText = (count: number): string => {
  if (count < 100_000) return count.toLocaleString('en')
  if (count < 999_500) return `${Math.round(count / 1000)}k`
  return `${(count / 1_000_000).toFixed(count < 9_950_000 ? 1 : 0)}M`
}

/** Shorter than a millisecond is said in hundredths of one: our own share of a request is. */
export const shareText = (ms: number): string => (ms < 10 ? `${ms.toFixed(ms < 1 ? 2 : 1)} ms` : `${Math.round(ms)} ms`)

/** What of a request has a price of its own beside text, in words. */
export const apartText = (apart: ModelRequest['apart']): string => {
  const { audioInput, audioOutput, imageInput, imageOutput, seconds, tier } = apart ?? {}
  const some = (count: number | undefined, what: string) =>
    count === undefined || count === 0 ? [] : [`${countText(Math.ceil(count))} ${what}`]
  return [
    ...some(seconds, 'seconds of sound'),
    ...(seconds === undefined ? some(audioInput, 'tokens of sound read') : []),
    ...some(audioOutput, 'tokens of sound spoken'),
    ...some(imageInput, 'tokens of images read'),
    ...some(imageOutput, 'tokens of images drawn'),
    ...(tier === 'flex' ? ['the tier for what may wait'] : []),
  ].join(', ')
}
