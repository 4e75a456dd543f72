import { groups, placesOf, sizes } from './features.ts'
import type { Outcome } from './outcome.ts'
import { strength } from './score.ts'

/** A sparse matrix, row by row: `starts[n] ≤ k < starts[n + 1]` are the places of row `n` in `columns` and `values`. */
export type Sparse = { rows: number; columns: Int32Array; values: Float32Array; starts: Int32Array; width: number }

/** How much a kind of task counts before anything is learnt: it says more than any one word. */
export const taskStrength = 1.5

/** Every row as a row of a matrix: the groups side by side, then the kinds of task. */
export const matrixOf = (rows: readonly Outcome[], tasks: Map<string, number>): Sparse => {
  let columns = new Int32Array(rows.length * 256)
  let values = new Float32Array(columns.length)
  const starts = new Int32Array(rows.length + 1)
  let filled = 0
  const put = (column: number, value: number): void => {
    if (filled === columns.length) [columns, values] = [twice(columns), twice(values)]
    columns[filled] = column
    values[filled++] = value
  }
  rows.forEach(({ prompt, task }, row) => {
    const places = placesOf(prompt)
    let before = 0
    for (const group of groups) {
      const { list, count } = places[group]
      const by = strength[group](count)
      for (let at = 0; at < count; at++) put(before + (list[at] as number), by)
      before += sizes[group]
    }
    const of = tasks.get(task)
    if (of !== undefined) put(before + of, taskStrength)
    starts[row + 1] = filled
  })
  const width = groups.reduce((sum, group) => sum + sizes[group], tasks.size)
  return { rows: rows.length, columns, values, starts, width }
}

const twice = <T extends Int32Array | Float32Array>(full: T): T => {
  const more = new (full.constructor as new (length: number) => T)(2 * full.length)
  more.set(full)
  return more
}

/** Some of the rows, in the columns that they have alone, one after the other; `columns[n]` is what the `n`th of them was. */
export const only = (all: Sparse, rows: readonly number[]): { part: Sparse; columns: readonly number[] } => {
  const placeOf = new Int32Array(all.width)
  const found: number[] = []
  const starts = new Int32Array(rows.length + 1)
  const sizeOf = (row: number) => (all.starts[row + 1] as number) - (all.starts[row] as number)
  rows.forEach((row, at) => (starts[at + 1] = (starts[at] as number) + sizeOf(row)))
  const columns = new Int32Array(starts[rows.length] as number)
  const values = new Float32Array(columns.length)
  let filled = 0
  for (const row of rows)
    for (let k = all.starts[row] as number; k < (all.starts[row + 1] as number); k++) {
      const column = all.columns[k] as number
      // 0 is a column that was not met yet
      const place = placeOf[column] || (placeOf[column] = found.push(column))
      columns[filled] = place - 1
      values[filled++] = all.values[k] as number
    }
  return { part: { rows: rows.length, columns, values, starts, width: found.length }, columns: found }
}
