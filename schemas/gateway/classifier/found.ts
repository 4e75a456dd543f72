import type { ClassifierChoice, ClassifierFound } from '../classifiers.ts'
import { never, thresholdOf } from './calibrate.ts'
import { lossesOf } from './curve.ts'
import type { Model } from './model.ts'

/** How well both did on a row that was held back from the training, and how easy it was foretold to be: all that is kept of it. */
export type Scored = readonly [score: number, strong: number, weak: number]

/** By how many standard errors the quality has to be kept: as the benchmark of savings has it. */
const margin = 0.5
/** What people choose from. */
const usually = [0.9, 0.95, 0.97, 0.98, 0.99, 0.995]

const rowsOf = (scored: readonly Scored[]) =>
  scored.map(([score, strong, weak]) => ({ score, strong, weak, prompt: '', task: '' }))

/** Which share of the quality is kept where the easiest 0 to 100 % go to the weak one: of all rows that were held back, now or in turn. */
function keptOf({ trained }: Model, scored: readonly Scored[]): number[] {
  const rows = rowsOf(scored)
  const held = lossesOf(
    rows.map(({ score }) => score),
    rows,
  )
  const own = rows.length / Math.max(rows.length + trained.rows, 1)
  return held.map((lost, at) => 1 - own * lost - (1 - own) * (trained.losses[at] ?? lost))
}

/** What a model comes to where so much of the quality is to be kept. `scored`: the highest first. */
export function choose(model: Model, scored: readonly Scored[], retained: number): ClassifierChoice {
  const { trained } = model
  const rows = rowsOf(scored)
  const threshold = thresholdOf(rows, { retained, margin }, trained)
  const easy = rows.filter(({ score }) => score >= threshold).length
  const share = rows.length === 0 ? 0 : easy / rows.length
  return {
    retained,
    threshold: threshold === never ? null : threshold,
    share,
    kept: keptOf(model, scored)[Math.round(100 * share)] ?? 1,
    byChance: chanceOf(trained, retained),
  }
}

/** Which share can go to the weak one by chance, so that as much is kept: each costs the mean difference of both. */
const chanceOf = ({ strong, weak }: Model['trained'], retained: number): number =>
  strong <= weak ? 1 : Math.min(1, ((1 - retained) * strong) / (strong - weak))

export const foundOf = (model: Model, scored: readonly Scored[]): ClassifierFound => {
  const { tasks, strong, weak, suffices, error, curve } = model.trained
  return {
    tasks,
    strong,
    weak,
    suffices,
    error,
    calibration: curve,
    kept: keptOf(model, scored),
    choices: usually.map((retained) => choose(model, scored, retained)),
  }
}
