/** A stretch of the axis, in ms since 1970 and as shares (0 to 1) of its length. An idle gap is drawn short. */
export type Stretch = { from: number; to: number; start: number; end: number; gap: boolean }
export type Axis = { from: number; to: number; stretches: readonly Stretch[] }
export type Interval = { from: number; to: number }

/** A pause is collapsed when it is longer than this, and longer than this share of all that is busy. */
const gapAtLeastMs = 5000
const gapAtLeastShare = 0.5
/** A collapsed gap is drawn as wide as this share of the busy time. */
const gapWidth = 0.06

/** Joins intervals that overlap or touch, in order of time. */
const joined = (intervals: readonly Interval[]): Interval[] => {
  const out: Interval[] = []
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else out.push({ from, to: Math.max(from, to) })
  }
  return out
}

/**
 * A piecewise-linear axis of time: busy stretches keep their proportions, long pauses between them are drawn
 * short, so a run that waited a night for a person still shows what it did around it.
 *
 * @param busy when something happened; a moment is an interval of no length
 * @param range where the axis begins and ends
 */
export const makeAxis = (busy: readonly Interval[], range: Interval): Axis => {
  const from = range.from
  const to = Math.max(range.to, from + 1)
  const marks = joined([{ from, to: from }, ...busy.filter((it) => it.to >= from && it.from <= to), { from: to, to }])
  const idle = marks.slice(1).map((mark, at) => ({ from: marks[at]?.to ?? from, to: mark.from }))

  // What remains when the gaps are taken out is what a gap is measured by; a few long ones must not hide each other.
  const byLength = idle.map((it) => it.to - it.from).sort((a, b) => b - a)
  let left = to - from
  let limit = Number.POSITIVE_INFINITY
  for (const length of byLength) {
    if (length < gapAtLeastMs || length < (left - length) * gapAtLeastShare) break
    left -= length
    limit = length
  }
  const drawnGap = Math.max(left, 1) * gapWidth

  const cuts: { from: number; to: number; gap: boolean }[] = []
  let at = from
  for (const it of idle) {
    if (it.to - it.from < limit) continue
    if (it.from > at) cuts.push({ from: at, to: it.from, gap: false })
    cuts.push({ ...it, gap: true })
    at = it.to
  }
  if (at < to) cuts.push({ from: at, to, gap: false })

  const widthOf = (cut: Interval & { gap: boolean }): number => (cut.gap ? drawnGap : cut.to - cut.from)
  const whole = cuts.reduce((sum, cut) => sum + widthOf(cut), 0)
  let start = 0
  const stretches = cuts.map((cut) => {
    const stretch = { ...cut, start, end: start + widthOf(cut) / whole }
    start = stretch.end
    return stretch
  })
  return { from, to, stretches }
}

/** Where a time stands on the axis, 0 to 1; what is outside stands at the edge. */
export const toShare = (axis: Axis, time: number): number => {
  const stretch = axis.stretches.find((it) => time <= it.to) ?? axis.stretches.at(-1)
  if (!stretch) return 0
  const inside = (Math.min(Math.max(time, stretch.from), stretch.to) - stretch.from) / (stretch.to - stretch.from)
  return stretch.start + inside * (stretch.end - stretch.start)
}

/** The time that stands at a share of the axis; the inverse of `toShare`. */
export const toTime = (axis: Axis, share: number): number => {
  const stretch = axis.stretches.find((it) => share <= it.end) ?? axis.stretches.at(-1)
  if (!stretch) return axis.from
  const inside = (Math.min(Math.max(share, stretch.start), stretch.end) - stretch.start) / (stretch.end - stretch.start)
  return stretch.from + inside * (stretch.to - stretch.from)
}
