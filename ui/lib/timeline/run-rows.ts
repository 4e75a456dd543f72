import type { LiveRow } from '#schemas/live.ts'
import type { Run, Step } from '#schemas/runs.ts'
import { byNewestId } from '../live/merge.ts'

/** A row of topic `run:<id>`: the run itself, one of its steps, or a run that repeats it. */
export type RunRow = LiveRow & (({ row: 'run' | 'rerun' } & Run) | ({ row: 'step' } & Step))

export const byScheduled = (a: RunRow, b: RunRow): number => {
  if (a.row !== 'step' || b.row !== 'step') return ranks[a.row] - ranks[b.row]
  return Date.parse(a.scheduledAt) - Date.parse(b.scheduledAt) || headOf(a) - headOf(b)
}

const ranks = { run: 0, step: 1, rerun: 2 }

const headOf = (step: Step): number => step.events[0] ?? 0

export type SeenRun = { run: Run; steps: readonly Step[]; reruns: readonly Run[] }

/** What is known of a run: what was asked for, with what the live line has brought since laid over it. */
export const seenRun = (asked: SeenRun, rows: readonly RunRow[]): SeenRun => {
  let { run } = asked
  const steps = new Map(asked.steps.map((step) => [step.id, step]))
  const reruns = new Map(asked.reruns.map((one) => [one.id, one]))
  for (const row of rows)
    if (row.row === 'step') steps.set(row.id, row)
    else if (row.row === 'rerun') reruns.set(row.id, row)
    else run = row
  return { run, steps: [...steps.values()], reruns: [...reruns.values()].sort(byNewestId) }
}
