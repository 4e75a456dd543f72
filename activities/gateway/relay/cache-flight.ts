import type { Found } from './cache.ts'

/** A request that waits for what another one, the very same, is asking. */
export type Follower = {
  /** The answer has come. */
  found(found: Found): void
  /** It has none to give: each asks for itself. */
  ask(): void
  /** Who was asking has gone: this one asks in its place, and the others go on waiting. */
  lead(flight: Flight): void
}

/** One asking, and who waits for it. */
export class Flight {
  readonly #followers = new Set<Follower>()
  readonly #landed: () => void

  /** `landed`: nobody is to join any more. */
  constructor(landed: () => void) {
    this.#landed = landed
  }

  join(one: Follower): void {
    this.#followers.add(one)
  }

  leave(one: Follower): void {
    this.#followers.delete(one)
  }

  found(found: Found): void {
    for (const one of this.#end()) one.found(found)
  }

  release(): void {
    for (const one of this.#end()) one.ask()
  }

  handOver(): void {
    const [next] = this.#followers
    if (next === undefined) return this.#landed()
    this.#followers.delete(next)
    next.lead(this)
  }

  #end(): Follower[] {
    this.#landed()
    const all = [...this.#followers]
    this.#followers.clear()
    return all
  }
}
