import type { Log } from '#activities/log.ts'
import { failure, retryHeaders } from '#schemas/gateway/wires/failure.ts'
import type { Routing } from '#schemas/gateway/routing.ts'
import type { Account } from './account.ts'
import type { Refused, Whole } from './answer.ts'
import type { Asked } from './asked.ts'
import type { Health } from './health.ts'
import type { Marking } from './marking.ts'
import type { Pace } from './pace.ts'
import type { Plan, Callee } from './plan.ts'
import type { Probes } from './probes.ts'
import { Saying } from './saying.ts'
import type { Sink } from './sink.ts'
import { speeches } from './speech.ts'
import { Try, type TryListener } from './try.ts'
import type { Upstream } from './upstream.ts'

const nobody: Refused = {
  failure: failure('not_found', 'No provider that is switched on answers for this model.', { param: 'model' }),
}

/** What every request of a relay is asked with. */
export type Means = { upstream: Upstream; health: Health; probes: Probes; pace: Pace; log: Log }

/**
 * One request on its way: to those that may answer, by its plan, for as long as nothing of an answer has been passed on.
 * What was begun is passed on as it comes; what then breaks is told as an error, never as an end.
 */
export class Asking implements TryListener {
  readonly #means: Means
  readonly #plan: Plan
  readonly #routing: Routing
  readonly #asked: Asked
  readonly #account: Account
  readonly #sink: Sink
  readonly #over: () => void
  readonly #saying: Saying
  /** Those that are under way: one, and with hedging two, until one of them has begun. */
  #tries: Try[] = []
  #timer: NodeJS.Timeout | undefined
  #last: Refused = nobody
  #told = false
  #passing = false
  #done = false

  constructor(
    means: Means,
    plan: Plan,
    routing: Routing,
    asked: Asked,
    account: Account,
    { sink, over, marking }: { sink: Sink; over: () => void; marking: Marking | null },
  ) {
    this.#means = means
    this.#plan = plan
    this.#routing = routing
    this.#asked = asked
    this.#account = account
    this.#sink = sink
    this.#over = over
    this.#saying = new Saying(asked, account.id, marking)
  }

  /** Asks the next; with none left the last failure is the answer. */
  begin(): void {
    const step = this.#plan.next()
    if (step === null) return this.#refuse()
    if ('ask' in step) return this.#ask(step.ask)
    this.#account.paused()
    this.#timer = setTimeout(() => this.begin(), step.pause)
  }

  /** Who asked is gone: the provider is told to stop, and what came so far is written down. */
  abandon(): void {
    if (this.#done) return
    const [first] = this.#tries
    if (first !== undefined) this.#prefer(first)
    if (first !== undefined) this.#leave(first)
    this.#end(() => this.#account.cancelled(first?.answer.stream ?? null))
  }

  sent(one: Try): void {
    this.#account.connected(one.attempt)
  }

  heard(one: Try): void {
    this.#account.heard(one.attempt)
  }

  pieces(one: Try, bytes: readonly Uint8Array[]): void {
    if (!this.#passing) {
      this.#passing = true
      this.#prefer(one)
      this.#sink.begin(one.answer.status, this.#headers(one.answer.headers))
    }
    if (bytes.length === 0) return
    const room = this.#sink.write(bytes.length === 1 ? (bytes[0] as Uint8Array) : Buffer.concat(bytes))
    if (room) return
    one.pause()
    this.#sink.drained(() => one.resume())
  }

  ended(one: Try): void {
    const { stream, status } = one.answer
    this.#well(one)
    this.#end(() => {
      if (stream !== null) this.#account.streamed(stream, status)
      this.#sink.end()
    })
  }

  whole(one: Try, { bytes, usage, about }: Whole): void {
    this.#well(one)
    this.#prefer(one)
    this.#end(() => {
      this.#account.answered(usage, one.answer.status, about)
      this.#sink.begin(one.answer.status, this.#headers(one.answer.headers))
      this.#sink.end(bytes)
    })
  }

  failed(one: Try, why: Refused): void {
    const { stream } = one.answer
    this.#plan.failed(one.callee, why.failure)
    this.#means.probes.watch(one.callee)
    if (this.#passing && stream !== null)
      return this.#end(() => {
        this.#account.cut(why.failure, stream)
        const told = stream.broken(why.failure)
        if (told === null) this.#sink.cut()
        else this.#sink.end(told)
      })
    this.#account.attemptFailed(one.attempt, why.failure)
    this.#last = why
    this.#told = true
    this.#tries = this.#tries.filter((other) => other !== one)
    if (this.#tries.length === 0) this.#again()
  }

  #ask(callee: Callee): void {
    const said = this.#saying.to(callee.candidate)
    if ('class' in said) {
      this.#means.health.left(callee.patient)
      this.#plan.leaveOut(callee.candidate)
      // what a provider has said of it is worth more than that another cannot be asked
      if (!this.#told) this.#last = { failure: said }
      return this.begin()
    }
    const { target, provider } = callee.candidate
    const attempt = this.#account.sent(target, provider.kind, said.marked)
    const one = new Try(callee, said, attempt, this, this.#means.log)
    this.#tries.push(one)
    const { firstToken, hedge } = this.#routing
    if (hedge !== null && this.#tries.length === 1) this.#timer = setTimeout(() => this.#hedge(), hedge * 1000)
    one.send(this.#means.upstream, this.#asked, said, firstToken)
  }

  /** Nobody has begun to answer: another is asked as well. */
  #hedge(): void {
    if (this.#passing) return
    const [first] = this.#tries
    const callee = first === undefined ? null : this.#plan.another(first.callee.candidate)
    if (callee !== null) this.#ask(callee)
  }

  #again(): void {
    clearTimeout(this.#timer)
    this.begin()
  }

  /** This one answers; the others are not needed any more. */
  #prefer(one: Try): void {
    clearTimeout(this.#timer)
    for (const other of this.#tries) {
      if (other === one) continue
      this.#leave(other)
      this.#account.lost(other.attempt, other.answer.stream)
    }
    this.#tries = [one]
    this.#account.preferred(one.attempt)
  }

  #well({ callee, attempt }: Try): void {
    const { health, pace } = this.#means
    health.ok(callee.patient)
    const { at, firstByteMs = at } = attempt
    pace.heard(callee.patient.tenant, callee.candidate.target, this.#asked.stream, firstByteMs - at)
  }

  #leave(one: Try): void {
    one.abort()
    this.#means.health.left(one.callee.patient)
  }

  #refuse(): void {
    const { failure: why, body }: Refused = this.#plan.out === undefined ? this.#last : { failure: this.#plan.out }
    this.#end(() => {
      this.#account.failed(why)
      const told = speeches[this.#asked.operation].refuse(why)
      const headers = { 'content-type': 'application/json', ...retryHeaders(why) }
      this.#sink.begin(body === undefined ? told.status : why.status, this.#headers(headers))
      this.#sink.end(body ?? told.body)
    })
  }

  #headers(of: Record<string, string>): Record<string, string> {
    return { ...of, ...this.#account.headers(speeches[this.#asked.operation].id) }
  }

  #end(say: () => void): void {
    this.#done = true
    clearTimeout(this.#timer)
    this.#account.over()
    say()
    this.#over()
  }
}
