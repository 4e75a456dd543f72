import { Clock, isZone } from '../../steering/clock.ts'
import { Failure } from '../failure.ts'
import { momentMs } from '../moment.ts'

/** What a letter says for an amount: whole where it is whole, with cents where it is not. */
export const writtenAmount = (value: number): string => {
  const cents = Math.round(value * 100)
  const digits = cents % 100 === 0 ? 0 : 2
  return (cents / 100).toFixed(digits).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',')
}

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const months = 'January February March April May June July August September October November December'.split(' ')

// written out by hand: what ICU writes changes from one version of Node to the next, and a history must replay

/** `Friday, January 15, 2027`; a day that is given without an hour is that day everywhere. */
export const writtenDay = (when: unknown, zone: string): string => {
  const alone = typeof when === 'string' && /^\d{4}-\d\d-\d\d$/.test(when)
  const { weekday, month, day, year } = clockOf(when, alone ? 'UTC' : zone)
  return `${days[weekday - 1]}, ${months[month - 1]} ${day}, ${year}`
}

/** `3:00 PM` */
export const writtenTime = (when: unknown, zone: string): string => {
  const { hour, minute } = clockOf(when, zone)
  return `${hour % 12 || 12}:${String(minute).padStart(2, '0')} ${hour < 12 ? 'AM' : 'PM'}`
}

const clockOf = (when: unknown, zone: string): Clock => {
  const at = when instanceof Date ? when.getTime() : momentMs(when)
  if (at === null) throw new Failure('expression_failed', 'A time is needed here, such as 2027-01-15T15:00:00-06:00.')
  if (!isZone(zone)) throw new Failure('expression_failed', `“${zone}” is no time zone; one is America/Chicago.`)
  return new Clock(at, zone)
}
