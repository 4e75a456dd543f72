import type { Step } from './model.ts'
import { suffices, type Outcome } from './outcome.ts'

const steps = 10

/** What was foretold beside what came true, in ten steps of as many rows each. */
export const curveOf = (foretold: ArrayLike<number>, rows: readonly Outcome[]): Step[] => {
  const order = rows.map((_, row) => row).toSorted((a, b) => (foretold[a] as number) - (foretold[b] as number))
  return Array.from({ length: steps }, (_, at) => {
    const part = order.slice((at * order.length) / steps, ((at + 1) * order.length) / steps)
    const mean = (of: (row: number) => number) => part.reduce((sum, row) => sum + of(row), 0) / part.length
    return {
      foretold: mean((row) => foretold[row] as number),
      true: mean((row) => (suffices(rows[row] as Outcome) ? 1 : 0)),
      rows: part.length,
    }
  }).filter(({ rows: count }) => count > 0)
}

/** The share of the strong model's quality that is lost where the best foretold 0 to 100 % go to the weak one. */
export const lossesOf = (foretold: ArrayLike<number>, rows: readonly Outcome[]): number[] => {
  const order = rows.map((_, row) => row).toSorted((a, b) => (foretold[b] as number) - (foretold[a] as number))
  const best = Math.max(
    rows.reduce((sum, { strong }) => sum + strong, 0),
    Number.MIN_VALUE,
  )
  const sums = [0]
  for (const row of order) {
    const { strong, weak } = rows[row] as Outcome
    sums.push((sums.at(-1) ?? 0) + strong - weak)
  }
  return Array.from({ length: 101 }, (_, at) => (sums[Math.round((at / 100) * order.length)] ?? 0) / best)
}
