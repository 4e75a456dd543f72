import { onDestroy } from 'svelte'
import { mayPass, whenBack } from './loaded.svelte.ts'

export type Page<T> = { items: T[]; next: string | null }

/** A keyset list: the pages asked for so far, one after the other. Nothing is asked before `reload`. */
export class Paged<T> {
  #items = $state.raw<readonly T[]>([])
  #next = $state<string | null>(null)
  #error = $state.raw<unknown>()
  #busy = $state(false)
  #ready = $state(false)
  #abort: AbortController | undefined
  readonly #ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>

  constructor(ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>) {
    this.#ask = ask
    const stop = whenBack(() => {
      if (mayPass(this.#error)) void this.reload()
    })
    onDestroy(() => {
      stop()
      this.#abort?.abort()
    })
  }

  get items(): readonly T[] {
    return this.#items
  }

  get hasMore(): boolean {
    return this.#next !== null
  }

  get error(): unknown {
    return this.#error
  }

  get busy(): boolean {
    return this.#busy
  }

  /** False until the first page has come. */
  get ready(): boolean {
    return this.#ready
  }

  /** From the top; what is shown stays until the answer is there. */
  reload = (): Promise<void> => this.#load(undefined)

  more = async (): Promise<void> => {
    if (this.#next !== null && !this.#busy) await this.#load(this.#next)
  }

  /** Forgets what is shown: another list is to come, and must not be taken for this one. */
  clear(): void {
    this.#items = []
    this.#next = null
    this.#ready = false
  }

  async #load(cursor: string | undefined): Promise<void> {
    this.#abort?.abort()
    const abort = new AbortController()
    this.#abort = abort
    this.#busy = true
    try {
      const { items, next } = await this.#ask(cursor, abort.signal)
      if (abort.signal.aborted) return
      this.#items = cursor === undefined ? items : [...this.#items, ...items]
      this.#next = next
      this.#error = undefined
      this.#ready = true
    } catch (error) {
      if (!abort.signal.aborted) this.#error = error
    } finally {
      if (this.#abort === abort) this.#busy = false
    }
  }
}
