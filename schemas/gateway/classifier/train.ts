import { groups, placesOf, sizes } from './features.ts'
import { edition, packed, type Model, type Step } from './model.ts'
import { hashOf, suffices, type Outcome } from './outcome.ts'
import { platt } from './platt.ts'
import { ridge, type Sparse } from './ridge.ts'
import { expected, sigmoid, strength } from './score.ts'

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
/** How much a kind of task counts before anything is learnt: it says more than any one word. */
const taskStrength = 1.5
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
  }
  return { ...fitted(matrix, used, penalty, names, () => true), slope, offset, trained }
}

const tasksOf = (rows: readonly Outcome[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const { task } of rows) if (task !== '') counts.set(task, (counts.get(task) ?? 0) + 1)
  const kept = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, mostTasks)
  return new Map(kept.map(([task], at) => [task, at]))
}

/** Every row as a row of a matrix: the groups side by side, then the kinds of task. */
const matrixOf = (rows: readonly Outcome[], tasks: Map<string, number>): Sparse => {
  const columns: number[] = []
  const values: number[] = []
  const starts = new Int32Array(rows.length + 1)
  rows.forEach(({ prompt, task }, row) => {
    const places = placesOf(prompt)
    let before = 0
    for (const group of groups) {
      const { list, count } = places[group]
      for (let at = 0; at < count; at++) {
        columns.push(before + (list[at] as number))
        values.push(strength[group](count))
      }
      before += sizes[group]
    }
    const of = tasks.get(task)
    if (of !== undefined) {
      columns.push(before + of)
      values.push(taskStrength)
    }
    starts[row + 1] = columns.length
  })
  const width = groups.reduce((sum, group) => sum + sizes[group], tasks.size)
  return { rows: rows.length, columns: Int32Array.from(columns), values: Float64Array.from(values), starts, width }
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
  const weights = ridge(
    only(all, used),
    Float64Array.from(used, (row) => (gain[row] as number) - base),
    penalty,
  )
  let before = 0
  const of = groups.map((group) => {
    const part = packed(weights.subarray(before, (before += sizes[group])))
    return [group, part] as const
  })
  const kinds = [...tasks].map(([task, at]) => [task, (weights[before + at] ?? 0) * taskStrength] as const)
  const trained = { rows: 0, tasks: 0, strong: 0, weak: 0, suffices: 0, error: 0, curve: [] }
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

const only = (all: Sparse, rows: readonly number[]): Sparse => {
  const sizeOf = (row: number) => (all.starts[row + 1] as number) - (all.starts[row] as number)
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, at) => (starts[at + 1] = (starts[at] as number) + sizeOf(row)))
  const columns = new Int32Array(starts[rows.length] as number)
  const values = new Float64Array(columns.length)
  rows.forEach((row, at) => {
    columns.set(all.columns.subarray(all.starts[row], all.starts[row + 1]), starts[at])
    values.set(all.values.subarray(all.starts[row], all.starts[row + 1]), starts[at])
  })
  return { rows: rows.length, columns, values, starts, width: all.width }
}

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
