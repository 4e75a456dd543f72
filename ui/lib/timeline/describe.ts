import { counted } from '#ui/lib/parts/count.ts'
import { durationText } from '../parts/time.ts'
import { stateLooks } from '../parts/states.ts'
import { describeFold } from './fold.ts'
import type { Row, TimelineStep } from './layout.ts'
import { nameOf } from './names.ts'

const ms = (at: string): number => Date.parse(at)

/** Queue time and run time of a step so far, in ms; run time is undefined while it queues. */
export const timesOf = (step: TimelineStep, now: number): { queued: number; ran: number | undefined } => {
  const first = step.attempts[0]?.startedAt ?? step.startedAt
  const end = step.closedAt === null ? now : ms(step.closedAt)
  if (first === null) return { queued: end - ms(step.scheduledAt), ran: undefined }
  return { queued: ms(first) - ms(step.scheduledAt), ran: end - ms(first) }
}

/** What became of a step, in a word. A wait that was called off has usually done its work: what it waited for came. */
export const stateWord = ({ kind, state, skippedBy }: Pick<TimelineStep, 'kind' | 'state' | 'skippedBy'>): string => {
  if (skippedBy !== null) return `skipped by ${skippedBy}`
  return kind === 'timer' && state === 'cancelled' ? 'ended early' : stateLooks[state].word.toLowerCase()
}

const tally = (steps: readonly TimelineStep[]): string => {
  const counts = new Map<string, number>()
  for (const step of steps) {
    const word = stateWord(step)
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].map(([word, count]) => `${count.toLocaleString('en')} ${word}`).join(', ')
}

/** A row in words: what a screen reader says, and the tip on its bar. */
export const describeRow = (row: Row, now: number): string => {
  if (row.type === 'lane')
    return `${row.lane.title}, ${counted(row.lane.steps.length, 'step')}: ${tally(row.lane.steps)}`
  if (row.type === 'fold') return describeFold(row.fold)
  if (row.type === 'taken') return `${row.taken.title}, taken over`
  const { step } = row
  const { queued, ran } = timesOf(step, now)
  const parts = [nameOf(step), stateWord(step)]
  if (queued >= 1) parts.push(`queued ${durationText(queued)}`)
  if (ran !== undefined) parts.push(`${step.closedAt === null ? 'running for' : 'ran'} ${durationText(ran)}`)
  if (step.attempts.length > 1) parts.push(`${step.attempts.length} attempts`)
  return parts.join(', ')
}
