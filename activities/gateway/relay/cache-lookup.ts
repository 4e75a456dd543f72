import type { Cache, Doing, Found, Question } from './cache.ts'
import type { Flight, Follower } from './cache-flight.ts'
import { Keeping, type Came } from './cache-keeping.ts'
import type { UnderWay } from './index.ts'

/** One request on its way through the cache: it waits for another one that asks the same, or looks, and then asks itself. */
export class Lookup implements UnderWay, Follower {
  readonly #cache: Cache
  readonly #question: Question
  readonly #doing: Doing
  /** What it came to. */
  #now: UnderWay | undefined
  #left = false
  #flight: Flight | undefined
  #leads = false
  #vector: Float32Array | null = null

  constructor(cache: Cache, question: Question, doing: Doing) {
    this.#cache = cache
    this.#question = question
    this.#doing = doing
  }

  /** @param flight who asks the same already */
  begin(flight: Flight | undefined): this {
    const { policy, key, account } = this.#question
    if (flight !== undefined) {
      this.#flight = flight
      flight.join(this)
      account.paused()
      return this
    }
    if (!policy.refreshes) {
      this.#flight = this.#cache.newFlight(key.key)
      this.#leads = true
    }
    void this.#look()
    return this
  }

  abandon(): void {
    if (this.#now !== undefined) return this.#now.abandon()
    this.#left = true
    if (this.#leads) this.#flight?.handOver()
    else this.#flight?.leave(this)
    this.#doing.left()
  }

  found(found: Found): void {
    this.#flight = undefined
    this.#now = this.#doing.found(found) ?? this.#ask()
  }

  ask(): void {
    this.#flight = undefined
    this.#now = this.#ask()
  }

  lead(flight: Flight): void {
    this.#flight = flight
    this.#leads = true
    void this.#look()
  }

  /** Where others keep it: in the database, or as the answer to nearly the same question. */
  async #look(): Promise<void> {
    const found = this.#question.policy.refreshes ? null : await this.#cache.kept(this.#question)
    const near = found === null && !this.#left ? await this.#near() : null
    // who has left handed over already
    if (this.#left) return
    const any = found ?? near
    const now = any === null ? null : this.#doing.found(any)
    if (any === null || now === null) {
      this.#now = this.#ask()
      return
    }
    this.#now = now
    this.#flight?.found(any)
    if (near !== null) this.#cache.similar.audit(this.#question, near)
  }

  async #near(): Promise<Found | null> {
    const { similar } = this.#cache
    const { key, policy } = this.#question
    if (key.similar === null || this.#cache.isAway) return null
    this.#vector = await similar.embed(this.#question, key.similar.question)
    const [vector, { context }] = [this.#vector, key.similar]
    if (vector === null || this.#left || policy.refreshes) return null
    return this.#cache.soon(() => similar.near(this.#question, context, vector))
  }

  #ask(): UnderWay {
    const { asked, sink } = this.#question
    return this.#doing.ask(new Keeping(asked, sink, (came) => this.#came(came)))
  }

  #came(came: Came): void {
    if (came === 'left') return this.#flight?.handOver()
    if (came === 'nothing') return this.#flight?.release()
    const found = this.#cache.keep(this.#question, came.answer, this.#vector)
    this.#flight?.found(found)
  }
}
