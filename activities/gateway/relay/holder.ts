import { randomUUID } from 'node:crypto'
import type { Leases } from '../store-leases.ts'

/** How often it says that it lives, and for how long it may spend after it has said so, in ms: less than until it is taken for dead. */
const beats = { every: 5_000, goodFor: 80_000 }

/** Of time that passes, whatever the clock on the wall is set to. */
const clock = (): number => performance.now()

/** This process as one that spends: under a name, for as long as it says that it lives. */
export class Holder {
  /** It goes on under other names that begin so, if it is taken for dead. */
  readonly base = randomUUID()
  readonly #leases: Leases
  #name: string = this.base
  #others = 0
  #goodUntil = -Infinity
  #beatAt = -Infinity

  constructor(leases: Leases) {
    this.#leases = leases
  }

  get name(): string {
    return this.#name
  }

  /** Whether what was lent to it is surely its own. */
  get isGood(): boolean {
    return clock() < this.#goodUntil
  }

  get isDue(): boolean {
    return clock() - this.#beatAt >= beats.every
  }

  /** Says that it lives, where that is due. False where it was silent for too long: others may have taken what was its own. */
  async beat(): Promise<boolean> {
    if (!this.isDue && this.isGood) return true
    const at = clock()
    const wasSilent = this.#beatAt > -Infinity && !this.isGood
    const lives = !wasSilent && (await this.#leases.beat(this.#name))
    if (!lives) {
      this.#name = `${this.base}/${++this.#others}`
      await this.#leases.beat(this.#name)
    }
    this.#beatAt = at
    this.#goodUntil = at + beats.goodFor
    return lives
  }

  /** Gives back all that it holds. */
  async end(): Promise<void> {
    if (this.#beatAt > -Infinity) await this.#leases.release(this.base)
  }
}
