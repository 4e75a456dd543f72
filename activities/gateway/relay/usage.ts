import type { Usage } from '#schemas/gateway/wires/dialogue.ts'
import { known } from '#schemas/gateway/wires/members.ts'

/** Tokens of a request by kind. What was read from a provider's cache, and what was written to it, is part of the input. */
export type Tokens = {
  input: number
  cached: number
  cacheWrite: number
  output: number
  reasoning: number
  /** What has a price of its own beside text. */
  apart?: Apart
}

/** Tokens of sound and of images, and how many seconds a sound is; the tier, where it is not the usual one. */
export type Apart = Pick<Usage, 'audioInput' | 'audioOutput' | 'imageInput' | 'imageOutput' | 'seconds' | 'tier'>

export const tokensOf = (usage: Partial<Usage>): Tokens => {
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = usage
  const tokens = { input: input + cacheRead + cacheWrite, cached: cacheRead, cacheWrite, output, reasoning }
  const apart = apartOf(usage)
  return apart === undefined ? tokens : { ...tokens, apart }
}

const apartOf = ({ audioInput, audioOutput, imageInput, imageOutput, seconds, tier }: Partial<Usage>) => {
  const some = audioInput ?? audioOutput ?? imageInput ?? imageOutput ?? seconds ?? tier
  return some === undefined ? undefined : known({ audioInput, audioOutput, imageInput, imageOutput, seconds, tier })
}

/** What was used, in the tier that an answer says it is of. */
export const inTier = <T extends Partial<Usage>>(usage: T | null, tier: unknown): T | null =>
  usage === null || tier !== 'flex' ? usage : { ...usage, tier }

/** What was heard of an answer's tokens so far. */
export type Heard = {
  /** Null while nothing was told of it. */
  usage: Partial<Usage> | null
  /** Whether that is all of it: some tell at the beginning what they have read, some after each piece what they wrote so far. */
  settled: boolean
  /** Of what was answered. */
  characters: number
}

/** Reads the `usage` of an answer, or of an event of it; null where there is none that can be understood. */
export const read = <T>(usage: unknown, by: (usage: unknown) => T): T | null => {
  if (usage === undefined || usage === null) return null
  try {
    return by(usage)
  } catch {
    return null
  }
}
