import { endOf, type Box, type Point } from '../shape.ts'
import { clear, shortest, type Field } from './lattice.ts'
import { strokeOf, touch, type Stroke } from './stroke.ts'
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

/** What is drawn already, and the steps at its ends. */
export type Line = { stroke: Stroke; ends: readonly Box[] }

type Around = Omit<Field, 'along' | 'lines'> & { lines: readonly Line[] }

/**
 * A way in right angles around boxes, and around lines where that is not too far: the points between its two ends, none
 * where there is no way. Only what is in the way is looked at, so that a way through a large drawing is found as quickly
 * as through a small one.
 */
export function detour({ from, to, beside }: Ends, { boxes, lines, ...field }: Around): Point[] | undefined {
  const first = beside ? { x: from.x + out.side, y: from.y } : { x: from.x, y: from.y + out.end }
  const last = { x: to.x, y: to.y - out.end }
  const inWay = new Set(boxes.filter((box) => meets(from, to, box, clear)))
  const all = lines.map(({ stroke }) => stroke)
  for (let rounds = 0; rounds < mostRounds; rounds += 1) {
    const way = shortest(first, last, { ...field, lines: all, along: beside ? 'x' : 'y', boxes: [...inWay] })
    if (way === undefined) return undefined
    const stroke = strokeOf(way)
    const hit = boxes.filter((box) => !inWay.has(box) && stroke.pieces.some(([a, b]) => meets(a, b, box, clear - 1)))
    // what ends at a step is gone around where that step is
    const more = lines.filter((line) => touch(stroke, line.stroke)).flatMap(({ ends }) => ends)
    const known = inWay.size
    for (const box of [...hit, ...more]) inWay.add(box)
    // a way past the next line may cross another: only one who sees everything knows of a way past them all
    if (inWay.size === known && more.length > 0 && boxes.length <= mostSeen) for (const box of boxes) inWay.add(box)
    if (inWay.size === known) return way
  }
  return undefined
}

const mostRounds = 40
/** In spaces of so many steps a way past all lines is looked for. */
const mostSeen = 60
/** What leaves a node goes a little straight before it turns, and so does what arrives. */
const out = { side: 16, end: 12 }
