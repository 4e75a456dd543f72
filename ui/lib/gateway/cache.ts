import type { CachePoint, CacheScope, CacheSettings } from '#schemas/gateway/cache.ts'

export const modeWords: Record<CacheSettings['mode'], string> = {
  off: 'Off',
  exact: 'The same request',
  semantic: 'Nearly the same question too',
}

export const scopeWords: Record<CacheScope, string> = {
  tenant: 'Everybody',
  user: 'The same user',
  key: 'The same key',
}

const units = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const
export const unitNames = ['second', 'minute', 'hour', 'day'] as const
export type TimeUnit = (typeof unitNames)[number]

/** Seconds in the largest unit of which they are a whole number. */
export function inUnits(seconds: number): { count: number; unit: TimeUnit } {
  const [size, unit] = units.find(([one]) => seconds % one === 0) ?? [1, 'second']
  return { count: seconds / size, unit }
}

export const secondsOf = (count: number, unit: TimeUnit): number =>
  Math.round(count * (units.find(([, name]) => name === unit)?.[0] ?? 1))

export const lifeText = (seconds: number): string => {
  const { count, unit } = inUnits(seconds)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** How much room there is, in whole mebibytes where it is so many. */
export const roomText = (bytes: number): string => `${Number((bytes / 1_048_576).toFixed(1)).toLocaleString('en')} MiB`

/** A share in percent, with a digit after the point where it says something. */
export const percentText = (share: number): string => {
  const percent = share * 100
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`
}

type Sums = Omit<CachePoint, 'at'>

/** All of a time in one. */
export const sumOf = (points: readonly CachePoint[]): Sums =>
  points.reduce<Sums>(
    (sum, one) => ({
      exact: sum.exact + one.exact,
      semantic: sum.semantic + one.semantic,
      missed: sum.missed + one.missed,
      saved: sum.saved + one.saved,
      audited: sum.audited + one.audited,
      wrong: sum.wrong + one.wrong,
    }),
    { exact: 0, semantic: 0, missed: 0, saved: 0, audited: 0, wrong: 0 },
  )

export const lookedUp = ({ exact, semantic, missed }: Sums): number => exact + semantic + missed

/** How many were answered again, of those that were looked up; null where none was. */
export const hitRate = (sums: Sums): number | null => {
  const all = lookedUp(sums)
  return all === 0 ? null : (sums.exact + sums.semantic) / all
}

export type Bin = Sums & { at: number; savedSoFar: number }

/** Each hour or day of the time in its order, also those in which nothing was asked. */
export function binsOf(points: readonly CachePoint[], by: 'hour' | 'day', days: number, now: number): Bin[] {
  const ms = by === 'hour' ? 3_600_000 : 86_400_000
  const last = Math.floor(now / ms) * ms
  const at = new Map(points.map((point) => [Date.parse(point.at), point]))
  let savedSoFar = 0
  return Array.from({ length: (days * 86_400_000) / ms }, (_, n, all = (days * 86_400_000) / ms) => {
    const begins = last - (all - 1 - n) * ms
    const { at: _at, ...sums } = at.get(begins) ?? { at: '', ...sumOf([]) }
    savedSoFar += sums.saved
    return { ...sums, at: begins, savedSoFar }
  })
}
