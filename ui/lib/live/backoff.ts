export type Backoff = { firstMs: number; mostMs: number }

/** Half a second, doubling up to 15 s. */
export const usualBackoff: Backoff = { firstMs: 500, mostMs: 15_000 }

/**
 * Wait before try `n` (from 0) in ms: exponential, with the upper half random ("equal jitter"), so that the viewers of a server that
 * died do not all come back in the same instant, and none comes back at once.
 */
export const waitFor = (n: number, { firstMs, mostMs }: Backoff, random: () => number): number => {
  const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(n, 30))
  return ceiling / 2 + random() * (ceiling / 2)
}
