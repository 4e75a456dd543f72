import type { Log } from '#activities/log.ts'
import { kinds } from '#schemas/gateway/kinds/index.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Attempt } from './accounted.ts'
import type { Answer, Refused, Whole } from './answer.ts'
import type { Asked } from './asked.ts'
import type { Callee } from './plan.ts'
import { joined, type Said } from './saying.ts'
import { signed } from './sign.ts'
import type { Answering, Upstream, UpstreamRequest } from './upstream.ts'

/** The most bytes of an answer that does not come as a stream: it is held whole, so that it can still fail over. */
const mostWhole = 64 * 1024 * 1024
/** The most bytes that come before the first word of a stream. */
const mostHeld = 1024 * 1024

/** Hears how one try goes: its pieces as they may be passed on and its end, or the whole, or why there is none. */
export type TryListener = {
  sent(one: Try): void
  heard(one: Try): void
  /** `begun` for the first of them. */
  pieces(one: Try, bytes: readonly Uint8Array[]): void
  ended(one: Try): void
  whole(one: Try, answer: Whole): void
  failed(one: Try, why: Refused): void
}

/**
 * One asking of a provider. What a stream begins with is held back until its first word, so that one that dies before
 * it can still be asked elsewhere.
 */
export class Try {
  readonly callee: Callee
  readonly answer: Answer
  readonly attempt: Attempt
  readonly #listener: TryListener
  readonly #log: Log
  #answering: Answering | undefined
  #held: Uint8Array[] = []
  #heldBytes = 0
  #timer: NodeJS.Timeout | undefined
  #over = false
  /** Whether something of a stream was passed on. */
  begun = false

  constructor(callee: Callee, { answer }: Said, attempt: Attempt, listener: TryListener, log: Log) {
    this.callee = callee
    this.answer = answer
    this.attempt = attempt
    this.#listener = listener
    this.#log = log
  }

  send(upstream: Upstream, asked: Asked, { path, headers: more, body }: Said, firstToken: number | null): void {
    const { provider } = this.callee.candidate
    const kind = kinds[provider.kind]
    const secret = this.callee.key?.secret ?? null
    const url = new URL(provider.baseUrl + path)
    const headers = {
      ...asked.along,
      ...kind.headers(secret),
      'content-type': 'application/json',
      accept: asked.stream ? 'text/event-stream' : 'application/json',
      ...more,
    }
    if (firstToken !== null) this.#timer = setTimeout(() => this.#late(firstToken), firstToken * 1000)
    const request = { origin: url.origin, path: url.pathname + url.search, headers, body, trusted: provider.shared }
    const signature = kind.signature?.(secret) ?? null
    if (signature === null) this.#dispatch(upstream, request)
    else void this.#sign(upstream, request, signed(signature, url, headers, joined(body)))
  }

  async #sign(upstream: Upstream, request: UpstreamRequest, signing: Promise<Record<string, string>>): Promise<void> {
    try {
      const headers = await signing
      if (!this.#over) this.#dispatch(upstream, { ...request, headers })
    } catch {
      this.#fail({ failure: failure('unauthenticated', 'The key of the provider cannot sign.') })
    }
  }

  /** The provider is told to stop, and nothing more is heard. */
  abort(): void {
    this.#finish()
    this.#answering?.abort()
  }

  pause(): void {
    this.#answering?.pause()
  }
  resume(): void {
    this.#answering?.resume()
  }

  #dispatch(upstream: Upstream, request: UpstreamRequest): void {
    this.#answering = upstream.send(request, {
      sent: () => this.#listener.sent(this),
      head: (status, given) => this.#safely(() => this.answer.head(status, given)),
      data: (piece) => this.#safely(() => this.#data(piece)),
      end: () => this.#safely(() => this.#end()),
      failed: (why) => this.#safely(() => this.#fail({ failure: why })),
    })
  }

  /** A mistake of ours in reading an answer is told as ours: else it would look like the provider's. */
  #safely(hear: () => void): void {
    if (this.#over) return
    try {
      hear()
    } catch (error) {
      this.#log.error('an answer of a provider could not be read', {
        provider: this.callee.candidate.provider.name,
        error,
      })
      this.#stop(failure('internal', 'Something went wrong on our side.'))
    }
  }

  #data(piece: Uint8Array): void {
    this.#listener.heard(this)
    const { stream } = this.answer
    if (stream === null) {
      if (this.answer.hold(piece) > mostWhole) this.#stop(failure('broken', 'The answer is larger than 64 MiB.'))
      return
    }
    const { bytes, failure: why } = stream.push(piece)
    this.#pass(bytes, stream.begun)
    if (why !== undefined) this.#stop(why)
  }

  #pass(bytes: readonly Uint8Array[], begun: boolean): void {
    if (this.begun) {
      if (bytes.length > 0) this.#listener.pieces(this, bytes)
      return
    }
    for (const piece of bytes) {
      this.#held.push(piece)
      this.#heldBytes += piece.length
    }
    if (!begun && this.#heldBytes < mostHeld) return
    this.begun = true
    clearTimeout(this.#timer)
    const held = this.#held
    this.#held = []
    this.#listener.pieces(this, held)
  }

  #end(): void {
    const { stream } = this.answer
    if (stream === null) {
      const read = this.answer.read()
      if ('failure' in read) return this.#fail(read)
      this.#finish()
      return this.#listener.whole(this, read)
    }
    const { bytes, failure: cut } = stream.close()
    this.#pass(bytes, cut === undefined || stream.begun)
    if (cut !== undefined) return this.#fail({ failure: cut })
    this.#finish()
    this.#listener.ended(this)
  }

  #late(seconds: number): void {
    this.#stop(failure('timeout', `The provider did not begin to answer within ${seconds} s.`))
  }

  /** Ours to stop: what else the provider would send is of no use. */
  #stop(why: Failure): void {
    this.#fail({ failure: why })
    this.#answering?.abort()
  }

  #fail(why: Refused): void {
    if (this.#over) return
    this.#finish()
    this.#listener.failed(this, why)
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#timer)
  }
}
