import { isFault } from '#schemas/errors.ts'
import { frame, type Change, type StreamReader, type StreamWriter } from '#schemas/gateway/wires/change.ts'
import type { JsonMembers, Unsaid, Usage } from '#schemas/gateway/wires/dialogue.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { wires, type Wire, type WireOut } from '#schemas/gateway/wires/index.ts'
import { EventSplitter } from '#schemas/gateway/wires/sse.ts'
import { Answer, headerOf, type Refused, type Whole } from './answer.ts'
import type { Asked } from './asked.ts'
import { inOtherWords } from './refusal.ts'
import type { Spoken } from './speech.ts'
import type { Passed, Stream } from './stream.ts'
import { unsaidHeader } from './translate.ts'
import type { Headers } from './upstream.ts'

/** Some wires do not tell when an answer was made, nor by what name; their clients count on both. */
type Missing = { id: string; created: number }

/** An answer of a provider of another wire, said on that of who asked. */
export class TranslatedAnswer extends Answer {
  readonly #wire: Wire
  readonly #spoken: Spoken
  readonly #id: string
  readonly #unsaid: readonly Unsaid[]
  #given: Headers = {}

  constructor(asked: Asked, spoken: Spoken, from: WireOut, unsaid: readonly Unsaid[], id: string) {
    super(asked)
    this.#wire = wires[from]
    this.#spoken = spoken
    this.#unsaid = unsaid
    this.#id = id
  }

  head(status: number, given: Headers): void {
    this.status = status
    this.#given = given
    const streams = status < 300 && headerOf(given, 'content-type')?.startsWith('text/event-stream') === true
    if (streams) {
      const writer = this.#spoken.streamWriter({ usage: this.asked.usage })
      this.stream = new TranslatedStream(this.#wire.streamReader(), writer, this.#missing())
    }
    this.headers = { 'content-type': streams ? 'text/event-stream; charset=utf-8' : 'application/json' }
    if (this.#unsaid.length > 0) this.headers['x-auterity-unsaid'] = unsaidHeader(this.#unsaid)
  }

  protected whole(said: JsonMembers): Whole | Refused {
    try {
      const reply = this.#wire.readReply(said)
      const { id, created } = this.#missing()
      const written = this.#spoken.writeReply({ ...reply, id: reply.id || id, created: reply.created ?? created })
      const unsaid = [...this.#unsaid, ...written.unsaid]
      if (unsaid.length > 0) this.headers['x-auterity-unsaid'] = unsaidHeader(unsaid)
      return { bytes: JSON.stringify(written.body), usage: reply.usage ?? null }
    } catch (error) {
      if (!isFault(error)) throw error
      return { failure: failure('broken', error.message) }
    }
  }

  protected refused(said: JsonMembers | undefined): Refused {
    const header = (name: string) => headerOf(this.#given, name)
    return { failure: inOtherWords(this.#wire.readError(this.status, said, header, Date.now())) }
  }

  #missing(): Missing {
    return { id: this.#id, created: Math.floor(Date.now() / 1000) }
  }
}

/** A stream of one wire, written event by event on another. */
class TranslatedStream implements Stream {
  readonly #splitter = new EventSplitter()
  readonly #reader: StreamReader
  readonly #writer: StreamWriter
  readonly #missing: Missing
  usage: Partial<Usage> | null = null
  settled = false
  characters = 0

  constructor(reader: StreamReader, writer: StreamWriter, missing: Missing) {
    this.#reader = reader
    this.#writer = writer
    this.#missing = missing
  }

  push(bytes: Uint8Array): Passed {
    const said: string[] = []
    let why: Failure | undefined
    for (const { event } of this.#splitter.push(bytes)) {
      if (event !== undefined) why = this.#say(this.#reader.read(event), said)
      if (why !== undefined) break
    }
    return passed(said, why)
  }

  close(): Passed {
    const said: string[] = []
    return passed(said, this.#say(this.#reader.finish(), said))
  }

  broken(why: Failure): string {
    return this.#writer.write({ type: 'error', failure: why }).map(frame).join('')
  }

  #say(changes: readonly Change[], said: string[]): Failure | undefined {
    for (const change of changes) {
      if (change.type === 'error') return inOtherWords(change.failure)
      for (const event of this.#writer.write(this.#heard(change))) said.push(frame(event))
    }
    return undefined
  }

  #heard(change: Change): Change {
    if (change.type === 'grow') this.characters += change.text.length
    if (change.type !== 'begin' && change.type !== 'usage') return change
    if (change.usage !== undefined) this.usage = { ...this.usage, ...change.usage }
    if (change.type === 'usage') {
      this.settled = true
      return change
    }
    const { id, created } = this.#missing
    return { ...change, id: change.id || id, created: change.created ?? created }
  }
}

const passed = (said: readonly string[], why: Failure | undefined): Passed => ({
  bytes: said.length === 0 ? [] : [Buffer.from(said.join(''))],
  failure: why,
})
