import { endOf, type Box, type Point } from '../shape.ts'
import { clear, shortest, type Field } from './lattice.ts'
import type { Ends } from './wires.ts'

/** Whether a straight line comes into a box that is made larger by `by` all around. */
export function meets(a: Point, b: Point, box: Box, by = 0): boolean {
  let [from, to] = [0, 1]
  for (const axis of ['x', 'y'] as const) {
    const [low, high] = [box[axis] - by, endOf(box, axis) + by]
    const length = b[axis] - a[axis]
    if (length === 0) {
      if (a[axis] <= low || a[axis] >= high) return false
      continue
    }
    const [one, two] = [(low - a[axis]) / length, (high - a[axis]) / length]
    from = Math.max(from, Math.min(one, two))
    to = Math.min(to, Math.max(one, two))
  }
  return from < to
}

export type Segment = readonly [Point, Point]
export const segmentsOf = (points: readonly Point[]): Segment[] =>
  points.slice(1).flatMap((point, at) => {
    const before = points[at]
    return before === undefined ? [] : [[before, point] as const]
  })

/**
 * A way in right angles around boxes: the points between its two ends, none where there is no way. Only what is in the
 * way is looked at, so that a way through a large drawing is found as quickly as through a small one.
 */
export function detour({ from, to, beside }: Ends, { boxes, ...field }: Omit<Field, 'along'>): Point[] | undefined {
  const first = beside ? { x: from.x + out.side, y: from.y } : { x: from.x, y: from.y + out.end }
  const last = { x: to.x, y: to.y - out.end }
  const inWay = new Set(boxes.filter((box) => meets(from, to, box, clear)))
  for (let rounds = 0; rounds < mostRounds; rounds += 1) {
    const way = shortest(first, last, { ...field, along: beside ? 'x' : 'y', boxes: [...inWay] })
    if (way === undefined) return undefined
    const pieces = segmentsOf(way)
    const hit = boxes.filter((box) => !inWay.has(box) && pieces.some(([a, b]) => meets(a, b, box, clear - 1)))
    if (hit.length === 0) return way
    for (const box of hit) inWay.add(box)
  }
  return undefined
}

const mostRounds = 40
/** What leaves a node goes a little straight before it turns, and so does what arrives. */
const out = { side: 16, end: 12 }
