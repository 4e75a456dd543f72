type Waiting<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void }

/**
 * Writes many small things in few transactions: what arrives while one batch is being written goes out together
 * in the next. Each caller is answered only after the commit that holds its item. Under no load a batch is one.
 */
export class GroupCommit<T, R> {
  readonly #write: (items: readonly T[]) => Promise<readonly R[]>
  readonly #most: number
  readonly #lanes: number
  readonly #waiting: Waiting<T, R>[] = []
  #writing = 0

  /** @param most items a batch at the most; @param lanes batches in flight at once */
  constructor(write: (items: readonly T[]) => Promise<readonly R[]>, { most = 256, lanes = 2 } = {}) {
    this.#write = write
    this.#most = most
    this.#lanes = lanes
  }

  /** Items accepted and not yet committed. */
  get depth(): number {
    return this.#waiting.length
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#drain()
    })
  }

  #drain(): void {
    if (this.#writing >= this.#lanes || this.#waiting.length === 0) return
    this.#writing++
    // requests that arrived in the same turn of the loop share a batch
    setImmediate(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#most)
    try {
      const results = batch.length === 0 ? [] : await this.#write(batch.map((one) => one.item))
      for (const [i, one] of batch.entries()) one.resolve(results[i] as R)
    } catch (error) {
      for (const one of batch) one.reject(error)
    } finally {
      this.#writing--
      this.#drain()
    }
  }
}
