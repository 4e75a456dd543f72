import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Outcome } from '#schemas/gateway/requests.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import { newId } from '#schemas/ids.ts'
import type { Caller } from '../store-known.ts'
import type { Tokens } from './usage.ts'

export type Attempt = { provider: string; model: string; failure?: string; at: number; ms: number }

/** All that is known of a request when it is over. Times in ms. */
export type Accounted = {
  id: string
  tenant: string
  at: number
  key: string | null
  operation: Operation
  asked: string
  alias: string | null
  provider: string | null
  kind: KindName | null
  model: string | null
  stream: boolean
  outcome: Outcome
  status: number
  failure: string | null
  error: string | null
  tokens: Tokens | null
  firstByteMs: number | null
  totalMs: number
  overheadMs: number
  attempts: Attempt[]
  tags: Readonly<Record<string, string>>
  run: string | null
}

/** About four characters make a token of English: what is billed by when a provider did not come to tell its count. */
const charactersPerToken = 4

/** Keeps account of one request while it is under way. */
export class Account {
  readonly id = newId('modelRequest')
  readonly #at = Date.now()
  readonly #began = performance.now()
  readonly #caller: Caller
  readonly #asked: { operation: Operation; model: string; stream: boolean; alias: string | null }
  readonly #write: (accounted: Accounted) => void
  readonly #attempts: Attempt[] = []
  #kind: KindName | null = null
  #sentAt = 0
  #firstByteAt: number | undefined
  #waited = 0
  #waiting = false
  #overAt = 0

  constructor(
    caller: Caller,
    asked: { operation: Operation; model: string; stream: boolean; alias: string | null },
    write: (accounted: Accounted) => void,
  ) {
    this.#caller = caller
    this.#asked = asked
    this.#write = write
  }

  sent({ provider, model }: Target, kind: KindName): void {
    this.#kind = kind
    this.#sentAt = performance.now()
    this.#waiting = true
    this.#attempts.push({ provider, model, at: this.#sentAt - this.#began, ms: 0 })
  }

  heard(): void {
    this.#firstByteAt ??= performance.now()
  }

  attemptFailed(why: Failure): void {
    this.#stopWaiting()
    const last = this.#attempts.at(-1)
    if (last !== undefined) last.failure = why.class
    this.#firstByteAt = undefined
  }

  over(): void {
    this.#overAt = performance.now()
    this.#stopWaiting()
  }

  /** Which provider answers, by which model, and what of the time so far was ours. */
  headers(): Record<string, string> {
    const last = this.#attempts.at(-1)
    return {
      'x-request-id': this.id,
      ...(last === undefined ? {} : { 'x-auterity-provider': last.provider, 'x-auterity-model': last.model }),
    }
  }

  answered(tokens: Tokens | null, status: number): void {
    this.#account('ok', status, null, tokens)
  }

  failed(why: Failure): void {
    this.#account(this.#attempts.length === 0 ? 'refused' : 'failed', why.status, why, null)
  }

  cut(why: Failure, tokens: Tokens | null, characters: number): void {
    this.#account('cut', why.status, why, tokens ?? this.#guessed(characters))
  }

  cancelled(tokens: Tokens | null = null, characters = 0): void {
    this.#account('cancelled', 499, null, tokens ?? this.#guessed(characters))
  }

  #guessed(characters: number): Tokens | null {
    if (this.#attempts.length === 0) return null
    return { input: 0, cached: 0, cacheWrite: 0, output: Math.ceil(characters / charactersPerToken), reasoning: 0 }
  }

  #stopWaiting(): void {
    if (!this.#waiting) return
    this.#waiting = false
    const ms = performance.now() - this.#sentAt
    this.#waited += ms
    const last = this.#attempts.at(-1)
    if (last !== undefined) last.ms = ms
  }

  #account(outcome: Outcome, status: number, why: Failure | null, tokens: Tokens | null): void {
    const last = this.#attempts.at(-1)
    const total = this.#overAt - this.#began
    const { operation, model, stream, alias } = this.#asked
    this.#write({
      id: this.id,
      tenant: this.#caller.tenant,
      at: this.#at,
      key: this.#caller.key,
      operation,
      asked: model,
      alias,
      provider: last?.provider ?? null,
      kind: this.#kind,
      model: last?.model ?? null,
      stream,
      outcome,
      status,
      failure: why?.class ?? null,
      error: why?.message ?? null,
      tokens,
      firstByteMs: this.#firstByteAt === undefined ? null : this.#firstByteAt - this.#began,
      totalMs: total,
      overheadMs: Math.max(0, total - this.#waited),
      attempts: this.#attempts,
      tags: this.#caller.tags,
      run: this.#caller.run,
    })
  }
}
