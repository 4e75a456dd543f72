import type { Sparse } from './matrix.ts'

/** How often a direction is looked for at most, and how small what is left has to be beside what there was. */
const most = 40
const enough = 1e-4

/**
 * Weights `w` for which Σ(x·w − y)² + penalty·Σw² is least, nearly: ridge regression by conjugate gradients (Hestenes and
 * Stiefel, 1952). The same input gives the same weights; nothing is drawn.
 */
export function ridge(x: Sparse, y: Float64Array, penalty: number): Float64Array {
  const weights = new Float64Array(x.width)
  const rest = transposed(x, y)
  let direction = rest.slice()
  let size = dot(rest, rest)
  const small = size * enough
  for (let round = 0; round < most && size > small; round++) {
    const turned = transposed(x, times(x, direction))
    add(turned, direction, penalty)
    const step = size / dot(direction, turned)
    add(weights, direction, step)
    add(rest, turned, -step)
    const next = dot(rest, rest)
    const onward = rest.slice()
    add(onward, direction, next / size)
    direction = onward
    size = next
  }
  return weights
}

const times = ({ rows, columns, values, starts }: Sparse, vector: Float64Array): Float64Array => {
  const out = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++)
      sum += (values[k] as number) * (vector[columns[k] as number] as number)
    out[row] = sum
  }
  return out
}

const transposed = ({ rows, columns, values, starts, width }: Sparse, vector: Float64Array): Float64Array => {
  const out = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    const by = vector[row] as number
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
      const column = columns[k] as number
      out[column] = (out[column] as number) + by * (values[k] as number)
    }
  }
  return out
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number)
  return sum
}

const add = (to: Float64Array, what: Float64Array, by: number): void => {
  for (let at = 0; at < to.length; at++) to[at] = (to[at] as number) + by * (what[at] as number)
}
