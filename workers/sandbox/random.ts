/** Gives numbers in [0, 1), the same sequence for the same seed. */
export type Random = () => number

const hash = (text: string): number => {
  let h = 2166136261
  for (const char of text) h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 16777619)
  return h >>> 0
}

/**
 * A seeded generator (mulberry32). The seed is hashed first (FNV-1a), so that neighbouring seeds give
 * unrelated sequences.
 */
export const seeded = (seed: string | number): Random => {
  let state = hash(`seed:${seed}`)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A whole number from `low` to `high`, both possible. */
export const whole = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1))

/** True with probability `share` (0 to 1). */
export const chance = (random: Random, share: number): boolean => random() < share

/** One item of a list that is not empty. */
export const pick = <T>(random: Random, list: readonly T[]): T => {
  const item = list[Math.floor(random() * list.length)]
  if (item === undefined) throw new RangeError('nothing to pick from an empty list')
  return item
}
