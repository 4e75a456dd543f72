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
 * From which probability on the cheap model is asked, so that of the quality of the strong one so much is kept. The rows are such as the model was
 * trained with, and none that it was. They alone would give now much and now little away, so what the training lost on rows that
 * were held back in turn counts with them, each row as much as any other. To ask for more, or for more margin, never gives a lower one.
 */
export function calibrate(model: Model, rows: readonly Outcome[], asked: Asked): number {
  const scored = rows
    .map((row) => ({ ...row, score: score(model, row.prompt, row.task) }))
    .toSorted((a, b) => b.score - a.score)
  return thresholdOf(scored, asked, model.trained)
}

/** What is known from elsewhere: the share of the quality that is lost for each share that goes to the cheap model. */
type Before = Pick<Model['trained'], 'losses' | 'rows'>
const nothing: Before = { losses: [], rows: 0 }

/** The same for rows whose scores are known, the highest first. */
export function thresholdOf(
  scored: readonly { score: number; strong: number; weak: number }[],
  { retained, margin }: Asked,
  before: Before = nothing,
): number {
  const best = scored.reduce((sum, { strong }) => sum + strong, 0)
  const rows = scored.length
  const own = rows / Math.max(rows + before.rows, 1)
  // a tenth of ten is a little less than one to a processor
  const mayLose = (1 - retained) * best + 1e-9
  let [threshold, lost, squares] = [never, 0, 0]
  scored.forEach(({ score: one, strong, weak }, at) => {
    const loss = strong - weak - (1 - retained) * strong
    lost += strong - weak
    squares += loss * loss
    // rows of the same score go the same way
    if (at + 1 < rows && scored[at + 1]?.score === one) return
    const all = own * lost + (1 - own) * best * lossAt(before, (at + 1) / rows)
    if (all + margin * Math.sqrt(own * squares) <= mayLose) threshold = one
  })
  return threshold
}

/** Between the shares that are known, in a straight line. */
const lossAt = ({ losses }: Before, share: number): number => {
  const place = share * (losses.length - 1)
  const [low, high] = [losses[Math.floor(place)] ?? 0, losses[Math.ceil(place)] ?? 0]
  return low + (place - Math.floor(place)) * (high - low)
}
