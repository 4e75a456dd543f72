import type { Json, JsonObject } from '../definition.ts'
import { Failure, Stopped } from '../failure.ts'
import {
  keyOf,
  type ActOptions,
  type ChildStart,
  type Host,
  type NodeChange,
  type StepRef,
  type Token,
} from './host.ts'
import { PlainToken } from './token.ts'

type Waiting = { at: number; seq: number; fire(): void }
export type VirtualAct = (
  step: StepRef,
  activity: string,
  input: JsonObject,
  options: ActOptions,
) => Made | Promise<Made>

/** What an activity came to, and how long it took on the virtual clock. */
type Made = { ms: number; give: Json } | { ms: number; fail: Failure }

/**
 * A host with a clock of its own, on which a day passes at once. What activities come to is somebody else's word; what
 * happens, happens in the order of that clock, which stands still while an activity is really at work.
 */
export class VirtualHost implements Host {
  readonly changes: NodeChange[] = []
  readonly acts: string[] = []
  readonly #act: VirtualAct
  readonly #child: (step: StepRef, start: ChildStart) => Promise<Json>
  #now: number
  #seq = 0
  readonly #waiting: Waiting[] = []
  readonly #busy = new Set<Promise<Made>>()
  /** How many events a history would have; beyond `most` it is to be exchanged. */
  events = 0
  readonly most: number

  constructor(
    act: VirtualAct,
    child: (step: StepRef, start: ChildStart) => Promise<Json> = () =>
      Promise.reject(new Failure('none', 'No children.')),
    most = Number.POSITIVE_INFINITY,
    now = 0,
  ) {
    this.#act = act
    this.#child = child
    this.most = most
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  token(parent: Token | null): Token {
    return new PlainToken(parent)
  }

  act(step: StepRef, activity: string, input: JsonObject, options: ActOptions, token: Token): Promise<Json> {
    this.acts.push(`${keyOf(step)}${options.part === undefined ? '' : `:${options.part}`} ${activity}`)
    this.events += 3
    const made = this.#act(step, activity, input, options)
    return made instanceof Promise ? this.#really(made, token) : this.#comesTo(made, token)
  }

  async #really(work: Promise<Made>, token: Token): Promise<Json> {
    this.#busy.add(work)
    const made = await work.finally(() => this.#busy.delete(work))
    return this.#comesTo(made, token)
  }

  #comesTo(made: Made, token: Token): Promise<Json> {
    return this.#after(made.ms, token, (resolve, reject) => ('fail' in made ? reject(made.fail) : resolve(made.give)))
  }

  async sleep(_step: StepRef, ms: number, _title: string, token: Token): Promise<void> {
    this.events += 2
    await this.#after(ms, token, (resolve) => resolve(null))
  }

  async child(step: StepRef, start: ChildStart, _token: Token, may: () => Promise<void> | null): Promise<Json> {
    this.events += 5
    const held = may()
    if (held !== null) await held
    return this.#child(step, start)
  }

  long(): 'no' | 'soon' {
    return this.events > this.most ? 'soon' : 'no'
  }

  changed(change: NodeChange): void {
    this.changes.push(change)
  }

  /** Calls back at that time of this clock. */
  at(ms: number, fire: () => void): void {
    this.#waiting.push({ at: ms, seq: this.#seq++, fire })
  }

  #after(
    ms: number,
    token: Token,
    then: (resolve: (value: Json) => void, reject: (error: Error) => void) => void,
  ): Promise<Json> {
    const { promise, resolve, reject } = Promise.withResolvers<Json>()
    if (token.stopped) reject(new Stopped())
    token.onStop(() => reject(new Stopped()))
    this.at(this.#now + ms, () => then(resolve, reject))
    return promise
  }

  /** Lets things happen until the run has ended. A run that waits for nothing that could still happen is stuck. */
  async until<T>(run: Promise<T>): Promise<T> {
    let over = false
    const done = run.finally(() => (over = true))
    done.catch(() => {})
    for (;;) {
      for (let n = 0; n < 4; n++) await new Promise((resolve) => setImmediate(resolve))
      if (over) return done
      if (this.#busy.size > 0) {
        await Promise.race(this.#busy)
        continue
      }
      this.#waiting.sort((a, b) => a.at - b.at || a.seq - b.seq)
      const next = this.#waiting.shift()
      if (next === undefined) throw new Error('The run is stuck: nothing is left that could happen.')
      this.#now = Math.max(this.#now, next.at)
      next.fire()
    }
  }
}
