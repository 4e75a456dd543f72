import type { ModelRequest } from '#schemas/gateway/requests.ts'

type Timed = Pick<ModelRequest, 'attempts' | 'totalMs' | 'firstByteMs' | 'overheadMs' | 'outcome'>

/** A stretch of a request in percent of its whole. */
export type Stretch = { left: number; width: number }
export type AttemptBar = {
  provider: string
  model: string
  /** The class of its failure, where it failed. */
  failure: string | undefined
  /** Its prompt was marked for the provider’s cache. */
  marked?: true | undefined
  ms: number
  /** Until its first byte, and from there on; an attempt of which none came has no second. */
  waiting: Stretch
  answering: Stretch | undefined
}
export type Waterfall = { attempts: AttemptBar[]; ours: { ms: number; percent: number }; firstByte: number | undefined }

/** A percentage of at most 100; of nothing it is nothing. */
const percent = (part: number, whole: number): number =>
  whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)) : 0

/** Who was asked, when and for how long, as bars under one another; and what of the time was ours. */
export const waterfall = ({ attempts, totalMs, firstByteMs, overheadMs, outcome }: Timed): Waterfall => {
  const stretch = (from: number, to: number): Stretch => {
    const left = percent(from, totalMs)
    return { left, width: Math.max(0, percent(to, totalMs) - left) }
  }
  const bars = attempts.map(({ provider, model, failure, marked, at, ms }): AttemptBar => {
    const end = at + ms
    // only the first byte of whoever answers is passed on
    const answers = failure === undefined
    const heard = answers && firstByteMs !== null && firstByteMs >= at ? firstByteMs : undefined
    return {
      provider,
      model,
      failure: failure ?? (outcome === 'cut' ? 'cut' : undefined),
      marked,
      ms,
      waiting: stretch(at, heard ?? end),
      answering: heard === undefined ? undefined : stretch(heard, end),
    }
  })
  return {
    attempts: bars,
    ours: { ms: overheadMs, percent: percent(overheadMs, totalMs) },
    firstByte: firstByteMs === null ? undefined : percent(firstByteMs, totalMs),
  }
}
