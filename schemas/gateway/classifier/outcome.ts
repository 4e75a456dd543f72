/**
 * What two models made of the same prompt, each from 0 (no use) to 1 (as good as can be). The strong one is what would have
 * answered; the weak one is the cheap one that could have.
 */
export type Outcome = {
  prompt: string
  /** The kind of task, where whoever asked says so; an empty text where nobody does. */
  task: string
  strong: number
  weak: number
}

/** Whether the weak one would have done: it did at least as well. */
export const suffices = ({ strong, weak }: Outcome): boolean => weak >= strong

/** A number of 32 bits for a text: FNV-1a, then the finisher of MurmurHash3, which spreads what is alike. */
export function hashOf(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return spread(hash)
}

export const spread = (hash: number): number => {
  let one = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  one = Math.imul(one ^ (one >>> 13), 0xc2b2ae35)
  return (one ^ (one >>> 16)) >>> 0
}

/**
 * Parts outcomes by shares that add up to 1. What decides is the prompt, so that one that comes twice is in one part, and a
 * row stays in its part while others come and go.
 */
export function parted<Row extends Outcome>(rows: readonly Row[], shares: readonly number[], seed: number): Row[][] {
  const parts = shares.map((): Row[] => [])
  for (const row of rows) {
    let left = hashOf(row.prompt, seed) / 2 ** 32
    const at = shares.findIndex((share) => (left -= share) < 0)
    parts.at(at)?.push(row)
  }
  return parts
}
