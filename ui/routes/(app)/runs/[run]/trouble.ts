import type { Run, RunFailure, Step } from '#schemas/runs.ts'

/** What went wrong with a run, in words, and the step to look at. `failed` is final, `retrying` may pass, `overcome` has passed. */
export type Trouble = {
  tone: 'failed' | 'retrying' | 'overcome'
  title: string
  detail: string | undefined
  /** What a machine said of it, for who wants to look closer. */
  said?: string
  step: string | undefined
  /** The step of the drawing that failed, where nothing on the timeline tells of it. */
  node?: string
}

type SeenRun = Pick<Run, 'closedAt' | 'failure' | 'stuck'>
type SeenStep = Pick<Step, 'id' | 'node' | 'title' | 'state' | 'closedAt' | 'failure' | 'attempts' | 'undoes'>

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

/** What failed for good; where its node got by without it, as the rules do when the model fails, it is overcome. */
const failedIn = (step: SeenStep, steps: readonly SeenStep[]): Trouble => {
  const instead = steps
    .slice(steps.indexOf(step) + 1)
    .find(({ node, state }) => node === step.node && state === 'completed')
  return {
    tone: instead === undefined ? 'failed' : 'overcome',
    title: instead === undefined ? `${step.title} failed` : `${step.title} failed; the run went on: ${instead.title}`,
    detail: step.failure?.message,
    step: step.id,
  }
}

/** What stays as it was done, although it was to be undone. */
const notUndone = (step: SeenStep): Trouble => ({
  tone: 'failed',
  title: `Not undone: ${step.title}`,
  detail: step.failure?.message,
  step: step.id,
})

/** Nothing that the run does can put it right, and nothing that a person asks of it is heard. */
const held = ({ message, said }: NonNullable<Run['stuck']>): Trouble => ({
  tone: 'failed',
  title: message,
  detail:
    'It goes on by itself once the cause is gone, mostly with the next version of the platform. Cancelled, it ends where it stands: nothing can be undone then.',
  ...(said === '' ? {} : { said }),
  step: undefined,
})

/**
 * Whether a run failed by this bar. What decides, sets or raises has none, and one that failed before may have been got
 * over. Of a time limit the run and its step say different sentences.
 */
const isWhy = ({ node, failure, state }: SeenStep, why: RunFailure): boolean =>
  (why.node == null || node === why.node) &&
  (failure?.message === why.message || (state === 'timed_out' && why.code === 'timed_out'))

/**
 * The worst first: why the run failed, else which step failed for good while the run goes on, then what could not be
 * undone, and then each step that is tried again now.
 */
export const troublesOf = ({ closedAt, failure, stuck }: SeenRun, steps: readonly SeenStep[]): Trouble[] => {
  const failed = steps.filter(hasFailed)
  const undoing = failed.filter(({ undoes }) => undoes).map(notUndone)
  const done = failed.filter(({ undoes }) => !undoes)
  if (closedAt !== null) {
    if (failure === null) return undoing
    const step = done.findLast((one) => isWhy(one, failure))
    const title = step === undefined ? failure.message : `${step.title}: ${failure.message}`
    const said = failure.cause == null ? {} : { said: failure.cause }
    const node = step === undefined && failure.node != null ? { node: failure.node } : {}
    return [{ tone: 'failed', title, detail: undefined, ...said, step: step?.id, ...node }, ...undoing]
  }
  const step = done.at(-1)
  return [
    ...(stuck === null ? [] : [held(stuck)]),
    ...(step ? [failedIn(step, steps)] : []),
    ...undoing,
    ...steps.flatMap((it) => retried(it) ?? []),
  ]
}
