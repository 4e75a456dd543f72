import { isObject } from '#schemas/automation/json.ts'
import type { StepDetail } from '#schemas/runs.ts'

/** The run that a step started and waited for: it stands in what the step was given, and in what it gave. */
export const childRunOf = ({ input, output }: Pick<StepDetail, 'input' | 'output'>): string | undefined =>
  [input, output]
    .flat()
    .flatMap((told) => (isObject(told) && typeof told['run'] === 'string' ? told['run'] : []))
    .find((run) => run.startsWith('run_'))
