import type { Log } from '#activities/log.ts'
import { isAway } from '#schemas/errors.ts'

/** Rows go together after so long at the most, in ms, or when there are so many. */
const together = { ms: 100, rows: 500 }
/** After a failure it waits so long, in ms. */
const againAfter = 1_000
/** The most rows that wait for a database that is away. */
const mostWaiting = 50_000

/**
 * Writes rows down in batches, apart from the requests that they are of. While the database is away they wait, as many as
 * there is room for.
 */
export class BatchLog<Row> {
  readonly #write: (rows: readonly Row[]) => Promise<void>
  readonly #log: Log
  #waiting: Row[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #lost = 0

  constructor(write: (rows: readonly Row[]) => Promise<void>, log: Log) {
    this.#write = write
    this.#log = log
  }

  get waiting(): number {
    return this.#waiting.length
  }

  push(row: Row): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#lost++
      return
    }
    this.#waiting.push(row)
    if (this.#writing === undefined && this.#waiting.length >= together.rows) this.#begin()
    else this.#timer ??= setTimeout(() => this.#begin(), together.ms)
  }

  /** Writes all that waits, or rejects with why it cannot. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing !== undefined) {
      this.#begin()
      await this.#writing
    }
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing ??= this.#writeSome().finally(() => {
      this.#writing = undefined
    })
    // told by the log; who flushes is told too
    this.#writing.catch(() => {})
  }

  /** A row that the database does not take must not hold up the others. */
  async #writeOrSort(rows: readonly Row[]): Promise<void> {
    try {
      await this.#write(rows)
    } catch (error) {
      if (isAway(error)) throw error
      for (const row of rows)
        await this.#write([row]).catch((why: unknown) => {
          if (isAway(why)) throw why
          this.#log.error('a request could not be written down', { error: why })
        })
    }
  }

  async #writeSome(): Promise<void> {
    const rows = this.#waiting.slice(0, together.rows)
    if (rows.length === 0) return
    try {
      await this.#writeOrSort(rows)
      this.#waiting = this.#waiting.slice(rows.length)
      if (this.#lost > 0) this.#log.error('requests were not written down: too many waited', { lost: this.#lost })
      this.#lost = 0
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#begin(), 0)
    } catch (error) {
      this.#log.warn('requests wait to be written down', { waiting: this.#waiting.length, error })
      this.#timer ??= setTimeout(() => this.#begin(), againAfter)
      throw error
    }
  }
}
