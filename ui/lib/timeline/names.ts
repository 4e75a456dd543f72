import { titleOfFold } from './fold.ts'
import type { Row, TimelineStep } from './layout.ts'

type Named = Pick<TimelineStep, 'title' | 'iteration' | 'part' | 'about'>

/** What of its node a step is, where that is more than one: in which turn, about what, and what it does of it. */
export const distinctionOf = ({ iteration, about, part }: Omit<Named, 'title'>): string =>
  [...(iteration === '0' ? [] : [`turn ${iteration}`]), about, part].filter((one) => one != null).join(' · ')

/** What a step is called where it stands alone: `Approve the quote · turn 2 · 2021 Honda CR-V · Ask a person`. */
export const nameOf = (step: Named): string => {
  const distinction = distinctionOf(step)
  return distinction === '' ? step.title : `${step.title} · ${distinction}`
}

/** What a row is called in its place: under the row of its node a step says only what sets it apart. */
export const nameOfRow = (row: Row): string => {
  if (row.type === 'fold') return titleOfFold(row.fold)
  if (row.type === 'lane') return row.lane.title
  if (row.type === 'taken') return row.taken.title
  const { lane, step } = row
  return (lane.steps.length > 1 && step.title === lane.title && distinctionOf(step)) || nameOf(step)
}
