import { curveOf, lossesOf } from './curve.ts'
import { groups, sizes } from './features.ts'
import { matrixOf, only, taskStrength, type Sparse } from './matrix.ts'
import { edition, packed, type Model } from './model.ts'
import { hashOf, suffices, type Outcome } from './outcome.ts'
import { platt } from './platt.ts'
import { ridge } from './ridge.ts'
import { expected, sigmoid } from './score.ts'

export type Options = {
  /** Draws the parts that are held back in turn. */
  seed?: number
  /** How much a weight has to explain to be other than zero. */
  penalty?: number
  /** Whether kinds of task are looked at. */
  tasks?: boolean
}

/** Rows beyond these are left out, the first of them: what is newest counts. */
export const mostRows = 50_000
/** Kinds of task beyond these count as none. */
const mostTasks = 1000
const folds = 3
const usual = { seed: 1, penalty: 15, tasks: true }

/**
 * Learns from recorded outcomes how much better or worse the weak model does than the strong one on a prompt, and how that
 * tells whether it suffices. The same rows and options give the same model.
 */
export function train(rows: readonly Outcome[], options: Options = {}): Model {
  const { seed, penalty, tasks } = { ...usual, ...options }
  const used = rows.slice(-mostRows)
  const names = tasks ? tasksOf(used) : new Map<string, number>()
  const matrix = matrixOf(used, names)
  // what is foretold of a row is told by rows that it is not among; the same prompt is never on both sides
  const foldOf = Int8Array.from(used, ({ prompt }) => Math.floor((hashOf(prompt, seed) / 2 ** 32) * folds))
  const foretold = new Float64Array(used.length)
  for (let fold = 0; fold < folds; fold++) {
    const part = fitted(matrix, used, penalty, names, (row) => foldOf[row] !== fold)
    used.forEach(({ prompt, task }, row) => {
      if (foldOf[row] === fold) foretold[row] = expected(part, prompt, task)
    })
  }
  const { slope, offset } = platt(foretold, used.map(suffices))
  const share = (of: (row: Outcome) => number) => used.reduce((sum, row) => sum + of(row), 0) / Math.max(used.length, 1)
  const curve = curveOf(
    foretold.map((one) => sigmoid(slope * one + offset)),
    used,
  )
  const trained: Model['trained'] = {
    rows: used.length,
    tasks: names.size,
    strong: share(({ strong }) => strong),
    weak: share(({ weak }) => weak),
    suffices: share((row) => (suffices(row) ? 1 : 0)),
    error:
      curve.reduce((sum, step) => sum + step.rows * Math.abs(step.foretold - step.true), 0) / Math.max(used.length, 1),
    curve,
    losses: lossesOf(foretold, used),
  }
  return { ...fitted(matrix, used, penalty, names, () => true), slope, offset, trained }
}

const tasksOf = (rows: readonly Outcome[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const { task } of rows) if (task !== '') counts.set(task, (counts.get(task) ?? 0) + 1)
  const kept = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, mostTasks)
  return new Map(kept.map(([task], at) => [task, at]))
}

/** A model of some of the rows, which cannot tell probabilities yet. */
const fitted = (
  all: Sparse,
  rows: readonly Outcome[],
  penalty: number,
  tasks: Map<string, number>,
  isUsed: (row: number) => boolean,
): Model => {
  const gain = Float64Array.from(rows, ({ strong, weak }) => weak - strong)
  const used = rows.flatMap((_, row) => (isUsed(row) ? [row] : []))
  const base = used.reduce((sum, row) => sum + (gain[row] as number), 0) / Math.max(used.length, 1)
  const { part, columns } = only(all, used)
  const own = Float64Array.from(used, (row) => (gain[row] as number) - base)
  const weights = new Float64Array(all.width)
  ridge(part, own, penalty).forEach((weight, at) => (weights[columns[at] as number] = weight))
  let before = 0
  const of = groups.map((group) => [group, packed(weights.subarray(before, (before += sizes[group])))] as const)
  const kinds = [...tasks].map(([task, at]) => [task, (weights[before + at] ?? 0) * taskStrength] as const)
  const trained = { rows: 0, tasks: 0, strong: 0, weak: 0, suffices: 0, error: 0, curve: [], losses: [] }
  return {
    edition,
    base,
    groups: Object.fromEntries(of) as Model['groups'],
    tasks: Object.fromEntries(kinds),
    slope: 0,
    offset: 0,
    trained,
  }
}
