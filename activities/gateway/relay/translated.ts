import { isFault } from '#schemas/errors.ts'
import type { JsonMembers, Unsaid } from '#schemas/gateway/wires/dialogue.ts'
import { failure } from '#schemas/gateway/wires/failure.ts'
import { wires, type Wire, type WireOut } from '#schemas/gateway/wires/index.ts'
import { Answer, headerOf, type Refused, type Whole } from './answer.ts'
import type { Asked } from './asked.ts'
import { inOtherWords } from './refusal.ts'
import type { Spoken } from './speech.ts'
import { named, splitterOf, TranslatedStream, type Missing } from './stream-translated.ts'
import { unsaidHeader } from './translate.ts'
import type { Headers } from './upstream.ts'
import { inTier } from './usage.ts'

/** An answer of a provider of another wire, said on that of who asked. */
export class TranslatedAnswer extends Answer {
  readonly #wire: Wire
  readonly #spoken: Spoken
  readonly #name: { id: string; model: string }
  readonly #unsaid: readonly Unsaid[]
  #given: Headers = {}

  constructor(
    asked: Asked,
    spoken: Spoken,
    from: WireOut,
    unsaid: readonly Unsaid[],
    name: { id: string; model: string },
  ) {
    super(asked)
    this.#wire = wires[from]
    this.#spoken = spoken
    this.#unsaid = unsaid
    this.#name = name
  }

  head(status: number, given: Headers): void {
    this.status = status
    this.#given = given
    const split = status < 300 ? splitterOf(headerOf(given, 'content-type') ?? '') : undefined
    if (split !== undefined) {
      const writer = this.#spoken.streamWriter({ usage: this.asked.usage })
      this.stream = new TranslatedStream(split, this.#wire.streamReader(), writer, this.#missing())
    }
    const streams = this.stream !== null
    this.headers = { 'content-type': streams ? 'text/event-stream; charset=utf-8' : 'application/json' }
    if (this.#unsaid.length > 0) this.headers['x-auterity-unsaid'] = unsaidHeader(this.#unsaid)
  }

  protected whole(said: JsonMembers): Whole | Refused {
    try {
      const reply = this.#wire.readReply(said)
      const written = this.#spoken.writeReply(named(reply, this.#missing()))
      const unsaid = [...this.#unsaid, ...written.unsaid]
      if (unsaid.length > 0) this.headers['x-auterity-unsaid'] = unsaidHeader(unsaid)
      return { bytes: JSON.stringify(written.body), usage: inTier(reply.usage ?? null, reply.tier) }
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
    return { ...this.#name, created: Math.floor(Date.now() / 1000) }
  }
}
