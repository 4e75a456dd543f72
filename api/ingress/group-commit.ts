import { Fault } from '#schemas/errors.ts'

type Waiting<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void }

/**
 * Writes many small things in few transactions: what arrives while one batch is being written goes out together
 * in the next. Each caller is answered only after the commit that holds its item. Under no load a batch is one.
 * One batch at a time: two at once are each smaller, and took more of the processor for no more a second.
 */
export class GroupCommit<T, R> {
  readonly #write: (items: readonly T[]) => Promise<readonly R[]>
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting: Waiting<T, R>[] = []
  #writing = false

  /** @param most items a batch at the most; @param mostWaiting items held in memory before new ones are refused */
  constructor(
    write: (items: readonly T[]) => Promise<readonly R[]>,
    { most = 256, mostWaiting = 4_096 }: { most?: number; mostWaiting?: number } = {},
  ) {
    this.#write = write
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /** Items accepted and not yet committed. */
  get depth(): number {
    return this.#waiting.length
  }

  /** @throws Fault `unavailable` when too much waits already, and whatever the writing of its batch threw */
  add(item: T): Promise<R> {
    if (this.#waiting.length >= this.#mostWaiting)
      return Promise.reject(new Fault('unavailable', 'Too much waits to be written.', { retryAfterSeconds: 1 }))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#drain()
    })
  }

  #drain(): void {
    if (this.#writing || this.#waiting.length === 0) return
    this.#writing = true
    // requests that arrived in the same turn of the loop share a batch
    setImmediate(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#most)
    try {
      const results = await this.#write(batch.map((one) => one.item))
      for (const [i, one] of batch.entries()) one.resolve(results[i] as R)
    } catch (error) {
      for (const one of batch) one.reject(error)
    } finally {
      this.#writing = false
      this.#drain()
    }
  }
}
