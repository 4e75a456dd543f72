import type { Axis } from './axis.ts'
import { toShare, toTime } from './axis.ts'

export type Tick = { time: number; share: number; label: string }
/** The part of the axis that is in view, as shares of it. */
export type View = { from: number; to: number }

const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000,
]

/** Time since the start, as short as the step allows: `+0`, `+250 ms`, `+1.5 s`, `+2:05`, `+3:00:10`. Both in ms. */
export const tickLabel = (ms: number, step: number): string => {
  if (ms === 0) return '0'
  if (ms < 1000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(step < 10 ? 3 : step < 100 ? 2 : step < 1000 ? 1 : 0)} s`
  const seconds = Math.floor(ms / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const tail = step < 1000 ? `.${String(ms % 1000).padStart(3, '0')}` : ''
  const h = Math.floor(seconds / 3600)
  const m = Math.floor(seconds / 60) % 60
  return h > 0 ? `${h}:${two(m)}:${two(seconds % 60)}${tail}` : `${m}:${two(seconds % 60)}${tail}`
}

/**
 * Round times since the start that fall in the view, none in a collapsed gap, at most about one per `spacing`.
 *
 * @param spacing least distance of two ticks, as a share of the view
 */
export const ticksOf = (axis: Axis, view: View, spacing: number): Tick[] => {
  const width = view.to - view.from
  const ticks: Tick[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const stretch of axis.stretches) {
    if (stretch.gap || stretch.end < view.from || stretch.start > view.to) continue
    const perShare = (stretch.to - stretch.from) / (stretch.end - stretch.start)
    const step = steps.find((it) => it >= perShare * width * spacing) ?? 2_592_000_000
    const first = toTime(axis, Math.max(stretch.start, view.from)) - axis.from
    const until = toTime(axis, Math.min(stretch.end, view.to)) - axis.from
    for (let ms = Math.ceil(first / step) * step; ms <= until; ms += step) {
      const share = toShare(axis, axis.from + ms)
      if (share - last < width * spacing * 0.9) continue
      last = share
      ticks.push({ time: axis.from + ms, share, label: tickLabel(ms, step) })
    }
  }
  return ticks
}
