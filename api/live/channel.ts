import type { LiveRow, Topic } from '#schemas/live.ts'

export type Portion = { cursor: string; rows: LiveRow[] }
export type Delta = { topic: Topic; cursor: string; rows: LiveRow[] }
export type Viewer = (delta: Delta) => void

/** The least time between two looks, in ms: the first poke is answered at once, those on its heels together. */
const pause = 15
/** Without a word from the database a channel looks for itself this often, in ms: a NOTIFY may be lost. */
const lookEvery = 10_000
/** Rows whose last sent form is remembered, so that a row read twice is sent once. */
const remembered = 1000

/**
 * One topic of one tenant, read once for all its viewers. A poke makes it read what changed since its cursor; reads
 * never overlap, and a poke during one causes another.
 */
export class Channel {
  readonly topic: Topic
  readonly viewers = new Set<Viewer>()
  readonly #read: (since: string | null) => Promise<Portion>
  readonly #onFault: (error: unknown) => void
  readonly #sent = new Map<string, string>()
  #cursor: string | null = null
  #due: NodeJS.Timeout | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY
  #reading = false
  #poked = false
  #closed = false

  constructor(topic: Topic, read: (since: string | null) => Promise<Portion>, onFault: (error: unknown) => void) {
    this.topic = topic
    this.#read = read
    this.#onFault = onFault
    this.#schedule(lookEvery)
  }

  /** What a new viewer starts with; everything newer reaches it as deltas, some of it perhaps twice. */
  async start(since: string | null): Promise<Portion> {
    const portion = await this.#read(since)
    this.#cursor ??= portion.cursor
    return portion
  }

  poke(): void {
    this.#poked = true
    if (!this.#reading) this.#schedule(this.#lookedAt + pause - performance.now())
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#due)
  }

  /** Looks in `ms` milliseconds, unless it will sooner. */
  #schedule(ms: number): void {
    const wait = Math.max(0, ms)
    const dueAt = performance.now() + wait
    if (this.#closed || this.#dueAt <= dueAt) return
    clearTimeout(this.#due)
    this.#dueAt = dueAt
    this.#due = setTimeout(() => void this.#look(), wait)
  }

  async #look(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#lookedAt = performance.now()
    this.#reading = true
    this.#poked = false
    try {
      if (this.#cursor !== null) {
        const { cursor, rows } = await this.#read(this.#cursor)
        this.#cursor = cursor
        const fresh = rows.filter((row) => this.#isNew(row))
        for (const viewer of this.viewers) viewer({ topic: this.topic, cursor, rows: fresh })
      }
    } catch (error) {
      this.#onFault(error)
      this.#poked = true
      await new Promise((resolve) => setTimeout(resolve, 500))
    } finally {
      this.#reading = false
      this.#schedule(this.#poked ? pause : lookEvery)
    }
  }

  #isNew(row: LiveRow): boolean {
    const form = JSON.stringify(row)
    if (this.#sent.get(row.id) === form) return false
    this.#sent.delete(row.id)
    this.#sent.set(row.id, form)
    if (this.#sent.size > remembered) this.#sent.delete(this.#sent.keys().next().value as string)
    return true
  }
}
