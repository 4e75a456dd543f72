/** Holds back what would begin while a run is paused, in order. */
export class Pause {
  #on: boolean
  #steps = 0
  /** How often the run was paused. */
  times = 0
  readonly #held: (() => void)[] = []

  constructor(on = false) {
    this.#on = on
  }

  get on(): boolean {
    return this.#on
  }

  begin(): void {
    this.#on = true
    this.times++
  }

  end(): void {
    this.#on = false
    for (const begin of this.#held.splice(0)) begin()
  }

  /** Lets one node begin all the same: one that waits to, or the next that would. */
  step(): void {
    const next = this.#held.shift()
    this.#steps++
    if (next !== undefined) next()
  }

  /** Whether a node may begin now; if not, `begin` is called when it may. */
  mayBegin(begin: () => void): boolean {
    if (!this.#on) return true
    if (this.#steps > 0) {
      this.#steps--
      return true
    }
    this.#held.push(begin)
    return false
  }
}
