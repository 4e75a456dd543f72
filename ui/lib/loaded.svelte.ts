import { onDestroy } from 'svelte'
import { feed } from './live/feed.svelte.ts'
import { isProblem } from './problem.ts'

/**
 * What a part of the screen asks of the API, for as long as it is there. While it is asked again the last answer
 * stays; after a failure it is asked again by itself as soon as the live line is back.
 */
export class Loaded<T> {
  #value = $state.raw<T>()
  #error = $state.raw<unknown>()
  #busy = $state(false)
  #abort: AbortController | undefined
  readonly #ask: (signal: AbortSignal) => Promise<T>

  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask
    const stop = whenBack(() => {
      if (mayPass(this.#error)) void this.reload()
    })
    onDestroy(() => {
      stop()
      this.#abort?.abort()
    })
    void this.reload()
  }

  get value(): T | undefined {
    return this.#value
  }

  get error(): unknown {
    return this.#error
  }

  get busy(): boolean {
    return this.#busy
  }

  /** Puts an answer that came by another way in its place. */
  set(value: T): void {
    this.#value = value
  }

  reload = async (): Promise<void> => {
    this.#abort?.abort()
    const abort = new AbortController()
    this.#abort = abort
    this.#busy = true
    try {
      const value = await this.#ask(abort.signal)
      if (abort.signal.aborted) return
      this.#value = value
      this.#error = undefined
    } catch (error) {
      if (!abort.signal.aborted) this.#error = error
    } finally {
      if (this.#abort === abort) this.#busy = false
    }
  }
}

/** Calls back each time the live line comes back; returns the way to stop. */
export const whenBack = (act: () => void): (() => void) => {
  let was = feed.connection.state
  return feed.onConnection(() => {
    const { state } = feed.connection
    const back = state === 'live' && was !== 'live'
    was = state
    if (back) act()
  })
}

/** A refusal stays one; an absence passes. */
export const mayPass = (error: unknown): boolean => isProblem(error) && (error.status === 0 || error.status >= 500)
