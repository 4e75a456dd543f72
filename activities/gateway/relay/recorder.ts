import { isFault } from '#schemas/errors.ts'
import type { Withheld } from '#schemas/gateway/bodies.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Accounted } from './accounted.ts'
import { gathered } from './cache-answer.ts'
import type { Watch } from './guard.ts'
import type { Room } from './room.ts'
import type { Sink } from './sink.ts'
import { speeches } from './speech.ts'

/** The most bytes of a body that are kept. */
export const mostKept = 512 * 1024
/** The most bytes of a stream that are held until they are put together: its events are many times what they say. */
const mostStreamed = 4 * 1024 * 1024

/** A body as it is kept. */
export type KeptBody = {
  type: string
  /** How long all of it was. */
  bytes: number
  whole: boolean
  gathered: boolean
  withheld: Withheld | null
  kept: Uint8Array | null
}

/** A request that is over, with both bodies; `held` is what it takes in memory. */
export type Recorded = {
  id: string
  tenant: string
  at: number
  days: number
  operation: Operation
  asked: KeptBody
  answer: () => KeptBody
  held: number
}

export const isEvents = (type: string): boolean => type.startsWith('text/event-stream')
const isText = (type: string): boolean => /^(?:text\/|application\/json)/.test(type)

/** What is kept of bytes: a copy where it is only the head of them, so that the rest can go. */
export const headOf = (bytes: Uint8Array): Uint8Array =>
  bytes.length <= mostKept ? bytes : Buffer.from(bytes.subarray(0, mostKept))

/** Passes an answer on as it comes, and holds what passes; nobody waits for it. */
export class Recorder implements Sink {
  readonly #sink: Sink
  readonly #room: Room
  readonly #watch: Pick<Watch, 'asKept'> | null
  readonly #asked: KeptBody
  readonly #days: number
  #pieces: Uint8Array[] = []
  /** Of the answer. */
  #held = 0
  #size = 0
  #status = 0
  #type = ''
  #holds = true
  #hasNoRoom = false
  #row: Accounted | undefined

  /** `asked` has its room taken already. */
  constructor(
    sink: Sink,
    { asked, days, watch, room }: { asked: KeptBody; days: number; watch: Pick<Watch, 'asKept'> | null; room: Room },
  ) {
    this.#sink = sink
    this.#room = room
    this.#watch = watch
    this.#asked = asked
    this.#days = days
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#status = status
    this.#type = headers['content-type'] ?? ''
    this.#holds = isText(this.#type)
    this.#sink.begin(status, headers)
  }

  write(bytes: Uint8Array | string): boolean {
    this.#hold(bytes)
    return this.#sink.write(bytes)
  }

  end(bytes?: Uint8Array | string): void {
    if (bytes !== undefined) this.#hold(bytes)
    this.#sink.end(bytes)
  }

  cut(): void {
    this.#sink.cut()
  }

  drained(go: () => void): void {
    this.#sink.drained(go)
  }

  /** How it went, with the mark that it is recorded. */
  wrote(row: Accounted): Accounted {
    this.#row = row
    return { ...row, recorded: this.#days }
  }

  /** Nothing more comes: what there is to keep; null where it was never written down. */
  over(): Recorded | null {
    const row = this.#row
    const held = this.#held + (this.#asked.kept?.length ?? 0)
    if (row === undefined) {
      this.#room.leave(held)
      return null
    }
    const { id, tenant, at, operation } = row
    const [asked, days] = [this.#asked, this.#days]
    return { id, tenant, at, days, operation, asked, held, answer: () => this.#answer(row) }
  }

  /** Put together apart from the request, when it is written down. */
  #answer(row: Accounted): KeptBody {
    const about = { type: this.#type, bytes: this.#size, gathered: false }
    const without = (withheld: Withheld): KeptBody => ({ ...about, whole: false, withheld, kept: null })
    if (this.#size === 0) return { ...about, whole: row.outcome !== 'cancelled', withheld: null, kept: null }
    if (!isText(this.#type)) return without('binary')
    if (row.outcome === 'blocked' && this.#status < 300) return without('guardrail')
    if (this.#hasNoRoom) return without('no_room')
    const bytes = Buffer.concat(this.#pieces)
    const isWhole = bytes.length === this.#size
    const stream = isEvents(this.#type) ? wholeOf(row.operation, bytes) : null
    const text = stream?.body ?? bytes.toString()
    const masked = this.#watch === null ? text : this.#watch.asKept(text)
    if (masked === null) return without('guardrail')
    const said = Buffer.from(masked)
    const whole = isWhole && said.length <= mostKept && (stream?.ended ?? true) && row.outcome !== 'cut'
    return { ...about, gathered: stream !== null, whole, withheld: null, kept: headOf(said) }
  }

  #hold(bytes: Uint8Array | string): void {
    const piece = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    this.#size += piece.length
    if (!this.#holds || this.#hasNoRoom) return
    const left = (isEvents(this.#type) ? mostStreamed : mostKept) - this.#held
    const taken = piece.length <= left ? piece : piece.subarray(0, Math.max(0, left))
    if (taken.length === 0) return
    if (!this.#room.take(taken.length)) {
      this.#hasNoRoom = true
      this.#room.leave(this.#held)
      this.#held = 0
      this.#pieces = []
      return
    }
    this.#held += taken.length
    this.#pieces.push(taken)
  }
}

/** A stream put together, as far as it came; null where it is none that can be. */
const wholeOf = (operation: Operation, bytes: Uint8Array): { body: string; ended: boolean } | null => {
  const { spoken } = speeches[operation]
  try {
    const folded = spoken === null ? null : gathered(operation, bytes)
    if (spoken === null || folded === null) return null
    const body = JSON.stringify(spoken.writeReply(folded.reply).body)
    return { body, ended: folded.ended && folded.failure === undefined }
  } catch (error) {
    // it broke in the midst of an event
    if (isFault(error)) return null
    throw error
  }
}
