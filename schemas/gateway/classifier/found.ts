import type { ClassifierChoice, ClassifierFound } from '../classifiers.ts'
import { never, thresholdOf } from './calibrate.ts'
import type { Model } from './model.ts'

/** How well both did on a row that was held back from the training, and how easy it was foretold to be: all that is kept of it. */
export type Scored = readonly [score: number, strong: number, weak: number]

/** By how many standard errors the quality has to be kept: as the benchmark of savings has it. */
const margin = 0.5
/** What people choose from. */
const usually = [0.9, 0.95, 0.97, 0.98, 0.99, 0.995]

/** What a model comes to where so much of the quality is to be kept. `scored`: the highest first. */
export function choose({ trained }: Model, scored: readonly Scored[], retained: number): ClassifierChoice {
  const rows = scored.map(([score, strong, weak]) => ({ score, strong, weak }))
  const threshold = thresholdOf(rows, { retained, margin }, trained)
  const easy = rows.filter(({ score }) => score >= threshold)
  const best = rows.reduce((sum, { strong }) => sum + strong, 0)
  const lost = easy.reduce((sum, { strong, weak }) => sum + strong - weak, 0)
  const kept = best === 0 ? 1 : 1 - lost / best
  return {
    retained,
    threshold: threshold === never ? null : threshold,
    share: rows.length === 0 ? 0 : easy.length / rows.length,
    kept,
    byChance: chanceOf(trained, retained),
  }
}

/** Which share can go to the weak one by chance, so that as much is kept: each costs the mean difference of both. */
const chanceOf = ({ strong, weak }: Model['trained'], retained: number): number =>
  strong <= weak ? 1 : Math.min(1, ((1 - retained) * strong) / (strong - weak))

export const foundOf = (model: Model, scored: readonly Scored[]): ClassifierFound => {
  const { tasks, strong, weak, suffices, error, curve, losses } = model.trained
  return {
    tasks,
    strong,
    weak,
    suffices,
    error,
    calibration: curve,
    kept: losses.map((lost) => 1 - lost),
    choices: usually.map((retained) => choose(model, scored, retained)),
  }
}
