import { readSchedule, type Schedule } from '#schemas/automation/schedule/read.ts'

/** A schedule as it is chosen in plain words. `time` is `HH:MM`; days of the week count from Sunday as 0. */
export type Choice =
  | { every: 'minutes'; count: number }
  | { every: 'hours'; count: number; minute: number }
  | { every: 'day'; time: string }
  | { every: 'weekday'; time: string }
  | { every: 'week'; days: readonly number[]; time: string }
  | { every: 'month'; day: number; time: string }

/** What divides an hour and a day evenly: only that comes as often as it says. */
export const minuteSteps = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30]
export const hourSteps = [1, 2, 3, 4, 6, 8, 12]

const two = (n: number): string => String(n).padStart(2, '0')
const stepped = (count: number): string => (count === 1 ? '*' : `*/${count}`)

export function writeChoice(choice: Choice): string {
  if (choice.every === 'minutes') return `${stepped(choice.count)} * * * *`
  if (choice.every === 'hours') return `${choice.minute} ${stepped(choice.count)} * * *`
  const [hour = 0, minute = 0] = choice.time.split(':').map(Number)
  const at = `${minute} ${hour}`
  if (choice.every === 'day') return `${at} * * *`
  if (choice.every === 'weekday') return `${at} * * 1-5`
  if (choice.every === 'month') return `${at} ${choice.day} * *`
  return `${at} * * ${choice.days.toSorted((a, b) => ((a + 6) % 7) - ((b + 6) % 7)).join(',')}`
}

/** The choice that means the same as a schedule; null where none does, or it is no schedule. */
export function readChoice(text: string): Choice | null {
  const read = readSchedule(text)
  return 'wrong' in read || read.month.text !== '*' ? null : (often(read) ?? onDays(read))
}

const often = ({ minute, hour, day, weekday }: Schedule): Choice | null => {
  if (day.text !== '*' || weekday.text !== '*') return null
  const everyMinutes = minuteSteps.find((count) => minute.text === stepped(count))
  if (everyMinutes !== undefined) return hour.text === '*' ? { every: 'minutes', count: everyMinutes } : null
  const everyHours = hourSteps.find((count) => hour.text === stepped(count))
  const [first] = minute.values
  return everyHours === undefined || first === undefined || minute.values.length > 1
    ? null
    : { every: 'hours', count: everyHours, minute: first }
}

const onDays = ({ minute, hour, day, weekday }: Schedule): Choice | null => {
  const time = timeOf({ minute, hour })
  if (time === null) return null
  if (weekday.text === '*') {
    if (day.text === '*') return { every: 'day', time }
    const [first] = day.values
    return first === undefined || day.values.length > 1 ? null : { every: 'month', day: first, time }
  }
  if (day.text !== '*') return null
  const days = weekday.values
  return days.join() === '1,2,3,4,5' ? { every: 'weekday', time } : { every: 'week', days, time }
}

/** The one time of day at which it comes; null where there are several. */
export const timeOf = ({ minute, hour }: Pick<Schedule, 'minute' | 'hour'>): string | null => {
  const [m, h] = [minute.values[0], hour.values[0]]
  if (m === undefined || h === undefined || minute.values.length > 1 || hour.values.length > 1) return null
  return `${two(h)}:${two(m)}`
}

/** The first of another sort of choice: it keeps the time of day, where there was one. */
export function begin(every: Choice['every'], before: string): Choice {
  const read = readSchedule(before)
  const time = ('wrong' in read ? null : timeOf(read)) ?? '09:00'
  if (every === 'minutes') return { every, count: 15 }
  if (every === 'hours') return { every, count: 1, minute: 0 }
  if (every === 'week') return { every, days: [1], time }
  if (every === 'month') return { every, day: 1, time }
  return { every, time }
}
