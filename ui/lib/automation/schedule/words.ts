import { readSchedule, type Part, type Schedule } from '#schemas/automation/schedule/read.ts'
import { zoneInWords } from '../zones.ts'

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = 'January February March April May June July August September October November December'.split(' ')

const list = new Intl.ListFormat('en')
const listed = (all: readonly (string | number)[]): string => list.format(all.map(String))
const two = (n: number): string => String(n).padStart(2, '0')
const stepOf = ({ text }: Part): number => Number(/^\*\/(\d+)$/.exec(text)?.[1] ?? Number.NaN)

/** More times than these are said by their minutes and hours. */
const mostTimes = 6

/** A schedule in words, `on weekdays at 09:00`; nothing for what is none. With a zone it says whose clock. */
export function scheduleInWords(text: string, zone?: string): string | undefined {
  const read = readSchedule(text)
  if ('wrong' in read) return undefined
  const [days, times] = [daysOf(read), timesOf(read)]
  // what comes all day long says how often first
  const said =
    days === ''
      ? isOften(read)
        ? times
        : `every day ${times}`
      : isOften(read)
        ? `${times} ${days}`
        : `${days} ${times}`
  return zone === undefined || zone === '' ? said : `${said}, ${zoneInWords(zone)}`
}

const isOften = ({ minute, hour }: Schedule): boolean =>
  [minute, hour].some(({ text }) => /[*/]/.test(text)) || minute.values.length * hour.values.length > mostTimes

const timesOf = (schedule: Schedule): string => {
  const { minute, hour } = schedule
  if (!isOften(schedule))
    return `at ${listed(hour.values.flatMap((h) => minute.values.map((m) => `${two(h)}:${two(m)}`)))}`
  const [first = 0] = minute.values
  const step = stepOf(minute)
  const how =
    minute.text === '*'
      ? 'every minute'
      : !Number.isNaN(step)
        ? `every ${step} minutes${60 % step === 0 ? '' : ' from the full hour'}`
        : undefined
  if (how !== undefined) return hour.text === '*' ? how : `${how} ${hoursOf(hour)}`
  const past = minute.values.length === 1 && first === 0 ? 'on the hour' : `at ${listed(minute.values)} past the hour`
  return hour.text === '*'
    ? `every hour ${past}`
    : Number.isNaN(stepOf(hour))
      ? `${past} ${hoursOf(hour)}`
      : `${hoursOf(hour)} ${past}`
}

const hoursOf = (hour: Part): string => {
  const step = stepOf(hour)
  if (!Number.isNaN(step)) return `every ${step} hours${24 % step === 0 ? '' : ' from midnight'}`
  return `in the hours ${spans(hour.values, two)}`
}

const daysOf = ({ day, month, weekday }: Schedule): string => {
  const onDay =
    day.text === '*'
      ? ''
      : Number.isNaN(stepOf(day))
        ? `on day ${spans(day.values)} of the month`
        : `every ${stepOf(day)} days from day 1 of the month`
  const onWeekday = weekday.text === '*' ? '' : weekdaysOf(weekday.values)
  const both = [onDay, onWeekday].filter(Boolean).join(' and ')
  return month.text === '*'
    ? both
    : `${both === '' ? 'every day' : both} in ${spans(month.values, (n) => months[n - 1] ?? '')}`
}

const weekdaysOf = (days: readonly number[]): string => {
  if (days.join() === '1,2,3,4,5') return 'on weekdays'
  if (days.length === 7) return 'every day'
  const fromMonday = days.toSorted((a, b) => ((a + 6) % 7) - ((b + 6) % 7))
  return `on ${listed(fromMonday.map((n) => `${weekdays[n]}s`))}`
}

/** Numbers in a row of three and more as one: `1, 3, and 9 to 17`. */
const spans = (values: readonly number[], say: (n: number) => string = String): string => {
  const rows: number[][] = []
  for (const value of values) {
    const row = rows.at(-1)
    if (row?.at(-1) === value - 1) row.push(value)
    else rows.push([value])
  }
  return listed(
    rows.flatMap((row) => (row.length < 3 ? row.map(say) : [`${say(row[0] ?? 0)} to ${say(row.at(-1) ?? 0)}`])),
  )
}

/** A moment on the clock of a zone: `Mon 23 Nov 2026, 09:00`. */
export function onClockOf(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const said = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return `${said('weekday')} ${said('day')} ${said('month')} ${said('year')}, ${said('hour')}:${said('minute')}`
}
