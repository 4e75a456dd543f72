import { isWhole, type LiveMessage, type Topic } from '#schemas/live.ts'

/** Messages a slow reader may be behind before it is given snapshots again in place of the deltas. */
const patience = 200

/** `id` is the cursor to resume by once this message has arrived. */
export type Message = (LiveMessage & { id?: string }) | 'overrun'

/**
 * What waits to be written to one viewer. Deltas of a topic that come before its snapshot is in wait behind it; one
 * who reads too slowly loses the queue and gets an `overrun` in its place.
 */
export class Outgoing {
  readonly #cursors: Map<Topic, string | null>
  readonly #queue: Message[] = []
  readonly #early = new Map<Topic, LiveMessage[]>()
  #wake: (() => void) | undefined
  #closed = false

  constructor(topics: readonly Topic[]) {
    this.#cursors = new Map(topics.map((topic) => [topic, null]))
    this.restart()
  }

  /** To be called before snapshots are read, again: deltas that come meanwhile are newer and wait behind them. */
  restart(): void {
    for (const topic of this.#cursors.keys()) {
      this.#cursors.set(topic, null)
      this.#early.set(topic, [])
    }
  }

  /** The id to resume by: the oldest of the topics' cursors, so that no topic can miss anything. */
  #id(): { id?: string } {
    let oldest: bigint | undefined
    for (const [topic, cursor] of this.#cursors) {
      if (isWhole(topic)) continue
      // a topic that has not begun must begin again after a break, so there is nothing to resume by yet
      if (cursor === null) return {}
      const value = BigInt(cursor)
      if (oldest === undefined || value < oldest) oldest = value
    }
    return oldest === undefined ? {} : { id: String(oldest) }
  }

  begin(topic: Topic, cursor: string, rows: readonly object[], resumed: boolean): void {
    this.#cursors.set(topic, cursor)
    this.push({ event: resumed ? 'delta' : 'snapshot', topic, cursor, rows: rows as [], ...this.#id() })
    for (const message of this.#early.get(topic) ?? []) this.push(message)
    this.#early.delete(topic)
  }

  delta(topic: Topic, cursor: string, rows: readonly object[]): void {
    const message: LiveMessage = { event: 'delta', topic, cursor, rows: rows as [] }
    const early = this.#early.get(topic)
    if (early !== undefined) return void early.push(message)
    this.#cursors.set(topic, cursor)
    if (rows.length > 0) this.push({ ...message, ...this.#id() })
  }

  push(message: Message): void {
    if (this.#closed) return
    if (this.#queue.length >= patience) {
      this.#queue.length = 0
      this.#queue.push('overrun')
    } else this.#queue.push(message)
    this.#wake?.()
  }

  close(): void {
    this.#closed = true
    this.#wake?.()
  }

  /** All that waits, in order, as soon as there is something; null once it is closed. */
  async take(): Promise<Message[] | null> {
    while (!this.#closed && this.#queue.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#closed ? null : this.#queue.splice(0)
  }
}
