import type { Scored } from './found.ts'
import type { Model } from './model.ts'
import { parted, type Outcome } from './outcome.ts'
import { score } from './score.ts'
import { train } from './train.ts'

/** Of ten rows eight are learnt from; by the others it is found from which probability on the cheap model is asked. */
const shares = [0.8, 0.2]

/** A classifier as it is kept: the model, and of the rows that it was not trained with what it says of them, the highest first. */
export type Made = { model: Model; scored: Scored[] }

/** Learns from recorded outcomes. The same rows give the same. */
export function makeClassifier(rows: readonly Outcome[]): Made {
  const [learnt = [], held = []] = parted(rows, shares, 7)
  const model = train(learnt)
  const scored = held
    .map(({ prompt, task, strong, weak }): Scored => [score(model, prompt, task), strong, weak])
    .toSorted(([a], [b]) => b - a)
  return { model, scored }
}
