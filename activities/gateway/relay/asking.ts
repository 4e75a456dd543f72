import { kinds } from '#schemas/gateway/kinds/index.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { readError } from '#schemas/gateway/wires/chat/failure.ts'
import { failure, failures, retryHeaders, type Failure } from '#schemas/gateway/wires/failure.ts'
import { splice } from '#schemas/gateway/wires/splice.ts'
import type { KnownProvider } from '../store-known.ts'
import type { Account } from './account.ts'
import type { Asked } from './asked.ts'
import type { Sink } from './sink.ts'
import { ChatStream, errorEvent, refusal } from './stream.ts'
import type { Answering, Headers, Upstream } from './upstream.ts'
import { tokensOf } from './usage.ts'

export type Candidate = { target: Target; provider: KnownProvider }

/** The most bytes of an answer that does not come as a stream: it is held whole, so that it can still fail over. */
const mostWhole = 64 * 1024 * 1024
/** Headers of a provider that are of use to who asked. */
const told = /^(?:content-type|retry-after|x-ratelimit-|openai-)/

const textOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value

/**
 * One request on its way: to the first that may answer, and to the next while nothing of an answer has been passed on.
 * What was begun is passed on as it comes; what then breaks is told as an error, never as an end.
 */
export class Asking {
  readonly #asked: Asked
  readonly #sink: Sink
  readonly #upstream: Upstream
  readonly #candidates: Candidate[]
  readonly #account: Account
  readonly #over: () => void
  #answering: Answering | undefined
  #answer: Answer | undefined
  #attempt = 0
  #begun = false
  #done = false

  constructor(
    upstream: Upstream,
    candidates: Candidate[],
    asked: Asked,
    account: Account,
    sink: Sink,
    over: () => void,
  ) {
    this.#upstream = upstream
    this.#candidates = candidates
    this.#asked = asked
    this.#account = account
    this.#sink = sink
    this.#over = over
  }

  begin(): void {
    this.#try(failure('not_found', 'No provider that is switched on answers for this model.', { param: 'model' }))
  }

  /** Who asked is gone: the provider is told to stop, and what came so far is written down. */
  abandon(): void {
    if (this.#done) return
    this.#answering?.abort()
    const stream = this.#answer?.stream
    this.#end(() => this.#account.cancelled(stream?.tokens, stream?.characters))
  }

  /** Asks the next; with none left the last failure is the answer. */
  #try(last: Failure, body?: Uint8Array): void {
    const candidate = this.#candidates.shift()
    if (candidate === undefined) {
      this.#end(() => {
        this.#account.failed(last)
        const headers = { 'content-type': 'application/json', ...retryHeaders(last) }
        this.#sink.begin(last.status, this.#headers(headers))
        this.#sink.end(body ?? refusal(last))
      })
      return
    }
    this.#attempt++
    this.#ask(candidate, this.#attempt)
  }

  #ask(candidate: Candidate, attempt: number): void {
    const { target, provider } = candidate
    const kind = kinds[provider.kind]
    const { bytes, scanned, set, operation, stream } = this.#asked
    const url = new URL(provider.baseUrl + (kind.paths[operation] ?? ''))
    const body = Buffer.concat(splice(bytes, scanned, { ...set, model: JSON.stringify(target.model) }))
    const key = provider.keys.length === 0 ? null : provider.keys[Math.floor(Math.random() * provider.keys.length)]
    const headers = {
      ...this.#asked.headers,
      ...kind.headers(key?.secret ?? null),
      'content-type': 'application/json',
      accept: stream ? 'text/event-stream' : 'application/json',
    }
    this.#account.sent(target, provider.kind)
    const mine = () => !this.#done && attempt === this.#attempt
    const answer = new Answer(this.#asked)
    this.#answer = answer
    this.#answering = this.#upstream.send(
      { origin: url.origin, path: url.pathname + url.search, headers, body, trusted: provider.shared },
      {
        head: (status, given) => {
          if (mine()) answer.head(status, given)
        },
        data: (piece) => {
          if (mine()) this.#data(answer, piece)
        },
        end: () => {
          if (mine()) this.#whole(answer)
        },
        failed: (why) => {
          if (mine()) this.#broke(answer, why)
        },
      },
    )
  }

  #data(answer: Answer, piece: Uint8Array): void {
    this.#account.heard()
    if (!answer.isStream) {
      if (answer.hold(piece) > mostWhole) this.#stop(answer, failure('broken', 'The answer is larger than 64 MiB.'))
      return
    }
    const { bytes, failure: why } = answer.stream.push(piece)
    if (bytes.length > 0) {
      if (!this.#begun) {
        this.#begun = true
        this.#sink.begin(answer.status, this.#headers(answer.headers))
      }
      const room = this.#sink.write(bytes.length === 1 ? (bytes[0] as Uint8Array) : Buffer.concat(bytes))
      if (!room) {
        const answering = this.#answering
        answering?.pause()
        this.#sink.drained(() => answering?.resume())
      }
    }
    if (why !== undefined) this.#stop(answer, why)
  }

  #whole(answer: Answer): void {
    if (answer.isStream) {
      const cut = answer.stream.close()
      if (cut !== undefined) return this.#broke(answer, cut)
      return this.#end(() => {
        this.#account.answered(answer.stream.tokens, answer.status)
        this.#sink.end()
      })
    }
    const read = answer.read(this.#asked)
    if ('failure' in read) return this.#fell(read.failure, read.body)
    this.#end(() => {
      this.#account.answered(tokensOf(read.usage), answer.status)
      this.#sink.begin(answer.status, this.#headers(answer.headers))
      this.#sink.end(answer.body())
    })
  }

  /** Ours to stop: what else the provider would send is of no use. */
  #stop(answer: Answer, why: Failure): void {
    const answering = this.#answering
    this.#broke(answer, why)
    answering?.abort()
  }

  #broke(answer: Answer, why: Failure): void {
    if (!this.#begun) return this.#fell(why)
    this.#end(() => {
      this.#account.cut(why, answer.stream.tokens, answer.stream.characters)
      this.#sink.end(errorEvent(why))
    })
  }

  #fell(why: Failure, body?: Uint8Array): void {
    this.#account.attemptFailed(why)
    if (failures[why.class].again) this.#try(why, body)
    else {
      this.#candidates.length = 0
      this.#try(why, body)
    }
  }

  #headers(of: Record<string, string>): Record<string, string> {
    return { ...of, ...this.#account.headers() }
  }

  #end(say: () => void): void {
    this.#done = true
    this.#account.over()
    say()
    this.#over()
  }
}

/** What one provider answers. */
class Answer {
  status = 0
  headers: Record<string, string> = {}
  isStream = false
  readonly stream: ChatStream
  #pieces: Uint8Array[] = []
  #size = 0
  #given: Headers = {}

  constructor(asked: Asked) {
    this.stream = new ChatStream(asked.usage)
  }

  head(status: number, given: Headers): void {
    this.status = status
    this.#given = given
    this.isStream = status < 300 && textOf(given['content-type'])?.startsWith('text/event-stream') === true
    for (const name in given) if (told.test(name)) this.headers[name] = textOf(given[name]) ?? ''
  }

  hold(piece: Uint8Array): number {
    this.#pieces.push(piece)
    return (this.#size += piece.length)
  }

  body(): Uint8Array {
    return this.#pieces.length === 1 ? (this.#pieces[0] as Uint8Array) : Buffer.concat(this.#pieces)
  }

  /** What a whole answer says; a refusal is passed on in the provider's own words. */
  read(asked: Asked): { usage: unknown } | { failure: Failure; body?: Uint8Array } {
    const body = this.body()
    const said = parse(body)
    if (this.status < 300) {
      if (said === undefined) return { failure: failure('broken', 'The provider sent an answer that is not JSON.') }
      // some answer whole although a stream was asked for
      return asked.stream
        ? { failure: failure('broken', 'The provider did not send a stream.') }
        : { usage: said.usage }
    }
    const why = readError(this.status, said, (name) => textOf(this.#given[name]), Date.now())
    return said?.error === undefined ? { failure: why } : { failure: why, body }
  }
}

const parse = (body: Uint8Array): { usage?: unknown; error?: unknown } | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
