import type { Log } from '#activities/log.ts'
import { BatchLog } from './log.ts'
import { Room } from './room.ts'

/** It is told this often, in ms, that something is lost. */
const toldEvery = 10_000

/** Writes down in batches what takes room in memory until then; what there is none for is lost, counted and told. */
export class HeldLog<Row extends { held: number }> {
  readonly room: Room
  readonly #log: Log
  readonly #said: string
  readonly #writing: BatchLog<Row>
  #lost = 0
  #toldAt = 0

  /** `most`: so many bytes at once. `said`: what the log is told where something is lost. */
  constructor(
    keep: (rows: readonly Row[]) => Promise<void>,
    log: Log,
    { most, together, said }: { most: number; together: number; said: string },
  ) {
    this.room = new Room(most, () => this.#lose())
    this.#log = log
    this.#said = said
    this.#writing = new BatchLog<Row>(keep, log, {
      most: Infinity,
      together,
      done: (rows) => this.room.leave(rows.reduce((sum, { held }) => sum + held, 0)),
    })
  }

  /** For so many there was no room. */
  get lost(): number {
    return this.#lost
  }

  /** Its room is taken already, and left once it is written. */
  push(row: Row): void {
    this.#writing.push(row)
  }

  flush(): Promise<void> {
    return this.#writing.flush()
  }

  #lose(): void {
    this.#lost++
    if (Date.now() - this.#toldAt < toldEvery) return
    this.#toldAt = Date.now()
    this.#log.error(this.#said, { lost: this.#lost })
  }
}
