import type { Attempt, Step, TakenOver } from '#schemas/runs.ts'
import type { Fold } from './fold.ts'
import { makeAxis, toShare, type Axis, type Interval } from './axis.ts'

export type TimelineStep = Pick<
  Step,
  | 'id'
  | 'node'
  | 'iteration'
  | 'title'
  | 'part'
  | 'kind'
  | 'state'
  | 'skippedBy'
  | 'scheduledAt'
  | 'startedAt'
  | 'closedAt'
> & {
  attempts: readonly Pick<Attempt, 'n' | 'startedAt' | 'endedAt' | 'outcome'>[]
  /** What the turn that it stands in is about. */
  about?: string | undefined
}

const ms = (at: string): number => Date.parse(at)

/**
 * The latest moment that the steps tell of, in ms since 1970; 0 where they tell of none. It is never later than now,
 * even where the clock of the screen ticks slowly or is behind the server's.
 */
export const latestOf = (steps: readonly TimelineStep[]): number =>
  steps
    .flatMap(({ scheduledAt, startedAt, closedAt, attempts }) => [
      scheduledAt,
      startedAt,
      closedAt,
      ...attempts.flatMap((attempt) => [attempt.startedAt, attempt.endedAt]),
    ])
    .reduce((latest, at) => (at === null ? latest : Math.max(latest, ms(at))), 0)

/** All steps of one node, in order of time. */
export type Lane = { node: string; title: string; steps: TimelineStep[] }
/** `level` is how deep it stands, from 1. */
export type Row = { level: number } & (
  | { type: 'fold'; fold: Fold }
  | { type: 'lane'; lane: Lane; open: boolean }
  | { type: 'step'; lane: Lane; step: TimelineStep }
  | { type: 'taken'; taken: TakenOver }
)
/** Shares of the axis. Queue time is `start` to `work`, run time `work` to `end`; `open` goes on with the now-line. */
export type Bar = {
  start: number
  work: number
  end: number
  open: boolean
  attempts: { n: number; start: number; end: number; outcome: Attempt['outcome'] }[]
}

/** From this many steps a lane starts closed, as one strip. */
export const closedFrom = 12

export const lanesOf = (steps: readonly TimelineStep[]): Lane[] => {
  const lanes = new Map<string, Lane>()
  for (const step of [...steps].sort((a, b) => ms(a.scheduledAt) - ms(b.scheduledAt))) {
    const lane = lanes.get(step.node)
    if (lane === undefined) lanes.set(step.node, { node: step.node, title: step.title, steps: [step] })
    else {
      lane.steps.push(step)
      // what people asked of the run has no node of its own, and each of them another title
      if (step.kind === 'update' && step.title !== lane.title) lane.title = 'What people asked for'
    }
  }
  return [...lanes.values()]
}

/** Waiting is not work: only the ends of it happen. */
const waits = (step: TimelineStep): boolean => step.kind !== 'activity' && step.kind !== 'child'

const busyOf = (step: TimelineStep, now: number): Interval[] => {
  const from = ms(step.scheduledAt)
  const to = step.closedAt === null ? now : ms(step.closedAt)
  if (!waits(step) && step.state !== 'waiting') return [{ from, to }]
  const end = step.closedAt === null ? [] : [{ from: to, to }]
  return [{ from, to: from }, ...end]
}

/** Room for a run that goes on: the axis ends some way ahead of now and is made anew when now gets there. */
const aheadOf = (from: number, now: number): number => {
  const length = Math.max(now - from, 2000)
  const pace = 2 ** Math.floor(Math.log2(length)) / 4
  return from + (Math.floor(length / pace) + 1) * pace
}

/** The axis of a run; `closedAt` is null while it goes on. `now` in ms since 1970. */
export const axisOf = (steps: readonly TimelineStep[], closedAt: number | null, now: number): Axis => {
  const busy = steps.flatMap((step) => busyOf(step, closedAt ?? now))
  const from = busy.reduce((least, it) => Math.min(least, it.from), busy.length > 0 ? Number.POSITIVE_INFINITY : now)
  const last = busy.reduce((most, it) => Math.max(most, it.to), from)
  if (closedAt !== null) return makeAxis(busy, { from, to: Math.max(last, closedAt) })
  const end = aheadOf(from, now)
  // Where all that is open only waits, what is to come is a part of the wait, and as short as that.
  const atWork = steps.some((step) => step.closedAt === null && step.state !== 'waiting' && !waits(step))
  const ahead =
    atWork || steps.every((step) => step.closedAt !== null) ? { from: now, to: end } : { from: end, to: end }
  return makeAxis([...busy, ahead], { from, to: end })
}

export const barOf = (step: TimelineStep, axis: Axis, now: number): Bar => {
  const at = (time: string | null): number => toShare(axis, time === null ? now : ms(time))
  const open = step.closedAt === null
  const first = step.attempts[0]?.startedAt ?? step.startedAt
  // A timer or a signal has no worker to queue for: it waits from its first moment.
  const started = first ?? (waits(step) ? step.scheduledAt : step.closedAt)
  return {
    start: at(step.scheduledAt),
    work: at(started),
    end: at(step.closedAt),
    open,
    attempts: step.attempts.map(({ n, startedAt, endedAt, outcome }) => ({
      n,
      start: at(startedAt),
      end: at(endedAt ?? step.closedAt),
      outcome,
    })),
  }
}

export type Piece = { start: number; end: number; state: TimelineStep['state']; count: number }

const rank: Record<TimelineStep['state'], number> = {
  failed: 7,
  timed_out: 7,
  retrying: 6,
  running: 5,
  waiting: 4,
  scheduled: 3,
  cancelled: 2,
  completed: 1,
}

/**
 * The strip of a closed lane: bars nearer than `least` (a share of the axis, about two pixels) become one piece,
 * which shows the worst of its states, so no failure is painted over.
 */
export const stripOf = (steps: readonly TimelineStep[], axis: Axis, now: number, least: number): Piece[] => {
  const pieces: Piece[] = []
  for (const step of steps) {
    const { start, end } = barOf(step, axis, now)
    const last = pieces.at(-1)
    const near = last !== undefined && start - last.end < least
    if (near && (last.state === step.state || last.end - last.start < least * 2 || start < last.end)) {
      last.end = Math.max(last.end, end)
      last.count++
      if (rank[step.state] > rank[last.state]) last.state = step.state
    } else pieces.push({ start, end, state: step.state, count: 1 })
  }
  return pieces
}
