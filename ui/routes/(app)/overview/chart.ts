import type { Overview } from '#schemas/system.ts'

export type Minute = Overview['perMinute'][number]

/** The least step of 1, 2 or 5 times a power of ten of which `lines` reach `most`. */
export const gridStep = (most: number, lines: number): number => {
  const least = Math.max(1, most / lines)
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5, 10].find((n) => n * power >= least) ?? 10) * power
}

export type Chart = {
  top: number
  grid: number[]
  bars: {
    at: string
    x: number
    width: number
    accepted: number
    acceptedHeight: number
    completed: number
    y: number
  }[]
}

/** Where each minute stands in a box of 1 by 1: accepted as bars, completed as points of a line; y grows downwards. */
export const chartOf = (minutes: readonly Minute[]): Chart => {
  const most = Math.max(1, ...minutes.flatMap(({ accepted, completed }) => [accepted, completed]))
  const step = gridStep(most, 4)
  const top = Math.ceil(most / step) * step
  const width = 1 / Math.max(minutes.length, 1)
  return {
    top,
    grid: Array.from({ length: top / step + 1 }, (_, n) => n * step),
    bars: minutes.map(({ at, accepted, completed }, n) => ({
      at,
      x: n * width,
      width,
      accepted,
      acceptedHeight: accepted / top,
      completed,
      y: 1 - completed / top,
    })),
  }
}

/** What the chart shows, for those who do not see it. */
export const chartInWords = (minutes: readonly Minute[]): string => {
  const sum = (of: 'accepted' | 'completed') => minutes.reduce((all, minute) => all + minute[of], 0)
  const busiest = minutes.reduce<Minute | undefined>(
    (best, it) => (it.accepted > (best?.accepted ?? 0) ? it : best),
    undefined,
  )
  const said = `In the last ${minutes.length} minutes ${sum('accepted')} leads were accepted and ${sum('completed')} runs completed.`
  return busiest ? `${said} At most ${busiest.accepted} were accepted in one minute.` : said
}
