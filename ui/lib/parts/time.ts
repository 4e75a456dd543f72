const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })

/** `just now`, `12 s ago`, `3 min ago`, `in 2 h`, `yesterday`: the units of `durationText`. Both in ms since 1970. */
export const relativeTime = (at: number, now: number): string => {
  const seconds = Math.round((at - now) / 1000)
  if (Math.abs(seconds) < 5) return 'just now'
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  const said = relative.format(Math.trunc(seconds / size), unit)
  return said.replace('sec.', 's').replace('hr.', 'h').replace('.', '')
}

/** When a relative time can first read differently: every second, minute or hour, in ms. */
export const changesWithin = (at: number, now: number): number => {
  const away = Math.abs(at - now)
  return away < 60_000 ? 1000 : away < 3_600_000 ? 15_000 : 300_000
}

/** The reader's own time, and UTC in brackets, to the ms. */
export const absoluteTime = (at: number): string => {
  const local = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' }).format(at)
  return `${local} (${new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')})`
}

/** `0 ms`, `840 ms`, `2.4 s`, `3 min 12 s`, `2 h 05 min`, `3 d 4 h`. Takes ms. */
export const durationText = (ms: number): string => {
  const spent = Math.max(0, ms)
  if (spent < 999.5) return `${Math.round(spent)} ms`
  if (spent < 59_950) return `${(spent / 1000).toFixed(spent < 9950 ? 1 : 0)} s`
  const seconds = Math.round(spent / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}
