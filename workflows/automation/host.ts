import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  createEventGroup,
  executeChild,
  isCancellation,
  proxyActivities,
  sleep,
  startChild,
  TimeoutFailure,
  workflowInfo,
  type ActivityOptions,
} from '@temporalio/workflow'
import { durationMs } from '#schemas/automation/duration.ts'
import {
  keyOf,
  partOf,
  type ActOptions,
  type ChildStart,
  type Host,
  type StepRef,
  type Token,
  type PageOf,
} from '#schemas/automation/engine/host.ts'
import type { Variables } from '#schemas/automation/engine/variables.ts'
import { Failure, Stopped } from '#schemas/automation/failure.ts'
import type { Json, JsonObject } from '#schemas/automation/json.ts'
import { deepest } from '#schemas/automation/kinds/subflow.ts'
import type { CallScope } from '#schemas/automation/call.ts'
import type { AutomationEnd, AutomationRun, Edited, Holding } from '#schemas/automation/run.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { Held } from './held.ts'
import { ScopeToken } from './token.ts'

/** Events of a history after which a run goes on in a fresh one, when it suits and at the latest. */
const soon = 4_000
const atOnce = 20_000

type Dynamic = Record<string, (input: JsonObject) => Promise<Json>>
type RequestedChild = { run: string; input: AutomationRun; summary: string }

/** Temporal as the engine's host: every step is an event group, with the node in its id, its summary and its activity id. */
export class TemporalHost implements Host {
  readonly #run: AutomationRun
  readonly #apart = new CancellationScope({ cancellable: false })
  readonly #held = new Held()

  constructor(run: AutomationRun) {
    this.#run = run
  }

  now(): number {
    return Date.now()
  }

  token(parent: Token | null): Token {
    return new ScopeToken(parent as ScopeToken | null, this.#apart)
  }

  long(): 'no' | 'soon' | 'now' {
    const { historyLength, continueAsNewSuggested } = workflowInfo()
    const { carryOnAfter } = this.#run
    if (historyLength > atOnce) return 'now'
    return historyLength > (carryOnAfter ?? soon) || continueAsNewSuggested ? 'soon' : 'no'
  }

  act(step: StepRef, activity: string, input: JsonObject, options: ActOptions, token: Token): Promise<Json> {
    const { tenant, run, origin, redone, test, automation } = this.#run
    const key = keyOf(step)
    const again = redone?.[step.node]
    const path = again === undefined ? this.#run.path : `${this.#run.path ?? ''}${again}/`
    const { part, title = step.title, about, cache } = options
    const call: CallScope = {
      tenant,
      run,
      origin,
      step: key,
      test: test === true,
      ...(path === undefined ? {} : { path }),
      ...(part === undefined ? {} : { part }),
    }
    const act = proxyActivities<Dynamic>({
      ...optionsOf(options),
      activityId: part === undefined ? key : `${key}:${part}`,
      summary: about === undefined ? title : `${title} · ${about}`,
      priority: { fairnessKey: tenant },
    })[activity]
    if (act === undefined) throw new Error(`There is no activity ${activity}.`)
    return this.#inside(step, token, () =>
      act({
        ...input,
        ...(call as unknown as JsonObject),
        ...(cache === undefined ? {} : { cache: { ...cache, automation } }),
      }),
    )
  }

  async sleep(step: StepRef, ms: number, title: string, token: Token): Promise<void> {
    await this.#inside(step, token, () => sleep(Math.max(ms, 1), { summary: title }))
  }

  async child(step: StepRef, start: ChildStart, token: Token, may: () => Promise<void> | null): Promise<Json> {
    const { depth, tenant, run } = this.#run
    if (!('page' in start) && depth + 1 > deepest)
      throw new Failure(
        'subflow_too_deep',
        `Runs stand in one another at most ${deepest} deep; “${step.title}” would begin one more.`,
      )
    const wait = 'page' in start || start.wait
    const child = await this.#requestChild(step, start, token)
    const held = may()
    if (held !== null) await held
    const options = {
      workflowId: child.run,
      taskQueue: queues.main,
      args: [child.input] as [AutomationRun],
      staticSummary: child.summary,
      parentClosePolicy: wait ? ('REQUEST_CANCEL' as const) : ('ABANDON' as const),
      cancellationType: 'WAIT_CANCELLATION_COMPLETED' as const,
      priority: { fairnessKey: tenant },
      memo: { parent: run },
    }
    if (!wait) {
      await this.#inside(step, token, () => startChild(workflowTypes.automation, options))
      return { run: child.run }
    }
    // open runs have to take the same turns
    const work = (): Promise<AutomationEnd> =>
      this.#run.semantics < 3
        ? executeChild(workflowTypes.automation, options)
        : this.#held.over(() => startChild(workflowTypes.automation, options), 'page' in start ? start.page : null)
    return { ...(await this.#inside(step, token, work)) }
  }

  /** Has the runs that this one waits for pause as it does, or go on. */
  passOn(holding: Holding): void {
    if (this.#run.semantics > 2) this.#held.tell(holding)
  }

  /** Tells the pages at work what people have changed of the variables that they share. */
  tellPages({ edits, edited: count }: Variables, by: Edited['by']): void {
    if (this.#run.semantics > 2) this.#held.edit({ edits: { ...edits }, count, by })
  }

  /** Writes down the run that is to be, with what it starts from, before Temporal hears of it. */
  async #requestChild(step: StepRef, start: ChildStart, token: Token): Promise<RequestedChild> {
    const part = partOf(start)
    const own = 'page' in start ? { ...this.#run, state: undefined, definition: null } : null
    const input = { start: start as unknown as Json, parent: own as unknown as Json, depth: this.#run.depth }
    const requested = await this.act(
      step,
      'requestChild',
      input,
      { queue: 'main', part, title: 'page' in start ? `Begin ${turnsOf(start.page)}` : 'Begin', tryMs: 15_000 },
      token,
    )
    return requested as unknown as RequestedChild
  }

  /** The SDK notes the stack of every promise: so few as can be are made here. */
  #inside<T>(step: StepRef, token: Token, work: () => Promise<T>): Promise<T> {
    if (token.stopped) return Promise.reject(new Stopped())
    const { scope } = token as ScopeToken
    return createEventGroup(step.title, { id: keyOf(step) })
      .withScope(() => scope.run(work))
      .catch((error: unknown) => {
        throw toFailure(error)
      })
  }
}

/** Which turns of its loop a page works through, as people count them. */
const turnsOf = ({ from, items }: PageOf): string => `turns ${from + 1} to ${from + items.length}`

const optionsOf = ({ queue, tryMs = 20_000, allMs, attempts, retry }: ActOptions): ActivityOptions => {
  const tries = retry?.attempts ?? attempts
  // a policy that Temporal does not take would stop the run for good: the longest pause is no shorter than the first
  const first = Math.max(durationMs(retry?.first) ?? (queue === 'main' ? 200 : queue === 'ai' ? 1000 : 500), 1)
  return {
    taskQueue: queues[queue],
    startToCloseTimeout: tryMs,
    ...(allMs === undefined ? {} : { scheduleToCloseTimeout: allMs }),
    // a person who stops a run does not wait for what is on its way; what must not be left half done is undone
    cancellationType: 'TRY_CANCEL',
    retry: {
      initialInterval: first,
      backoffCoefficient: retry?.factor ?? 2,
      maximumInterval: Math.max(durationMs(retry?.most) ?? 10_000, first),
      ...(tries === undefined || tries === 0 ? {} : { maximumAttempts: tries }),
      ...(retry?.not === undefined ? {} : { nonRetryableErrorTypes: retry.not }),
    },
  }
}

/** What the SDK throws, as the engine knows it: stopped, or failed with the code of what went wrong. */
export const toFailure = (error: unknown): unknown => {
  if (isCancellation(error)) return new Stopped()
  if (!(error instanceof ActivityFailure || error instanceof ChildWorkflowFailure)) return error
  const { cause } = error
  if (cause instanceof ApplicationFailure) {
    const [details] = cause.details ?? []
    return new Failure(cause.type ?? 'failed', cause.message, details === undefined ? {} : { details: details as Json })
  }
  if (cause instanceof TimeoutFailure)
    return new Failure(
      'timed_out',
      cause.cause instanceof ApplicationFailure ? cause.cause.message : 'It took too long.',
    )
  return new Failure('failed', cause?.message ?? error.message)
}
