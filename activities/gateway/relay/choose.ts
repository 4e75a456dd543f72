import type { Candidate } from './saying.ts'

/** A number of 32 bits for a text and a seed: FNV-1a, then the finisher of MurmurHash3, which spreads what is alike. */
export function mixed(seed: number, text: string): number {
  let hash = seed ^ 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * How far to the front something of this weight comes for a seed: the higher, the further. Over all seeds each comes first
 * as often as its share of the weights says, and who comes first for a seed stays so while others come and go (weighted
 * rendezvous hashing: Schindelhauer and Schomaker, 2005).
 */
export const rank = (seed: number, name: string, weight: number): number =>
  -weight / Math.log((mixed(seed, name) + 0.5) / 2 ** 32)

/** How far to the front somebody comes: the higher, the further. */
export type Rank = (one: Candidate) => number

/** The order in which somebody is tried: by priority, and among those of one by rank. Who has no weight is not tried. */
export function inOrder(able: readonly Candidate[], rankOf: Rank): readonly Candidate[] {
  const weighed = able.filter(({ target }) => target.weight > 0)
  if (weighed.length < 2) return weighed
  return weighed
    .map((one) => ({ one, rank: rankOf(one) }))
    .toSorted((a, b) => a.one.target.priority - b.one.target.priority || b.rank - a.rank)
    .map(({ one }) => one)
}

/** By weight alone: the same for the same seed. */
export const byWeight =
  (seed: number): Rank =>
  ({ target: { provider, model, weight } }) =>
    rank(seed, `${provider}/${model}`, weight)
