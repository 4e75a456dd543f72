import type { View } from './ticks.ts'

export const wholeView: View = { from: 0, to: 1 }
/** Deepest zoom: this share of the axis fills the screen. */
const least = 1 / 4096

/** Zooms by `factor` (below 1 is closer) and keeps `around`, a share of the axis, where it stands. */
export const zoomed = (view: View, factor: number, around: number): View => {
  const width = Math.min(1, Math.max(least, (view.to - view.from) * factor))
  const hold = Math.min(view.to, Math.max(view.from, around))
  const from = hold - ((hold - view.from) / (view.to - view.from)) * width
  return within(from, width)
}

/** Moves by `by` widths of the view: 0.25 is a quarter to the later. */
export const panned = (view: View, by: number): View => {
  const width = view.to - view.from
  return within(view.from + by * width, width)
}

const within = (from: number, width: number): View => {
  const start = Math.min(1 - width, Math.max(0, from))
  return { from: start, to: start + width }
}
