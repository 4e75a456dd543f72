/**
 * Schedules as crontab(5) writes them: minute, hour, day of the month, month, day of the week. No seconds, no `@daily`, no
 * signs of other dialects (`L`, `W`, `#`, `?`), which mean different things to different readers.
 */
export type FieldName = 'minute' | 'hour' | 'day' | 'month' | 'weekday'

export type Part = {
  text: string
  /** The numbers that it stands for, in order; Sunday is 0. */
  values: readonly number[]
}
export type Schedule = Record<FieldName, Part>

/** What is wrong, said of the schedule; where in its text; and what was likely meant. */
export type Wrong = { message: string; start: number; end: number; instead?: string }

type Range = { title: string; from: number; to: number; names?: readonly string[] }

const ranges: Record<FieldName, Range> = {
  minute: { title: 'minute', from: 0, to: 59 },
  hour: { title: 'hour', from: 0, to: 23 },
  day: { title: 'day of the month', from: 1, to: 31 },
  month: {
    title: 'month',
    from: 1,
    to: 12,
    names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  weekday: { title: 'day of the week', from: 0, to: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
}
const order = ['minute', 'hour', 'day', 'month', 'weekday'] as const

const shortNames: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

export function readSchedule(text: string): Schedule | { wrong: Wrong } {
  const found = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], at: match.index }))
  const whole = (message: string, instead?: string) => ({
    wrong: { message, start: 0, end: text.length, ...(instead === undefined ? {} : { instead }) },
  })
  const [first] = found
  if (first?.text.startsWith('@') === true) {
    const instead = shortNames[first.text.toLowerCase()]
    return whole(`names “${first.text}”; it is written in five fields, such as ${instead ?? '0 9 * * 1-5'}.`, instead)
  }
  if (first !== undefined && found.length === 6) {
    const rest = found.slice(1).map((one) => one.text)
    const even = Number(first.text) === 0 ? rest.join(' ') : undefined
    return whole('has six fields. It has no seconds: it begins with the minute.', even)
  }
  if (found.length !== order.length)
    return whole(
      `has ${found.length === 1 ? 'one field' : `${found.length} fields`}, and needs five: minute, hour, day of the month, month, day of the week.`,
    )
  const schedule: Partial<Schedule> = {}
  for (const [at, name] of order.entries()) {
    const token = found[at] ?? { text: '', at: 0 }
    const read = readPart(token.text, token.at, ranges[name])
    if ('wrong' in read) return read
    schedule[name] = read
  }
  const all = schedule as Schedule
  const never = neverComes(all)
  return never === null ? all : whole(never)
}

const readPart = (text: string, start: number, range: Range): Part | { wrong: Wrong } => {
  const values = new Set<number>()
  let at = start
  for (const one of text.split(',')) {
    const read = readOne(one, range)
    if (typeof read === 'string') return { wrong: { message: read, start: at, end: at + one.length } }
    for (const value of read) values.add(value)
    at += one.length + 1
  }
  return { text, values: [...values].toSorted((a, b) => a - b) }
}

/** The numbers of `*`, `5`, `1-5`, or one of these by a step; a sentence where it is none of them. */
const readOne = (text: string, { title, from, to, names }: Range): number[] | string => {
  if (text === '') return `has a comma too many in its ${title}.`
  const match = /^(\*|\w+)(?:-(\w+))?(?:\/(\w+))?$/.exec(text)
  const [, low = '', high, step] = match ?? []
  if (match === null || (low === '*' && high !== undefined))
    return `has “${text}” for its ${title}. Write *, a number, a range such as ${from + 1}-${from + 3}, or */${from + 2}.`
  const number = (said: string): number =>
    /^\d+$/.test(said) ? Number(said) : (names?.indexOf(said.toLowerCase()) ?? -1)
  const [a, b] = low === '*' ? [from, to] : [number(low), number(high ?? low)]
  for (const [said, value] of [[low, a] as const, [high ?? low, b] as const])
    if (value < from || value > to)
      return `has the ${title} “${said}”. It is from ${from} to ${to}${names === undefined ? '' : `, or from ${names.find(Boolean)} to ${names.at(-1)}`}.`
  if (a > b) return `has “${text}”, which runs backwards. Write it in two: ${twoParts(a, b, from, to)}.`
  const by = step === undefined ? 1 : Number(step)
  const size = to - from + (names?.[0] === 'sun' ? 0 : 1)
  if (!Number.isInteger(by) || by < 1 || by > size)
    return `has the step “${step}” in its ${title}. It is from 1 to ${size}.`
  if (step !== undefined && low !== '*' && high === undefined)
    return `has “${text}”. A step follows * or a range: ${low}-${to}/${step}.`
  const many = Array.from({ length: Math.floor((b - a) / by) + 1 }, (_, n) => a + n * by)
  return to === 7 ? many.map((day) => day % 7) : many
}

const twoParts = (a: number, b: number, from: number, to: number): string =>
  [
    [a, to === 7 ? 6 : to],
    [from, b],
  ]
    .map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`))
    .join(',')

const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const months = 'January February March April May June July August September October November December'.split(' ')

/** A day such as 30 February; where a day of the week is given too, that one comes. */
const neverComes = ({ day, month, weekday }: Schedule): string | null => {
  if (weekday.text !== '*') return null
  const earliest = day.values[0] ?? 1
  if (month.values.some((one) => earliest <= (days[one - 1] ?? 0))) return null
  const which = month.values.map((one) => months[one - 1]).join(' and ')
  return `never comes: ${which} ${month.values.length === 1 ? 'has' : 'have'} no day ${day.values.join(' or ')}.`
}
