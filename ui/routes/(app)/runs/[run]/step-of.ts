import type { Step } from '#schemas/runs.ts'
import type { Selection } from '#ui/lib/automation/selection.ts'

/** Whether a step belongs to a node of the drawing, and not to the run as a whole. */
export const isDrawn = ({ node, type, kind }: Pick<Step, 'node' | 'type' | 'kind'>): boolean =>
  kind === 'timer' || node !== type

/** The step of the timeline that belongs to what is chosen: of a node, its last one. */
export const stepOf = (selection: Selection | undefined, steps: readonly Step[]): string | undefined => {
  if (selection === undefined || selection.of === 'edge') return undefined
  if (selection.of === 'step') return selection.step
  return steps.findLast((step) => step.node === selection.node && step.iteration === selection.iteration)?.id
}
