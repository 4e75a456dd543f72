import { endOf, type Axis, type Box, type Point } from '../shape.ts'
import type { Segment, Stroke } from './stroke.ts'

/** How far a way keeps from what stands beside it, at the least and as a rule. */
export const clear = 5
const lanes = [12, 20]
/** What a bend is worth in pixels: a longer way with fewer of them is easier to follow. */
const bend = 60
/** What a pixel beside another way costs over one that is free. */
const shared = 3
/** What it is worth in pixels not to be drawn across another line. */
const across = 2000
/** How near two ways are taken for one. */
const beside = 6
/** What a piece of a line is, besides free. */
const [alongside, blocked] = [1, 2]

export type Field = {
  /** Along which axis the way leaves its beginning. */
  along: Axis
  boxes: readonly Box[]
  /** Other ways: it does not run along them if it can be helped. */
  taken: readonly Segment[]
  /** Lines that lead elsewhere: it is not drawn across them if it can be helped. */
  lines: readonly Stroke[]
  /** How many crossings may still be looked at; counted down. */
  budget: { left: number }
}

/** The shortest way in right angles over the lines beside the boxes, by A*: its ends and where it turns. */
export function shortest(from: Point, to: Point, { along, boxes, taken, lines, budget }: Field): Point[] | undefined {
  const tracks = (axis: Axis): number[] => {
    const near = boxes.flatMap((box) => lanes.flatMap((by) => [box[axis] - by, endOf(box, axis) + by]))
    return [...new Set([from[axis], to[axis], ...near])].toSorted((a, b) => a - b)
  }
  const [xs, ys] = [tracks('x'), tracks('y')]
  const count = xs.length * ys.length
  if (count > budget.left) return undefined
  budget.left -= count >> 1
  const tolls = [tollsOn(xs, ys, 'x', boxes, taken), tollsOn(xs, ys, 'y', boxes, taken)] as const
  const crossed = [crossedOn(xs, ys, 'x', lines), crossedOn(xs, ys, 'y', lines)] as const
  const [height, goalX, goalY] = [ys.length, xs.indexOf(to.x), ys.indexOf(to.y)]
  const costs = new Float64Array(count * 2).fill(Infinity)
  const before = new Int32Array(count * 2).fill(-1)
  const open = new Heap()
  const reach = (state: number, cost: number, by: number): void => {
    if ((costs[state] ?? 0) <= cost) return
    const at = state >> 1
    costs[state] = cost
    before[state] = by
    const left = Math.abs((xs[Math.floor(at / height)] ?? 0) - to.x) + Math.abs((ys[at % height] ?? 0) - to.y)
    open.add(state, cost + left)
  }
  reach((xs.indexOf(from.x) * height + ys.indexOf(from.y)) * 2 + (along === 'x' ? 0 : 1), 0, -1)
  for (let state = open.take(); state !== undefined; state = open.take()) {
    const [at, way, cost] = [state >> 1, state & 1, costs[state] ?? 0]
    const [x, y] = [Math.floor(at / height), at % height]
    if (x === goalX && y === goalY)
      return cornersOf(state, before, (one) => ({ x: xs[Math.floor(one / height)] ?? 0, y: ys[one % height] ?? 0 }))
    budget.left -= 1
    if (budget.left < 0) return undefined
    for (const axis of [0, 1] as const)
      for (const step of [-1, 1]) {
        const [values, place] = axis === 0 ? [xs, x] : [ys, y]
        const [here, there] = [values[place], values[place + step]]
        const next = at + step * (axis === 0 ? height : 1)
        const piece = Math.min(at, next)
        const toll = tolls[axis][piece] ?? 0
        if (here === undefined || there === undefined || toll === blocked) continue
        const length = Math.abs(there - here) * (toll === alongside ? 1 + shared : 1)
        const over = (crossed[axis][piece] ?? 0) * across
        reach(next * 2 + axis, cost + length + over + (axis === way ? 0 : bend), state)
      }
  }
  return undefined
}

/** For each piece of a line between two crossings, from the first of the two: whether it is free, shared or blocked. */
function tollsOn(
  xs: readonly number[],
  ys: readonly number[],
  axis: Axis,
  boxes: readonly Box[],
  taken: readonly Segment[],
): Uint8Array {
  const tolls = new Uint8Array(xs.length * ys.length)
  const [own, other] = axis === 'x' ? [xs, ys] : [ys, xs]
  const side = axis === 'x' ? 'y' : 'x'
  const mark = (low: number, high: number, near: number, far: number, as: number): void => {
    for (let line = firstAbove(other, near); line < other.length && (other[line] ?? 0) < far; line += 1)
      for (let at = Math.max(0, firstAbove(own, low) - 1); at + 1 < own.length && (own[at] ?? 0) < high; at += 1) {
        const index = axis === 'x' ? at * ys.length + line : line * ys.length + at
        tolls[index] = Math.max(tolls[index] ?? 0, as)
      }
  }
  for (const [a, b] of taken)
    if (a[side] === b[side])
      mark(Math.min(a[axis], b[axis]), Math.max(a[axis], b[axis]), a[side] - beside, a[side] + beside, alongside)
  for (const box of boxes)
    mark(box[axis] - clear, endOf(box, axis) + clear, box[side] - clear, endOf(box, side) + clear, blocked)
  return tolls
}

/** For each piece of a line between two crossings, from the first of the two: how many other lines it is drawn across. */
function crossedOn(xs: readonly number[], ys: readonly number[], axis: Axis, lines: readonly Stroke[]): Uint8Array {
  const counts = new Uint8Array(xs.length * ys.length)
  const [own, other] = axis === 'x' ? [xs, ys] : [ys, xs]
  const side = axis === 'x' ? 'y' : 'x'
  const first = { x: xs[0] ?? 0, y: ys[0] ?? 0 }
  const last = { x: xs.at(-1) ?? 0, y: ys.at(-1) ?? 0 }
  const near = lines.filter(
    ({ low, high }) => low.x <= last.x && first.x <= high.x && low.y <= last.y && first.y <= high.y,
  )
  for (const [a, b] of near.flatMap(({ pieces }) => pieces)) {
    const [low, high] = [Math.min(a[side], b[side]), Math.max(a[side], b[side])]
    for (let line = firstAbove(other, low - 0.001); line < other.length && (other[line] ?? 0) < high; line += 1) {
      const part = ((other[line] ?? 0) - a[side]) / (b[side] - a[side])
      const at = firstAbove(own, a[axis] + part * (b[axis] - a[axis])) - 1
      const index = axis === 'x' ? at * ys.length + line : line * ys.length + at
      if (at >= 0 && at + 1 < own.length) counts[index] = (counts[index] ?? 0) + 1
    }
  }
  return counts
}

/** The index of the first that is larger. */
function firstAbove(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}

/** The ends and where it turns. */
function cornersOf(end: number, before: Int32Array, pointOf: (at: number) => Point): Point[] {
  const points: Point[] = []
  for (let state = end; state >= 0; state = before[state] ?? -1) points.unshift(pointOf(state >> 1))
  return points.filter((point, at) => {
    const [one, two] = [points[at - 1], points[at + 1]]
    if (one === undefined || two === undefined) return true
    return !((one.x === point.x && point.x === two.x) || (one.y === point.y && point.y === two.y))
  })
}

/** What is open, the least first. */
class Heap {
  readonly #items: { state: number; rank: number }[] = []

  add(state: number, rank: number): void {
    const items = this.#items
    let at = items.length
    items.push({ state, rank })
    for (let up = (at - 1) >> 1; at > 0 && (items[up]?.rank ?? 0) > rank; up = (at - 1) >> 1) {
      this.#swap(at, up)
      at = up
    }
  }

  take(): number | undefined {
    const items = this.#items
    if (items.length === 0) return undefined
    this.#swap(0, items.length - 1)
    const least = items.pop()
    const rank = (at: number) => items[at]?.rank ?? Infinity
    for (let at = 0; ;) {
      const down = rank(at * 2 + 1) <= rank(at * 2 + 2) ? at * 2 + 1 : at * 2 + 2
      if (rank(down) >= rank(at)) return least?.state
      this.#swap(at, down)
      at = down
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    const [one, two] = [items[a], items[b]]
    if (one === undefined || two === undefined) return
    items[a] = two
    items[b] = one
  }
}
