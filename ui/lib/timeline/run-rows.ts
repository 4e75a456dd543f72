import type { LiveRow } from '#schemas/live.ts'
import type { Run, Step } from '#schemas/runs.ts'

/** A row of topic `run:<id>`: the run itself, or one of its steps. */
export type RunRow = LiveRow & (({ row: 'run' } & Run) | ({ row: 'step' } & Step))

export const byScheduled = (a: RunRow, b: RunRow): number => {
  if (a.row === 'run' || b.row === 'run') return a.row === b.row ? 0 : a.row === 'run' ? -1 : 1
  return Date.parse(a.scheduledAt) - Date.parse(b.scheduledAt) || headOf(a) - headOf(b)
}

const headOf = (step: Step): number => step.events[0] ?? 0

/** What is known of a run: what was asked for, with what the live line has brought since laid over it. */
export const seenRun = (
  asked: { run: Run; steps: readonly Step[] },
  rows: readonly RunRow[],
): { run: Run; steps: readonly Step[] } => {
  const run = rows.find((row) => row.row === 'run') ?? asked.run
  const steps = new Map(asked.steps.map((step) => [step.id, step]))
  for (const row of rows) if (row.row === 'step') steps.set(row.id, row)
  return { run, steps: [...steps.values()] }
}
