import type { StepName, Steps } from '#schemas/gateway/requests.ts'

/** Something that took time on the way of a request, on the clock of the process, in ms. */
export type Step = { step: StepName; from: number; until: number }

/** It took until now. */
export const stepSince = (step: StepName, from: number): Step => ({ step, from, until: performance.now() })

const rounded = (ms: number): number => Math.round(ms * 100) / 100

/** As they are written down: by name, when each began after `began` and how long it took. Null where there was none. */
export const writtenSteps = (steps: readonly Step[], began: number): Steps | null => {
  if (steps.length === 0) return null
  const written: Steps = {}
  for (const { step, from, until } of steps) written[step] = [rounded(from - began), rounded(until - from)]
  return written
}
