import type { LiveRow } from '#schemas/live.ts'

export type Compare<R extends LiveRow = LiveRow> = (a: R, b: R) => number

/** The rows of one topic, by id. Sorted when read, and only if something changed since. */
export class TopicRows {
  #byId = new Map<string, LiveRow>()
  #sorted: LiveRow[] | undefined
  readonly #compare: Compare
  /** False until the first snapshot: nothing is known yet, which is not the same as nothing there. */
  ready = false

  constructor(compare: Compare) {
    this.#compare = compare
  }

  replace(rows: readonly LiveRow[]): void {
    this.#byId = new Map(rows.map((row) => [row.id, row]))
    this.#sorted = undefined
    this.ready = true
  }

  upsert(rows: readonly LiveRow[]): void {
    for (const row of rows) {
      if (row.deleted) this.#byId.delete(row.id)
      else this.#byId.set(row.id, row)
    }
    this.#sorted = undefined
  }

  /** A new array after every change, the same one otherwise. Equal rows stay in order of arrival. */
  list(): readonly LiveRow[] {
    this.#sorted ??= [...this.#byId.values()].sort(this.#compare)
    return this.#sorted
  }
}
