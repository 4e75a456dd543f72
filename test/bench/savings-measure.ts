import type { Outcome } from '#schemas/gateway/classifier/outcome.ts'

/** A generator of numbers from 0 to 1 that gives the same for the same seed (mulberry32). */
export const drawing = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let one = Math.imul(state ^ (state >>> 15), state | 1)
    one ^= one + Math.imul(one ^ (one >>> 7), one | 61)
    return ((one ^ (one >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A tested row, and whether it was sent to the cheap model. */
export type Sent = Pick<Outcome, 'strong' | 'weak'> & { cheap: boolean }

/** What a routing came to: the share that went to the cheap model, and the share of the strong one's quality that is kept. */
export type Came = { share: number; retained: number }

const sumOf = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((sum, row) => sum + of(row), 0)

export function cameTo(rows: readonly Sent[]): Came {
  const best = sumOf(rows, ({ strong }) => strong)
  const lost = sumOf(rows, ({ strong, weak, cheap }) => (cheap ? strong - weak : 0))
  return { share: sumOf(rows, ({ cheap }) => (cheap ? 1 : 0)) / Math.max(rows.length, 1), retained: keptOf(best, lost) }
}

/** Where the strong one is never right there is nothing to lose. */
const keptOf = (best: number, lost: number): number => (best > 0 ? 1 - lost / best : 1)

/** How much of the quality is kept where so large a share, drawn by chance, goes to the cheap model: what is to be expected. */
export const randomKeeps = (rows: readonly Sent[], share: number): number =>
  1 - share * (1 - cameTo(rows.map((row) => ({ ...row, cheap: true }))).retained)

/** How large a share may go to the cheap model by chance, so that the quality that is to be kept is to be expected. */
export function randomShare(rows: readonly Sent[], retained: number): number {
  const lost = 1 - cameTo(rows.map((row) => ({ ...row, cheap: true }))).retained
  return lost <= 0 ? 1 : Math.min(1, (1 - retained) / lost)
}

/** The most that can go to the cheap model by who knows all outcomes beforehand. */
export function oracleShare(rows: readonly Sent[], retained: number): number {
  let left = (1 - retained) * sumOf(rows, ({ strong }) => strong)
  let count = 0
  for (const loss of rows.map(({ strong, weak }) => strong - weak).toSorted((a, b) => a - b)) {
    left -= loss
    if (left < -1e-9) break
    count++
  }
  return count / Math.max(rows.length, 1)
}

/** What a share that goes to the cheap model saves, in percent of what all would cost at the strong one. */
export type Prices = {
  /** How many times as much the strong model costs. */
  gap: number
  /** What it costs to look at one request, as a share of what the strong model takes for it. */
  looking: number
  /** The share of cheap answers for which the strong model is asked too, and what asking and judging cost, as its price. */
  guard: { share: number; cost: number }
}
export const savedPercent = (share: number, { gap, looking, guard }: Prices): number =>
  100 * (share * (1 - 1 / gap - guard.share * guard.cost) - looking)

/** The interval in which 95 of 100 draws of the same rows lie (percentile bootstrap). */
export type Interval = { low: number; high: number }

const draws = 1000
export function interval(rows: readonly Sent[], of: (came: Came) => number, seed = 1): Interval {
  const random = drawing(seed)
  const found: number[] = []
  for (let draw = 0; draw < draws; draw++) {
    let [best, lost, sent] = [0, 0, 0]
    for (let n = 0; n < rows.length; n++) {
      const { strong, weak, cheap } = rows[Math.floor(random() * rows.length)] as Sent
      best += strong
      if (!cheap) continue
      sent++
      lost += strong - weak
    }
    found.push(of({ share: sent / Math.max(rows.length, 1), retained: keptOf(best, lost) }))
  }
  found.sort((a, b) => a - b)
  return {
    low: found[Math.floor(0.025 * draws)] ?? Number.NaN,
    high: found[Math.ceil(0.975 * draws) - 1] ?? Number.NaN,
  }
}

/**
 * The mean share of the quality between the weak and the strong model that is kept over all shares that could go to the cheap one
 * (average performance gap recovered: RouteLLM, 2024); by chance it is a half, and where both are as good there is no better.
 */
export function recovered(rows: readonly (Pick<Outcome, 'strong' | 'weak'> & { score: number })[]): number {
  const gap = sumOf(rows, ({ strong, weak }) => strong - weak)
  if (gap === 0) return 0.5
  let [lost, area] = [0, 0]
  for (const { strong, weak } of rows.toSorted((a, b) => b.score - a.score)) {
    lost += strong - weak
    area += (gap - lost) / gap
  }
  return area / rows.length
}
