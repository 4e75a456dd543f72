import type { TakenOver } from '#schemas/runs.ts'
import { durationText } from '../parts/time.ts'
import type { Lane, Row, TimelineStep } from './layout.ts'

/** Neighbours of the timeline that nobody needs to see unless they ask, as one row. */
export type Fold = { lanes: Lane[]; steps: TimelineStep[]; open: boolean }

export type Folding = {
  /** The nodes that the drawing marks as minor. */
  minor: ReadonlySet<string>
  isOpen: (lane: Lane) => boolean
  /** Whether a lane of a fold was asked for; one that is opens the whole fold. */
  isUnfolded: (lane: Lane) => boolean
}

/** Over, and nothing went wrong: what fails, is tried again, waits or is at work is always seen. */
const isQuiet = ({ state }: TimelineStep): boolean => state === 'completed' || state === 'cancelled'

/**
 * The rows of a timeline. A node that ran once is one row; one that ran more has a row of its own, and under it, if open,
 * its steps. What was taken over from another run comes first. Neighbours that are minor and quiet fold into one row where that saves any.
 */
export function rowsOf(
  lanes: readonly Lane[],
  { minor, isOpen, isUnfolded }: Folding,
  takenOver: readonly TakenOver[] = [],
): Row[] {
  const rows: Row[] = takenOver.map((taken) => ({ type: 'taken', level: 1, taken }))
  for (let at = 0; at < lanes.length;) {
    const folded: Lane[] = []
    for (let lane = lanes[at]; lane !== undefined && folds(lane, minor); lane = lanes[at + folded.length])
      folded.push(lane)
    const some = folded.length === 0 ? lanes.slice(at, at + 1) : folded
    at += some.length
    if (folded.length < 2 && (folded[0]?.steps.length ?? 0) < 2) rows.push(...plainRows(some, isOpen, 1))
    else {
      const open = folded.some(isUnfolded)
      rows.push({ type: 'fold', level: 1, fold: { lanes: folded, steps: inOrder(folded), open } })
      if (open) rows.push(...plainRows(folded, isOpen, 2))
    }
  }
  return rows
}

const folds = (lane: Lane, minor: ReadonlySet<string>): boolean => minor.has(lane.node) && lane.steps.every(isQuiet)

const plainRows = (lanes: readonly Lane[], isOpen: (lane: Lane) => boolean, level: number): Row[] =>
  lanes.flatMap((lane): Row[] => {
    const [only] = lane.steps
    if (lane.steps.length === 1 && only) return [{ type: 'step', level, lane, step: only }]
    const open = isOpen(lane)
    const steps = open ? lane.steps.map((step): Row => ({ type: 'step', level: level + 1, lane, step })) : []
    return [{ type: 'lane', level, lane, open }, ...steps]
  })

const inOrder = (lanes: readonly Lane[]): TimelineStep[] =>
  lanes.flatMap((lane) => lane.steps).sort((a, b) => Date.parse(a.scheduledAt) - Date.parse(b.scheduledAt))

/** How long the steps of a fold took, in ms; what ran side by side counts once. */
export const tookOf = ({ steps }: Fold): number => {
  let [took, until] = [0, Number.NEGATIVE_INFINITY]
  for (const { scheduledAt, closedAt } of steps) {
    const to = Date.parse(closedAt ?? scheduledAt)
    took += Math.max(0, to - Math.max(until, Date.parse(scheduledAt)))
    until = Math.max(until, to)
  }
  return took
}

export const titleOfFold = ({ steps }: Fold): string => `${steps.length.toLocaleString('en')} minor steps`

/** A fold in words, with the first of what it holds. */
export const describeFold = (fold: Fold): string => {
  const titles = fold.lanes.map((lane) => lane.title)
  const named = titles.length > 5 ? [...titles.slice(0, 4), `${titles.length - 4} more`] : titles
  return `${titleOfFold(fold)}, took ${durationText(tookOf(fold))}: ${named.join(', ')}`
}
