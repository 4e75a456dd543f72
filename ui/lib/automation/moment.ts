import { momentMs } from '#schemas/automation/moment.ts'
import { relativeTime } from '../parts/time.ts'

const two = (n: number): string => String(Math.trunc(n)).padStart(2, '0')

/** What a field of date and time holds for a moment: the reader's own clock, to the minute; empty for what is no moment. */
export const onClock = (value: unknown): string => {
  const at = new Date(momentMs(value) ?? Number.NaN)
  if (Number.isNaN(at.getTime())) return ''
  const day = [String(at.getFullYear()).padStart(4, '0'), two(at.getMonth() + 1), two(at.getDate())].join('-')
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** A time of the reader's clock with its zone, as it stands in a document: the same moment wherever it is read. */
export const withZone = (clock: string): string | undefined => {
  const at = new Date(clock)
  if (clock === '' || Number.isNaN(at.getTime())) return undefined
  const ahead = -at.getTimezoneOffset()
  return `${clock}:00${ahead < 0 ? '-' : '+'}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`
}

const words = new Intl.DateTimeFormat('en', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
})

const short = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

/** A moment as short as it can be said, on the reader's own clock. */
export const momentInShort = (value: unknown): string | undefined => {
  const at = momentMs(value)
  return at === null ? undefined : short.format(at)
}

/** A moment in words, and how far away it is; nothing for what is no moment. `now` in ms since 1970. */
export const momentInWords = (value: unknown, now: number): string | undefined => {
  const at = momentMs(value)
  if (at === null) return undefined
  const said = `${words.format(at)}, ${relativeTime(at, now)}`
  return at < now ? `${said}: it is past, so nobody waits for it.` : `${said}.`
}
