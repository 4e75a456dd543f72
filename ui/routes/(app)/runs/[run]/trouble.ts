import type { Run, Step } from '#schemas/runs.ts'

/** What went wrong with a run, in words, and the step to look at. `failed` is final, `retrying` may pass. */
export type Trouble = {
  tone: 'failed' | 'retrying'
  title: string
  detail: string | undefined
  step: string | undefined
}

type SeenRun = Pick<Run, 'closedAt' | 'failure'>
type SeenStep = Pick<Step, 'id' | 'title' | 'state' | 'closedAt' | 'failure' | 'attempts'>

const hasFailed = ({ state }: SeenStep): boolean => state === 'failed' || state === 'timed_out'

const lastMessage = ({ attempts }: SeenStep): string | undefined =>
  attempts.findLast(({ message }) => message !== null)?.message ?? undefined

const retried = (step: SeenStep): Trouble | undefined => {
  const gone = step.attempts.filter(({ outcome }) => outcome === 'failed' || outcome === 'lost').length
  if (step.closedAt !== null || gone === 0) return undefined
  return {
    tone: 'retrying',
    title: `${step.title}: ${gone === 1 ? 'one try has failed, and it is tried again' : `${gone} tries have failed, and it is tried again`}`,
    detail: lastMessage(step),
    step: step.id,
  }
}

/**
 * The worst first: why the run failed, else which step failed for good while the run goes on, and then each step
 * that is tried again now.
 */
export const troublesOf = ({ closedAt, failure }: SeenRun, steps: readonly SeenStep[]): Trouble[] => {
  const step = steps.findLast(hasFailed)
  if (closedAt !== null) {
    if (failure === null) return []
    const title = step === undefined ? failure.message : `${step.title}: ${failure.message}`
    return [{ tone: 'failed', title, detail: failure.cause ?? undefined, step: step?.id }]
  }
  const failed = step && {
    tone: 'failed' as const,
    title: `${step.title} failed`,
    detail: step.failure?.message,
    step: step.id,
  }
  return [...(failed ? [failed] : []), ...steps.flatMap((it) => retried(it) ?? [])]
}
