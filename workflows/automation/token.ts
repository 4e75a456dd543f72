import { CancellationScope } from '@temporalio/workflow'
import type { Token } from '#schemas/automation/engine/host.ts'

/**
 * A token as a cancellation scope of its own. Which token ends which is ours to say, at once and in order; so the scopes
 * hang on none of each other, nor on the workflow's: that one is cancelled by stopping the engine, which then undoes.
 */
export class ScopeToken implements Token {
  stopped = false
  readonly #apart: CancellationScope
  #scope: CancellationScope | null = null
  readonly #then = new Set<() => void>()
  readonly #leave: () => void

  constructor(parent: ScopeToken | null, apart: CancellationScope) {
    this.#apart = apart
    const stop = () => this.stop()
    this.#leave = () => parent?.forget(stop)
    // last: of a token that is stopped already it is called right here
    parent?.onStop(stop)
  }

  /** Made when something hangs on it: the SDK notes the stack of every promise, and a scope is several. */
  get scope(): CancellationScope {
    return (this.#scope ??= new CancellationScope({ cancellable: true, parent: this.#apart }))
  }

  stop(): void {
    if (this.stopped) return
    this.stopped = true
    this.#leave()
    for (const then of this.#then) then()
    this.#then.clear()
    this.#scope?.cancel()
  }

  forget(then: () => void): void {
    this.#then.delete(then)
  }

  onStop(then: () => void): void {
    if (this.stopped) then()
    else this.#then.add(then)
  }
}
