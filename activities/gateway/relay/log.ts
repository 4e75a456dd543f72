import type { Log } from '#activities/log.ts'
import { isAway } from '#schemas/errors.ts'

/** Rows go together after so long at the most, in ms, or when there are so many. */
const together = { ms: 100, rows: 500 }
/** After a failure it waits so long, in ms. */
const againAfter = 1_000
/** The most rows that wait in memory for a database that is away, where it is not said. */
const usually = 10_000

/** Where rows are beside memory, while the database is away. */
type Elsewhere<Row> = {
  /** False where it does not have the row. */
  keeps(row: Row): boolean
  /** Whether it has rows that memory has let go of. */
  readonly isBehind: boolean
  /** Gives them to `write`, once all that memory has is written down. */
  readBack(write: (rows: Row[]) => Promise<void>): Promise<void>
}

/** A row that the database does not take must not hold up the others. Rejects where the database is away. */
export async function writeOrSort<Row>(
  write: (rows: readonly Row[]) => Promise<void>,
  rows: readonly Row[],
  log: Log,
): Promise<void> {
  try {
    await write(rows)
  } catch (error) {
    if (isAway(error)) throw error
    for (const row of rows)
      await write([row]).catch((why: unknown) => {
        if (isAway(why)) throw why
        log.error('a request could not be written down', { error: why })
      })
  }
}

/**
 * Writes rows down in batches, apart from the requests that they are of. While the database is away they wait, as many as
 * there is room for; what is more is left to the spool.
 */
export class BatchLog<Row> {
  readonly #write: (rows: readonly Row[]) => Promise<void>
  readonly #log: Log
  readonly #elsewhere: Elsewhere<Row> | null
  readonly #most: number
  readonly #atOnce: number
  readonly #done: (rows: readonly Row[]) => void
  #waiting: Row[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #lost = 0

  constructor(
    write: (rows: readonly Row[]) => Promise<void>,
    log: Log,
    {
      elsewhere = null,
      most = usually,
      together: atOnce = together.rows,
      done = () => {},
    }: {
      elsewhere?: Elsewhere<Row> | null
      most?: number | undefined
      /** So many are written at once. */
      together?: number
      /** These need no memory any more: they were written, or the database does not take them. */
      done?: (rows: readonly Row[]) => void
    } = {},
  ) {
    this.#most = most
    this.#atOnce = atOnce
    this.#done = done
    this.#write = write
    this.#log = log
    this.#elsewhere = elsewhere
  }

  get waiting(): number {
    return this.#waiting.length
  }

  push(row: Row): void {
    const isFull = this.#waiting.length >= this.#most
    if (isFull || this.#elsewhere?.isBehind === true) {
      // all that comes after one that is elsewhere goes there too, until that is written down
      if (this.#elsewhere?.keeps(row) === true) return
      if (isFull) this.#lost++
      if (isFull) return
    }
    this.#waiting.push(row)
    if (this.#writing === undefined && this.#waiting.length >= this.#atOnce) this.#begin()
    else this.#timer ??= setTimeout(() => this.#begin(), together.ms)
  }

  /** Writes all that waits, or rejects with why it cannot. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing !== undefined || this.#elsewhere?.isBehind === true) {
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

  async #writeSome(): Promise<void> {
    const rows = this.#waiting.slice(0, this.#atOnce)
    try {
      if (rows.length > 0) await writeOrSort(this.#write, rows, this.#log)
      this.#waiting = this.#waiting.slice(rows.length)
      this.#done(rows)
      if (this.#waiting.length === 0 && this.#elsewhere?.isBehind === true)
        await this.#elsewhere.readBack((more) => writeOrSort(this.#write, more, this.#log))
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
