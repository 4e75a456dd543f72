import type { Node } from '#schemas/automation/definition.ts'
import { durationMs } from '#schemas/automation/duration.ts'
import { momentMs } from '#schemas/automation/moment.ts'
import { nextTimes } from '#schemas/automation/schedule.ts'
import { relativeTime } from '../parts/time.ts'
import { momentInWords } from './moment.ts'
import { onClockOf } from './schedule/words.ts'
import { zoneInWords } from './zones.ts'

/**
 * When a wait that is going on ends, in words; nothing where its fields are expressions, or it waits for what may come at
 * any time. `startedAt` is ISO 8601, `now` in ms since 1970.
 */
export function goesOnInWords({ kind, with: told = {} }: Node, startedAt: string, now: number): string | undefined {
  if (kind !== 'wait') return undefined
  const from = Date.parse(startedAt)
  const { for: mode = 'duration', until, duration, cron, zone } = told
  if (mode === 'schedule' && typeof cron === 'string' && typeof zone === 'string') {
    const [at] = nextTimes(cron, zone, from, 1)
    return at === undefined || at < now
      ? undefined
      : `It goes on ${onClockOf(zone, at)}, ${zoneInWords(zone)}, ${relativeTime(at, now)}.`
  }
  const at = mode === 'until' ? momentMs(until) : mode === 'duration' ? sum(from, durationMs(duration)) : null
  return at === null || at < now ? undefined : `It goes on ${momentInWords(at, now)}`
}

const sum = (from: number, ms: number | null): number | null => (ms === null ? null : from + ms)
