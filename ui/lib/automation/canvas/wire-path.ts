import type { Point } from '../shape.ts'

/** How many straight pieces stand for a curve, and for a rounded corner. */
const pieces = { C: 24, Q: 6 }

/** Points along a path of an SVG made of straight lines and curves, near enough to see what it crosses. */
export function pointsOn(path: string): Point[] {
  const points: Point[] = []
  for (const [, kind, told = ''] of path.matchAll(/([MLQC])([^MLQC]*)/g)) {
    const numbers = (told.match(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g) ?? []).map(Number)
    const controls: Point[] = []
    for (let at = 0; at + 1 < numbers.length; at += 2) controls.push({ x: numbers[at] ?? 0, y: numbers[at + 1] ?? 0 })
    const from = points.at(-1)
    if ((kind !== 'C' && kind !== 'Q') || from === undefined) points.push(...controls)
    else for (let n = 1; n <= pieces[kind]; n += 1) points.push(curve([from, ...controls], n / pieces[kind]))
  }
  return points
}

/** The point of a Bézier curve at `t`, by de Casteljau. */
const curve = (controls: readonly Point[], t: number): Point => {
  const [first = { x: 0, y: 0 }, ...rest] = controls
  if (rest.length === 0) return first
  const between = rest.map((point, at) => {
    const before = controls[at] ?? point
    return { x: before.x + (point.x - before.x) * t, y: before.y + (point.y - before.y) * t }
  })
  return curve(between, t)
}

/** A path and where its middle is. */
export type Drawn = [path: string, x: number, y: number]

/** A line through points with its corners rounded. */
export function roundedPath(points: readonly Point[], radius = 10): Drawn {
  const [first = { x: 0, y: 0 }, ...rest] = points
  const parts = [`M${first.x},${first.y}`]
  for (const [at, point] of rest.entries()) {
    const [before, after] = [points[at] ?? point, rest[at + 1]]
    if (after === undefined) parts.push(`L${point.x},${point.y}`)
    else {
      const [into, out] = [towards(point, before, radius), towards(point, after, radius)]
      parts.push(`L${into.x},${into.y}Q${point.x},${point.y} ${out.x},${out.y}`)
    }
  }
  const middle = middleOf(points)
  return [parts.join(''), middle.x, middle.y]
}

const lengthOf = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y)

/** From one point so far towards another, half of the way at the most. */
const towards = (from: Point, to: Point, by: number): Point => {
  const length = lengthOf(from, to)
  const t = length === 0 ? 0 : Math.min(by / length, 0.5)
  return { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t }
}

const middleOf = (points: readonly Point[]): Point => {
  const lengths = points.slice(1).map((point, at) => lengthOf(points[at] ?? point, point))
  let left = lengths.reduce((sum, one) => sum + one, 0) / 2
  for (const [at, length] of lengths.entries()) {
    const [a, b] = [points[at], points[at + 1]]
    if (a !== undefined && b !== undefined && left <= length) {
      const t = length === 0 ? 0 : left / length
      return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t }
    }
    left -= length
  }
  return points[0] ?? { x: 0, y: 0 }
}
