import { kinds } from '#schemas/gateway/kinds/index.ts'
import { failure, failures, retryHeaders, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Account } from './account.ts'
import type { Answer, Refused } from './answer.ts'
import type { Asked } from './asked.ts'
import { Saying, type Candidate, type Said } from './saying.ts'
import { signed } from './sign.ts'
import type { Sink } from './sink.ts'
import { speeches } from './speech.ts'
import type { Answering, Upstream } from './upstream.ts'

/** The most bytes of an answer that does not come as a stream: it is held whole, so that it can still fail over. */
const mostWhole = 64 * 1024 * 1024

const nobody: Refused = {
  failure: failure('not_found', 'No provider that is switched on answers for this model.', { param: 'model' }),
}

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
  readonly #saying: Saying
  #last: Refused = nobody
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
    this.#saying = new Saying(asked, account.id)
  }

  begin(): void {
    this.#next()
  }

  /** Who asked is gone: the provider is told to stop, and what came so far is written down. */
  abandon(): void {
    if (this.#done) return
    this.#answering?.abort()
    this.#end(() => this.#account.cancelled(this.#answer?.stream ?? null))
  }

  /** Asks the next; with none left the last failure is the answer. */
  #next(): void {
    const candidate = this.#candidates.shift()
    if (candidate === undefined) return this.#refuse()
    const said = this.#saying.to(candidate)
    if ('class' in said) {
      // what a provider has said of it is worth more than that another cannot be asked
      if (this.#attempt === 0) this.#last = { failure: said }
      return this.#next()
    }
    this.#attempt++
    this.#send(candidate, said, this.#attempt)
  }

  #refuse(): void {
    const { failure: why, body } = this.#last
    this.#end(() => {
      this.#account.failed(why)
      const told = speeches[this.#asked.operation].refuse(why)
      const headers = { 'content-type': 'application/json', ...retryHeaders(why) }
      this.#sink.begin(body === undefined ? told.status : why.status, this.#headers(headers))
      this.#sink.end(body ?? told.body)
    })
  }

  #send({ target, provider }: Candidate, { path, headers: more, body, answer }: Said, attempt: number): void {
    const kind = kinds[provider.kind]
    const url = new URL(provider.baseUrl + path)
    const key = provider.keys.length === 0 ? null : provider.keys[Math.floor(Math.random() * provider.keys.length)]
    const headers = {
      ...kind.headers(key?.secret ?? null),
      ...more,
      'content-type': 'application/json',
      accept: this.#asked.stream ? 'text/event-stream' : 'application/json',
    }
    this.#account.sent(target, provider.kind)
    this.#answer = answer
    const signature = kind.signature?.(key?.secret ?? null) ?? null
    if (signature === null) return this.#dispatch(url, headers, body, answer, attempt)
    void this.#signed(signed(signature, url, headers, body), answer, (all) =>
      this.#dispatch(url, all, body, answer, attempt),
    )
  }

  async #signed(
    signing: Promise<Record<string, string>>,
    answer: Answer,
    go: (headers: Record<string, string>) => void,
  ): Promise<void> {
    try {
      const headers = await signing
      if (!this.#done) go(headers)
    } catch {
      if (!this.#done) this.#broke(answer, failure('unauthenticated', 'The key of the provider cannot sign.'))
    }
  }

  #dispatch(url: URL, headers: Record<string, string>, body: Uint8Array, answer: Answer, attempt: number): void {
    const mine = () => !this.#done && attempt === this.#attempt
    this.#answering = this.#upstream.send(
      { origin: url.origin, path: url.pathname + url.search, headers, body },
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
    const { stream } = answer
    if (stream === null) {
      if (answer.hold(piece) > mostWhole) this.#stop(answer, failure('broken', 'The answer is larger than 64 MiB.'))
      return
    }
    const { bytes, failure: why } = stream.push(piece)
    this.#pass(answer, bytes)
    if (why !== undefined) this.#stop(answer, why)
  }

  #pass(answer: Answer, bytes: Uint8Array[]): void {
    if (bytes.length === 0) return
    if (!this.#begun) {
      this.#begun = true
      this.#sink.begin(answer.status, this.#headers(answer.headers))
    }
    const room = this.#sink.write(bytes.length === 1 ? (bytes[0] as Uint8Array) : Buffer.concat(bytes))
    if (room) return
    const answering = this.#answering
    answering?.pause()
    this.#sink.drained(() => answering?.resume())
  }

  #whole(answer: Answer): void {
    const { stream } = answer
    if (stream !== null) {
      const { bytes, failure: cut } = stream.close()
      this.#pass(answer, bytes)
      if (cut !== undefined) return this.#broke(answer, cut)
      return this.#end(() => {
        this.#account.streamed(stream, answer.status)
        this.#sink.end()
      })
    }
    const read = answer.read()
    if ('failure' in read) return this.#fell(read)
    this.#end(() => {
      this.#account.answered(read.usage, answer.status)
      this.#sink.begin(answer.status, this.#headers(answer.headers))
      this.#sink.end(read.bytes)
    })
  }

  /** Ours to stop: what else the provider would send is of no use. */
  #stop(answer: Answer, why: Failure): void {
    const answering = this.#answering
    this.#broke(answer, why)
    answering?.abort()
  }

  #broke(answer: Answer, why: Failure): void {
    const { stream } = answer
    if (!this.#begun || stream === null) return this.#fell({ failure: why })
    this.#end(() => {
      this.#account.cut(why, stream)
      this.#sink.end(stream.broken(why))
    })
  }

  #fell(last: Refused): void {
    this.#account.attemptFailed(last.failure)
    this.#last = last
    if (!failures[last.failure.class].again) this.#candidates.length = 0
    this.#next()
  }

  #headers(of: Record<string, string>): Record<string, string> {
    return { ...of, ...this.#account.headers(speeches[this.#asked.operation].id) }
  }

  #end(say: () => void): void {
    this.#done = true
    this.#account.over()
    say()
    this.#over()
  }
}
