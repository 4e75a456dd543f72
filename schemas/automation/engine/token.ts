import type { Token } from './host.ts'

/** A token of hosts that hold no work themselves: what hangs on it is told at once, and only once. */
export class PlainToken implements Token {
  stopped = false
  readonly #then: (() => void)[] = []

  constructor(parent: Token | null) {
    parent?.onStop(() => this.stop())
  }

  stop(): void {
    if (this.stopped) return
    this.stopped = true
    for (const then of this.#then.splice(0)) then()
  }

  onStop(then: () => void): void {
    if (this.stopped) then()
    else this.#then.push(then)
  }
}
