import { durationMs } from '../duration.ts'
import { evaluate } from '../expression.ts'
import { Failure } from '../failure.ts'
import type { Json, JsonObject } from '../json.ts'
import { momentMs } from '../moment.ts'
import { out, type Execution, type Kind, type Outcome } from '../kind.ts'
import { nextTimes, zoneNamed } from '../schedule.ts'
import { readSchedule } from '../schedule/read.ts'
import { asText, isCel } from '../value.ts'

export const wait: Kind = {
  kind: 'wait',
  title: 'Wait',
  icon: 'hourglass',
  group: 'flow',
  purpose: 'Waits for a while, until a time, until the next time of a schedule, or for an event from outside.',
  also: ['delay', 'sleep', 'pause', 'timer', 'schedule', 'cron', 'event', 'until'],
  form: {
    type: 'object',
    examples: [
      { for: 'until', until: '2026-11-23T09:00:00-06:00' },
      { for: 'schedule', cron: '0 9 * * 1-5', zone: 'America/Chicago' },
      { for: 'event', event: 'deposit_paid', key: { cel: 'input.order' }, most: '3d' },
    ],
    properties: {
      for: {
        type: 'string',
        title: 'Wait',
        enum: ['duration', 'until', 'schedule', 'event'],
        'x-words': {
          duration: 'For a time',
          until: 'Until a moment',
          schedule: 'Until the next time of a schedule',
          event: 'For an event',
        },
        default: 'duration',
        'x-plain': true,
      },
      duration: { type: 'string', title: 'How long', 'x-show': 'duration', examples: ['2h', '3d'] },
      until: { type: 'string', title: 'Until', 'x-show': 'time', description: 'A time with its zone.' },
      cron: {
        type: 'string',
        title: 'Schedule',
        'x-show': 'cron',
        description:
          'Its next time is waited for. Five fields: minute, hour, day of the month, month, day of the week (0 is Sunday).',
        examples: ['0 9 * * 1-5'],
        maxLength: 200,
      },
      zone: {
        type: 'string',
        title: 'Time zone',
        'x-show': 'zone',
        description: 'Whose clock the schedule goes by.',
        examples: ['America/Chicago'],
        maxLength: 60,
      },
      event: { type: 'string', title: 'Event', description: 'Its type, as the sender names it.', maxLength: 200 },
      key: {
        type: 'string',
        title: 'Key',
        description: 'What ties an event to this run: an order number, a customer.',
        'x-show': 'cel',
      },
      when: {
        type: 'boolean',
        title: 'Only when',
        description: 'Sees the event’s data as “event”.',
        'x-show': 'condition',
      },
      earlier: {
        type: 'boolean',
        title: 'Also take one that came since the run began',
        default: true,
        'x-plain': true,
      },
      most: { type: 'string', title: 'At most', 'x-show': 'duration', description: 'Then it goes on by “Too late”.' },
    },
    additionalProperties: false,
  },
  example: { title: 'A day later', with: { for: 'duration', duration: '1d' } },
  ports: (node) => [
    { id: 'out', title: node.with?.['for'] === 'event' ? 'It came' : 'Then' },
    ...(node.with?.['for'] === 'event' && node.with['most'] !== undefined
      ? [{ id: 'timeout', title: 'Too late', tone: 'neutral' as const }]
      : []),
  ],
  fails: true,
  pure: false,
  long: true,
  output: (node) => (node.with?.['for'] === 'event' ? {} : { type: 'null' }),
  names: { when: { event: {} } },
  checks: ({ node }) => {
    const mode = node.with?.['for'] ?? 'duration'
    return (needs[typeof mode === 'string' ? mode : 'duration'] ?? [])
      .filter((field) => node.with?.[field] === undefined || node.with[field] === '')
      .map((field) => ({
        code: 'field_missing' as const,
        level: 'error' as const,
        node: node.id,
        path: `/with/${field}`,
        message: `“${wait.form.properties?.[field]?.title ?? field}” is needed.`,
      }))
  },
  run: (it) => {
    const mode = it.node.with?.['for'] ?? 'duration'
    return mode === 'event' ? forEvent(it) : forTime(it, ends[asText(mode)] ?? after)
  },
}

const needs: Record<string, readonly string[]> = {
  duration: ['duration'],
  until: ['until'],
  schedule: ['cron', 'zone'],
  event: ['event', 'key'],
}

const span = (it: Execution, field: string): number => {
  const ms = durationMs(it.field(field))
  if (ms === null)
    throw new Failure(
      'field_invalid',
      `“${wait.form.properties?.[field]?.title ?? field}” is no duration like 2h or 3d.`,
    )
  return ms
}

const after = (it: Execution): number => it.now() + span(it, 'duration')

const moment = (it: Execution): number => {
  const ms = momentMs(it.field('until'))
  if (ms === null) throw new Failure('field_invalid', '“Until” is no time like 2026-11-21T10:15:00Z.')
  return ms
}

/** Strictly later than now: who waits again at nine is not let through at nine once more. */
const nextTime = (it: Execution): number => {
  const [cron, zone] = [asText(it.field('cron')), asText(it.field('zone'))]
  const read = readSchedule(cron)
  if ('wrong' in read) throw new Failure('field_invalid', `“Schedule” ${read.wrong.message}`)
  if (zoneNamed(zone) === null)
    throw new Failure('field_invalid', `“Time zone” is no zone such as America/Chicago: “${zone}”.`)
  const [next] = nextTimes(cron, zone, it.now(), 1)
  if (next === undefined) throw new Failure('field_invalid', `“Schedule” never comes in ${zone}.`)
  return next
}

const ends: Record<string, (it: Execution) => number> = { duration: after, until: moment, schedule: nextTime }

/** The moment is fixed when the wait begins; a fresh history goes on towards the same. */
const forTime = async (it: Execution, end: (it: Execution) => number): Promise<Outcome> => {
  it.kept['until'] ??= end(it)
  await it.wait(Number(it.kept['until']))
  return out()
}

const forEvent = async (it: Execution): Promise<Outcome> => {
  if (it.node.with?.['most'] !== undefined) it.kept['until'] ??= it.now() + span(it, 'most')
  const type = asText(it.field('event'))
  const key = asText(it.field('key'))
  if (it.kept['open'] !== true) {
    const came = (await it.act(
      'events.await',
      { step: `${it.node.id}#${it.iteration}`, type, key, earlier: it.node.with?.['earlier'] !== false },
      { queue: 'main', part: 'open', title: 'Listen', tryMs: 15_000 },
    )) as JsonObject[]
    it.kept['early'] = came
    it.kept['open'] = true
  }
  const early = (it.kept['early'] ?? []) as JsonObject[]
  const found = () => [...early, ...it.messages('event')].find((event) => matches(it, event['data'] ?? null))
  const how = await it.wait(
    it.kept['until'] === undefined ? null : Number(it.kept['until']),
    () => found() !== undefined,
  )
  if (how === 'time') return { ports: ['timeout'], output: null }
  return out(found()?.['data'] ?? null)
}

/** Whether an event is the one waited for; one that the condition cannot be asked of is not. */
const matches = (it: Execution, event: Json): boolean => {
  const when = it.node.with?.['when']
  if (when === undefined) return true
  try {
    return (isCel(when) ? evaluate(when.cel, { ...it.names, event }) : when) === true
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  }
}
