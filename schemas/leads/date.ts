const zones: Record<string, number> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  AKST: -540,
  AKDT: -480,
  HST: -600,
}
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const time = String.raw`(?:[T,\s]+(\d{1,2})(?::?(\d{2}))?(?::?(\d{1,2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?m?\.?\s*(z|[a-z]{3,4}|[+-]\d{1,2}:?\d{0,2})?)?$`
const form = (date: string) => new RegExp(`^${date}${time}`, 'i')
const forms = [
  { pattern: form(String.raw`(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})`), order: 'ymd' },
  { pattern: form(String.raw`(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})`), order: 'mdy' },
  { pattern: form(String.raw`(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})`), order: 'dmy' },
  { pattern: form(String.raw`(?:[a-z]{3,9},?\s+)?(\d{1,2})[\s-]+([a-z]{3,9})[\s-]+(\d{4})`), order: 'dmy' },
  { pattern: form(String.raw`(?:[a-z]{3,9},?\s+)?([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})`), order: 'mdy' },
] as const

const monthOf = (text: string): number =>
  /\d/.test(text) ? Number(text) : months.indexOf(text.slice(0, 3).toLowerCase()) + 1

/** Minutes east of UTC; null where the text names no zone known here. */
const offsetOf = (zone: string | undefined): number | null => {
  if (!zone) return null
  const numeric = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone)
  if (!numeric) return zones[zone.toUpperCase()] ?? null
  return (numeric[1] === '-' ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3] ?? 0))
}

const hourOf = (hour: number, half: string | undefined): number => {
  if (!half) return hour
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
}

export type ReadDate = { iso: string; zoneAssumed: boolean; orderAssumed: boolean }

/**
 * Reads the dates that ADF providers send: ISO 8601 (1988 and later, one-digit hours too), US and European local
 * forms, RFC 5322. Without a zone it is taken as UTC, and said so.
 * @returns null where it is no date
 */
export const readDate = (text: string): ReadDate | null => {
  for (const { pattern, order } of forms) {
    const match = pattern.exec(text.trim().slice(0, 80))
    if (!match) continue
    const [, a = '', b = '', c = '', hour, minute, second, fraction, half, zone] = match
    const year = order === 'ymd' ? a : c
    let month = monthOf(order === 'mdy' ? a : b)
    let day = monthOf({ ymd: c, mdy: b, dmy: a }[order])
    const orderAssumed = order !== 'ymd' && month > 12 && day <= 12
    if (orderAssumed) [month, day] = [day, month]
    const fullYear = Number(year) + (year.length === 2 ? 2000 : 0)
    const h = hourOf(Number(hour ?? 0), half)
    const offset = offsetOf(zone)
    const millis = Number((fraction ?? '0').padEnd(3, '0').slice(0, 3))
    const stamp = Date.UTC(fullYear, month - 1, day, h, Number(minute ?? 0), Number(second ?? 0), millis)
    const back = new Date(stamp)
    const real = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && h < 24 && Number(minute ?? 0) < 60
    if (!real || fullYear < 1990 || fullYear > 2100 || Math.abs(offset ?? 0) > 840) return null
    return {
      iso: new Date(stamp - (offset ?? 0) * 60_000).toISOString(),
      zoneAssumed: offset === null,
      orderAssumed,
    }
  }
  return null
}
