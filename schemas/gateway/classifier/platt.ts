import { sigmoid } from './score.ts'

const rounds = 50

/**
 * The curve 1 / (1 + exp(-(slope · x + offset))) that fits best what came true (Platt, 1999, with his smoothed targets, so that
 * rows that all agree are not taken for certainty), by Newton's method. Never falling: what is expected to be better is not less
 * probable; where the rows say otherwise, there is nothing to be told, and the slope is 0.
 */
export function platt(x: ArrayLike<number>, came: readonly boolean[]): { slope: number; offset: number } {
  const hits = came.filter(Boolean).length
  const [yes, no] = [(hits + 1) / (hits + 2), 1 / (came.length - hits + 2)]
  const targets = came.map((one) => (one ? yes : no))
  const plain = Math.log((hits + 1) / (came.length - hits + 1))
  let [slope, offset] = [0, plain]
  for (let round = 0; round < rounds; round++) {
    let [ga, gb, aa, ab, bb] = [0, 0, 1e-6, 0, 1e-6]
    for (let at = 0; at < targets.length; at++) {
      const of = x[at] as number
      const p = sigmoid(slope * of + offset)
      const [wrong, weight] = [p - (targets[at] as number), p * (1 - p)]
      ga += wrong * of
      gb += wrong
      aa += weight * of * of
      ab += weight * of
      bb += weight
    }
    const det = aa * bb - ab * ab
    if (!(det > 0)) break
    const [da, db] = [(bb * ga - ab * gb) / det, (aa * gb - ab * ga) / det]
    slope -= da
    offset -= db
    if (Math.abs(da) + Math.abs(db) < 1e-9) break
  }
  return slope > 0 && Number.isFinite(slope) && Number.isFinite(offset)
    ? { slope, offset }
    : { slope: 0, offset: plain }
}
