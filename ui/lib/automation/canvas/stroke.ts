import type { Point } from '../shape.ts'

export type Segment = readonly [Point, Point]
/** A line as it is drawn: its straight pieces, and the corners of what is around them. */
export type Stroke = { pieces: readonly Segment[]; low: Point; high: Point }

export const segmentsOf = (points: readonly Point[]): Segment[] =>
  points.slice(1).flatMap((point, at) => {
    const before = points[at]
    return before === undefined ? [] : [[before, point] as const]
  })

export function strokeOf(points: readonly Point[]): Stroke {
  const [low, high] = [
    { x: Infinity, y: Infinity },
    { x: -Infinity, y: -Infinity },
  ]
  for (const { x, y } of points) {
    low.x = Math.min(low.x, x)
    low.y = Math.min(low.y, y)
    high.x = Math.max(high.x, x)
    high.y = Math.max(high.y, y)
  }
  return { pieces: segmentsOf(points), low, high }
}

/** Whether a piece comes near what is around a line. */
const isNear = ([a, b]: Segment, { low, high }: Stroke): boolean =>
  Math.min(a.x, b.x) <= high.x &&
  low.x <= Math.max(a.x, b.x) &&
  Math.min(a.y, b.y) <= high.y &&
  low.y <= Math.max(a.y, b.y)

const side = ([a, b]: Segment, { x, y }: Point): number => Math.sign((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x))

/** Whether two lines come together with at least this: 1 where a piece is drawn across another, 0 where it touches it. */
function come(one: Stroke, two: Stroke, least: 0 | 1, by = 0): boolean {
  const { low, high } = two
  if (one.low.x > high.x + by || low.x + by > one.high.x || one.low.y > high.y + by || low.y + by > one.high.y)
    return false
  const shifted = by === 0 ? two.pieces : two.pieces.map(([a, b]): Segment => [shift(a, by), shift(b, by)])
  const near = shifted.filter((piece) => isNear(piece, one))
  const meets = (a: Segment, b: Segment) =>
    side(a, b[0]) * side(a, b[1]) <= -least && side(b, a[0]) * side(b, a[1]) <= -least
  return near.length > 0 && one.pieces.some((a) => near.some((b) => meets(a, b)))
}
const shift = ({ x, y }: Point, by: number): Point => ({ x: x + by, y: y + by })

/** A little to one side and to the other: what only runs along another line misses it on one of them. */
const little = 0.3
/** Whether one line is drawn across another, also where they go the same way in between. */
export const cross = (one: Stroke, two: Stroke): boolean => come(one, two, 1, little) && come(one, two, 1, -little)
/** Whether one line is drawn across another or comes to it. */
export const touch = (one: Stroke, two: Stroke): boolean => come(one, two, 0)
