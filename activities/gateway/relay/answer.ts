import type { JsonMembers, Usage } from '#schemas/gateway/wires/dialogue.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Asked } from './asked.ts'
import { type Speech, speeches } from './speech.ts'
import type { Stream } from './stream.ts'
import type { Headers } from './upstream.ts'
import { inTier, read } from './usage.ts'

/** A whole answer as who asked gets it. */
export type Whole = {
  bytes: Uint8Array | string
  usage: Partial<Usage> | null
  /** Whether the usage was not told, and is about so much. */
  about?: boolean
}
/** Why there is none; `body` where the provider has said it in words that who asked knows. */
export type Refused = { failure: Failure; body?: Uint8Array }

export const headerOf = (headers: Headers, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(', ')
}

/** What one provider answers. */
export abstract class Answer {
  protected readonly asked: Asked
  protected readonly speech: Speech
  status = 0
  /** Those of the answer that go on to who asked. */
  headers: Record<string, string> = {}
  /** Null where it comes as a whole. */
  stream: Stream | null = null
  #pieces: Uint8Array[] = []
  #size = 0

  constructor(asked: Asked) {
    this.asked = asked
    this.speech = speeches[asked.operation]
  }

  abstract head(status: number, given: Headers): void
  protected abstract whole(said: JsonMembers, body: Uint8Array): Whole | Refused
  protected abstract refused(said: JsonMembers | undefined, body: Uint8Array): Refused

  /** Keeps a piece of what comes as a whole, and tells how much that is by now. */
  hold(piece: Uint8Array): number {
    this.#pieces.push(piece)
    return (this.#size += piece.length)
  }

  /** All that was kept. */
  protected get body(): Uint8Array {
    return this.#pieces.length === 1 ? (this.#pieces[0] as Uint8Array) : Buffer.concat(this.#pieces)
  }

  read(): Whole | Refused {
    const { body } = this
    const said = parsed(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
    if (this.status >= 300) return this.refused(said, body)
    if (said === undefined) return { failure: failure('broken', 'The provider sent an answer that is not JSON.') }
    // some answer whole although a stream was asked for
    if (this.asked.stream) return { failure: failure('broken', 'The provider did not send a stream.') }
    return this.whole(said, body)
  }
}

/** Headers of a provider that are of use to who asked. */
const told = /^(?:content-type|retry-after|x-ratelimit-|anthropic-ratelimit-|openai-)/

/** An answer on the wire of who asked: its bytes are passed on. */
export class PassedAnswer extends Answer {
  #given: Headers = {}

  head(status: number, given: Headers): void {
    this.status = status
    this.#given = given
    if (status < 300 && headerOf(given, 'content-type')?.startsWith('text/event-stream') === true)
      this.stream = this.speech.stream(this.asked.usage)
    for (const name in given) if (told.test(name)) this.headers[name] = headerOf(given, name) ?? ''
  }

  protected whole(said: JsonMembers, bytes: Uint8Array): Whole {
    return { bytes, usage: inTier(read(said['usage'], this.speech.readUsage), said['service_tier']) }
  }

  protected refused(said: JsonMembers | undefined, body: Uint8Array): Refused {
    const why = this.speech.readError(this.status, said, (name) => headerOf(this.#given, name), Date.now())
    return said?.['error'] === undefined ? { failure: why } : { failure: why, body }
  }
}
