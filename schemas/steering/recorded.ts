import { Failure } from '../automation/failure.ts'
import type { BudgetFacts, Conversation, Facts, Judge, Named, RequestFacts, Verdict } from './facts.ts'

/** A rule asked for what is not kept of requests: neither true nor false, but not known. */
export class Unrecorded extends Failure {
  readonly fact: string
  constructor(fact: string) {
    super('expression_failed', `What it reads of “${fact}” is not kept of requests.`)
    this.fact = fact
  }
}

const unknown = (): never => {
  throw new Unrecorded('headers')
}
const unrecordedHeaders = new Proxy<{ [name: string]: string }>(
  {},
  { get: unknown, has: unknown, ownKeys: unknown, getOwnPropertyDescriptor: unknown },
)

/** What is kept of a request. */
export type Recorded = {
  /** In ms since 1970. */
  at: number
  key: Named
  user: { id: string; email: string }
  tags: readonly string[]
  model: string
  kind: RequestFacts['kind']
  wire: RequestFacts['wire']
  stream: boolean
  /** How many tokens it had by the count of its provider. */
  input: number | null
  /** What a classifier said of it, where a rule asked then. */
  verdict: Verdict | null
}

/** A request that is over, as rules see it: what was not kept of it is not guessed. */
export class RecordedFacts implements Facts {
  readonly at: number
  readonly zone = 'UTC'
  readonly tenant: Named
  readonly key: Facts['key']
  readonly user: Facts['user']
  readonly team: Named = { id: '', name: '' }
  readonly tags: readonly string[]
  readonly request: RequestFacts
  readonly headers: Facts['headers'] = unrecordedHeaders
  readonly #input: number | null
  readonly #verdict: Verdict | null

  constructor(tenant: Named, { at, key, user, tags, input, verdict, model, kind, wire, stream }: Recorded) {
    this.at = at
    this.tenant = tenant
    this.key = { ...key, tags }
    this.user = user
    this.tags = tags
    this.request = new RecordedRequest({ model, kind, wire, stream })
    this.#input = input
    this.#verdict = verdict
  }

  get budget(): BudgetFacts {
    throw new Unrecorded('budget')
  }

  get judge(): Judge {
    const verdict = this.#verdict
    if (verdict === null) throw new Unrecorded('prompt')
    return () => verdict
  }

  prompt(): Conversation {
    return new RecordedConversation(this.#input)
  }
}

type Kept = Pick<RequestFacts, 'model' | 'kind' | 'wire' | 'stream'>

class RecordedRequest implements RequestFacts {
  readonly model: string
  readonly kind: RequestFacts['kind']
  readonly wire: RequestFacts['wire']
  readonly stream: boolean

  constructor({ model, kind, wire, stream }: Kept) {
    this.model = model
    this.kind = kind
    this.wire = wire
    this.stream = stream
  }
  get maxTokens(): number {
    throw new Unrecorded('request.maxTokens')
  }
  get temperature(): number {
    throw new Unrecorded('request.temperature')
  }
  get tools(): readonly string[] {
    throw new Unrecorded('request.tools')
  }
  get images(): boolean {
    throw new Unrecorded('request.images')
  }
  get audio(): boolean {
    throw new Unrecorded('request.audio')
  }
  get files(): boolean {
    throw new Unrecorded('request.files')
  }
  get structured(): boolean {
    throw new Unrecorded('request.structured')
  }
}

class RecordedConversation implements Conversation {
  readonly #tokens: number | null

  constructor(tokens: number | null) {
    this.#tokens = tokens
  }
  get tokens(): number {
    if (this.#tokens === null) throw new Unrecorded('prompt.tokens')
    return this.#tokens
  }
  get system(): string {
    throw new Unrecorded('prompt')
  }
  get turns(): never {
    throw new Unrecorded('prompt')
  }
}
