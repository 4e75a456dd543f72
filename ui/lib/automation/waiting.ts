import type { Node } from '#schemas/automation/definition.ts'
import { durationMs } from '#schemas/automation/duration.ts'
import { momentMs } from '#schemas/automation/moment.ts'
import { nextTimes } from '#schemas/automation/schedule.ts'
import { relativeTime } from '../parts/time.ts'
import { momentInWords } from './moment.ts'
import { onClockOf } from './schedule/words.ts'
import { inShort } from './summary.ts'
import { ownZone, zoneInWords } from './zones.ts'

/** When a wait that began then ends, and on whose clock that is told; nothing where its fields do not say. */
function endOf({ kind, with: told = {} }: Node, startedAt: string): { at: number; zone?: string } | undefined {
  if (kind !== 'wait') return undefined
  const from = Date.parse(startedAt)
  const { for: mode = 'duration', until, duration, cron, zone } = told
  if (mode === 'schedule') {
    if (typeof cron !== 'string' || typeof zone !== 'string') return undefined
    const [at] = nextTimes(cron, zone, from, 1)
    return at === undefined ? undefined : { at, zone }
  }
  const at = mode === 'until' ? momentMs(until) : mode === 'duration' ? sum(from, durationMs(duration)) : null
  return at === null ? undefined : { at }
}

const sum = (from: number, ms: number | null): number | null => (ms === null ? null : from + ms)

/**
 * When a wait that is going on ends, in words; nothing where its fields are expressions, or it waits for what may come at
 * any time. `startedAt` is ISO 8601, `now` in ms since 1970.
 */
export function goesOnInWords(node: Node, startedAt: string, now: number): string | undefined {
  const end = endOf(node, startedAt)
  if (end === undefined || end.at < now) return undefined
  return end.zone === undefined
    ? `It goes on ${momentInWords(end.at, now)}`
    : `It goes on ${onClockOf(end.zone, end.at)}, ${zoneInWords(end.zone)}, ${relativeTime(end.at, now)}.`
}

/** What a wait that is going on waits for, as short as it can be said. */
export function waitsInShort(node: Node, startedAt: string, now: number): string | undefined {
  if (node.kind !== 'wait') return undefined
  if (node.with?.['for'] === 'event') return `Waits for ${inShort(node.with['event'])}`
  const end = endOf(node, startedAt)
  if (end === undefined || end.at < now) return undefined
  const zone = end.zone ?? ownZone()
  const there = zone === ownZone() ? '' : `, ${zoneInWords(zone)}`
  return `Until ${shortly(zone, end.at, now)}${there}`
}

/** The time alone where it is today, the day of the week within the next six days, else the date. */
function shortly(zone: string, at: number, now: number): string {
  const day = (ms: number) => onClockOf(zone, ms).split(',')[0] ?? ''
  const time = onClockOf(zone, at).split(', ')[1] ?? ''
  if (day(at) === day(now)) return time
  const [weekday = '', date = '', month = ''] = day(at).split(' ')
  return at - now < 6 * dayMs ? `${weekday} ${time}` : `${date} ${month} ${time}`
}

const dayMs = 24 * 3_600_000
