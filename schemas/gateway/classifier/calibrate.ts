import type { Model } from './model.ts'
import type { Outcome } from './outcome.ts'
import { score } from './score.ts'

export type Asked = {
  /** Which share of the strong model's quality has to be kept. */
  retained: number
  /** How many standard errors of the rows it has to be kept by: one side, so 1 errs in one case of six. */
  margin: number
}

/** Above which everything goes to the strong model: no probability is as high. */
export const never = 2

/**
 * From which probability on the cheap model is asked, so that of the quality of the strong one so much is kept: the lowest at
 * which these rows, which the model must not have seen, still say so with the margin. To ask for more, or for more margin, never gives a
 * lower one.
 */
export function calibrate(model: Model, rows: readonly Outcome[], asked: Asked): number {
  const scored = rows
    .map((row) => ({ ...row, score: score(model, row.prompt, row.task) }))
    .toSorted((a, b) => b.score - a.score)
  return thresholdOf(scored, asked)
}

/** The same for rows whose scores are known, the highest first. */
export function thresholdOf(
  scored: readonly { score: number; strong: number; weak: number }[],
  { retained, margin }: Asked,
): number {
  const best = scored.reduce((sum, { strong }) => sum + strong, 0)
  const rows = scored.length
  // a tenth of ten is a little less than one to a processor
  const mayLose = (1 - retained) * best + 1e-9
  let [threshold, lost, squares] = [never, 0, 0]
  scored.forEach(({ score: one, strong, weak }, at) => {
    const loss = strong - weak - (1 - retained) * strong
    lost += strong - weak
    squares += loss * loss
    // rows of the same score go the same way
    if (at + 1 < rows && scored[at + 1]?.score === one) return
    const error = Math.sqrt(Math.max(0, squares))
    if (lost + margin * error <= mayLose) threshold = one
  })
  return threshold
}
