import {
  keyOf,
  partOf,
  type ActOptions,
  type ChildStart,
  type Host,
  type NodeChange,
  type StepRef,
  type Token,
  type Turn,
} from '#schemas/automation/engine/host.ts'
import { PlainToken } from '#schemas/automation/engine/token.ts'
import { Trace } from '#schemas/automation/engine/trace.ts'
import { Failure, Stopped } from '#schemas/automation/failure.ts'
import type { Json, JsonObject } from '#schemas/automation/json.ts'
import type { HistoryEvent } from './history.ts'
import type { PayloadReader } from './payloads.ts'

type Answer = { give: Json } | { fail: Error }
type Asked = { resolve(value: Json): void; reject(error: Error): void }

/** A host whose answers are those of a history. What the history has no answer to stays open. */
export class RetracedHost implements Host {
  readonly trace = new Trace()
  /** The variables of the run that leans on this host. */
  vars: () => JsonObject = () => ({})
  #now: number
  /** By what it is asked for: an activity's id, a child's run, a timer of a step. */
  readonly #asked = new Map<string, Asked[]>()
  /** Answers that came before they were asked for. */
  readonly #early = new Map<string, Answer[]>()
  /** What followers in the history name by the event that opened it. */
  readonly #opened = new Map<number, string>()

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  setNow(ms: number): void {
    this.#now = ms
  }

  token(parent: Token | null): Token {
    return new PlainToken(parent)
  }

  long(): 'no' {
    return 'no'
  }

  turned(turn: Turn): void {
    this.trace.turned(turn)
  }

  changed(change: NodeChange): void {
    this.trace.changed(change, this.vars())
  }

  act(step: StepRef, _activity: string, _input: JsonObject, { part }: ActOptions, token: Token): Promise<Json> {
    return this.#ask(`act ${keyOf(step)}${part === undefined ? '' : `:${part}`}`, token)
  }

  async sleep(step: StepRef, _ms: number, title: string, token: Token): Promise<void> {
    await this.#ask(`timer ${keyOf(step)} ${title}`, token)
  }

  async child(step: StepRef, start: ChildStart, token: Token, may: () => Promise<void> | null): Promise<Json> {
    const requested = (await this.#ask(`act ${keyOf(step)}:${partOf(start)}`, token)) as { run: string }
    if ('page' in start) this.trace.paged({ ...step, from: start.page.from, run: requested.run })
    const held = may()
    if (held !== null) await held
    if (!('page' in start) && !start.wait) return { run: requested.run }
    return this.#ask(`child ${requested.run}`, token)
  }

  #ask(what: string, token: Token): Promise<Json> {
    const { promise, resolve, reject } = Promise.withResolvers<Json>()
    if (token.stopped) {
      reject(new Stopped())
      return promise
    }
    const early = this.#early.get(what)?.shift()
    if (early !== undefined) {
      if ('give' in early) resolve(early.give)
      else reject(early.fail)
      return promise
    }
    const asked: Asked = { resolve, reject }
    const all = this.#asked.get(what) ?? []
    this.#asked.set(what, [...all, asked])
    token.onStop(() => {
      this.#asked.set(
        what,
        (this.#asked.get(what) ?? []).filter((one) => one !== asked),
      )
      reject(new Stopped())
    })
    return promise
  }

  #answer(what: string, answer: Answer): void {
    const [asked, ...rest] = this.#asked.get(what) ?? []
    if (asked === undefined) {
      // a timer nobody waits for has been overtaken
      if (!what.startsWith('timer ')) this.#early.set(what, [...(this.#early.get(what) ?? []), answer])
      return
    }
    this.#asked.set(what, rest)
    if ('give' in answer) asked.resolve(answer.give)
    else asked.reject(answer.fail)
  }

  /** What an event of the history answers, ready to be told; nothing for those that answer nothing. */
  async answerOf(event: HistoryEvent, offset: number, payloads: PayloadReader): Promise<() => void> {
    const id = offset + Number(event.eventId)
    const scheduled = event.activityTaskScheduledEventAttributes
    if (scheduled != null) this.#opened.set(id, `act ${scheduled.activityId}`)
    const timer = event.timerStartedEventAttributes
    if (timer != null) {
      const key = event.eventGroupMarkers?.find((group) => group.label?.id)?.label?.id ?? ''
      const title = await payloads.one(event.userMetadata?.summary)
      this.#opened.set(id, `timer ${key} ${typeof title === 'string' ? title : ''}`)
    }
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes
    if (child != null) this.#opened.set(id, `child ${child.workflowId}`)
    const found = await answerIn(event, payloads)
    if (found === null) return () => {}
    const what = this.#opened.get(offset + Number(found.head))
    return what === undefined ? () => {} : () => this.#answer(what, found.answer)
  }
}

const answerIn = async (
  event: HistoryEvent,
  payloads: PayloadReader,
): Promise<{ head: unknown; answer: Answer } | null> => {
  const done = event.activityTaskCompletedEventAttributes
  if (done != null) return { head: done.scheduledEventId, answer: { give: (await payloads.all(done.result)) as Json } }
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
  if (failed != null) return { head: failed.scheduledEventId, answer: failureOf(failed.failure, payloads) }
  const cancelled = event.activityTaskCanceledEventAttributes
  if (cancelled != null) return { head: cancelled.scheduledEventId, answer: { fail: new Stopped() } }
  const fired = event.timerFiredEventAttributes
  if (fired != null) return { head: fired.startedEventId, answer: { give: null } }
  const ended = event.childWorkflowExecutionCompletedEventAttributes
  if (ended != null)
    return { head: ended.initiatedEventId, answer: { give: (await payloads.all(ended.result)) as Json } }
  const broken = event.childWorkflowExecutionFailedEventAttributes
  if (broken != null) return { head: broken.initiatedEventId, answer: failureOf(broken.failure, payloads) }
  const stopped =
    event.childWorkflowExecutionCanceledEventAttributes ?? event.childWorkflowExecutionTerminatedEventAttributes
  return stopped == null ? null : { head: stopped.initiatedEventId, answer: { fail: new Stopped() } }
}

const failureOf = (
  failure: Parameters<PayloadReader['failure']>[0] | null | undefined,
  payloads: PayloadReader,
): Answer => {
  const { code, message } = payloads.failure(failure ?? {})
  return { fail: new Failure(code, message) }
}
