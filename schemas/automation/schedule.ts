import { Cron } from 'croner'
import { readSchedule } from './schedule/read.ts'

/**
 * The next times of a schedule after `after`, in ms since 1970; fewer where it ends, none where it is no schedule. They
 * follow the clock of the zone: a time that its spring leaves out comes right after the gap, and one that its autumn has
 * twice comes once, at the first. What comes every few minutes or hours goes on evenly through both.
 */
export function nextTimes(schedule: string, zone: string, after: number, most: number): number[] {
  const named = zoneNamed(zone)
  if (named === null || 'wrong' in readSchedule(schedule)) return []
  // "no-wildcard": several times of a day written out are as fixed as one is
  const cron = new Cron(schedule, { timezone: named, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true })
  return cron.nextRuns(most, new Date(after)).map((at) => at.getTime())
}

/** How IANA writes the zone; null for what is none. An offset such as +05:30 is none: it has no summer. */
export function zoneNamed(zone: string): string | null {
  if (!/^[a-z]/i.test(zone)) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
