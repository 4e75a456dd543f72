import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Outcome, Trimmed } from '#schemas/gateway/requests.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import type { Guarded } from '#schemas/gateway/guardrails/index.ts'
import type { Usage } from '#schemas/gateway/wires/dialogue.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import { newId } from '#schemas/ids.ts'
import type { Caller } from '../store-known.ts'
import type { Accounted, Attempt, Lost } from './accounted.ts'
import type { Asked } from './asked.ts'
import { begunBy, type Begun } from './begun.ts'
import { answerHeaders } from './answer-headers.ts'
import type { Cached } from './cached.ts'
import type { Priced } from './price.ts'
import type { Candidate } from './saying.ts'
import { spentOn, type Spent } from './spent.ts'
import { writtenSteps, type Step } from './steps.ts'
import type { Way as Chosen } from './steer.ts'
import { tokensOf, type Heard, type Tokens } from './usage.ts'

/** `usual`: who is asked by this name where no rule chooses another. */
export type Way = Pick<Chosen, 'alias' | 'steered' | 'verdict'> & { usual?: Priced | null }

/** To the microsecond: more nobody reads, and all of it would be written out. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000

const nothing: Spent = { tokens: null, estimated: false }
const silence: Heard = { usage: null, settled: false, characters: 0 }

/** Keeps account of one request while it is under way. */
export class Account {
  readonly id: string
  readonly at = Date.now()
  /** How the limits stand that it was reserved of, for who asked. */
  limits: Readonly<Record<string, string>> = {}
  /** What the cache did for it. */
  cache: Cached | null = null
  /** What was left out of what is asked, and what guardrails have seen of it. */
  trimmed: Trimmed | null = null
  guarded: readonly Guarded[] | null = null
  readonly #began = performance.now()
  readonly #caller: Caller
  readonly #asked: Asked
  readonly #way: Way
  readonly #write: (accounted: Accounted) => void
  readonly #steps: readonly Step[]
  readonly #attempts: Attempt[] = []
  readonly #kinds: KindName[] = []
  readonly #lost: Lost[] = []
  /** Who is being asked at present. */
  #live: Attempt[] = []
  #answerer: Attempt | undefined
  /** Since when somebody else is waited for; undefined while it is ours to do something. */
  #waitingSince: number | undefined
  #waited = 0
  #overAt = 0

  constructor(caller: Caller, asked: Asked, way: Way, steps: readonly Step[], write: (accounted: Accounted) => void) {
    this.id = caller.replays?.as ?? newId('modelRequest')
    this.#caller = caller
    this.#asked = asked
    this.#way = way
    this.#steps = steps
    this.#write = write
  }

  sent({ provider, model }: Target, kind: KindName, marked?: true): Attempt {
    const now = performance.now()
    this.#waitingSince ??= now
    const attempt: Attempt = { provider, model, at: rounded(now - this.#began), ms: 0, ...(marked && { marked }) }
    this.#attempts.push(attempt)
    this.#kinds.push(kind)
    this.#live.push(attempt)
    this.#answerer = attempt
    return attempt
  }

  /** It has a connection. */
  connected(attempt: Attempt): void {
    const ms = rounded(performance.now() - this.#began - attempt.at)
    // of one that was free it is nothing to tell
    if (ms >= 1) attempt.connectMs = ms
  }

  heard(attempt: Attempt): void {
    attempt.firstByteMs ??= rounded(performance.now() - this.#began)
  }

  /** Nobody is asked for a while. */
  paused(): void {
    this.#waitingSince ??= performance.now()
  }

  attemptFailed(attempt: Attempt, why: Failure): void {
    attempt.failure = why.class
    this.#ended(attempt)
  }

  /** Of several that were asked, this one answers. */
  preferred(attempt: Attempt): void {
    this.#answerer = attempt
  }

  /** It was told to stop since another answers; what it has done until then is paid all the same. */
  lost(attempt: Attempt, heard: Heard | null): void {
    attempt.failure = 'outrun'
    this.#ended(attempt)
    const { tokens } = spentOn(this.#asked, heard ?? silence)
    const kind = this.#kinds[this.#attempts.indexOf(attempt)]
    if (kind !== undefined && tokens !== null)
      this.#lost.push({ provider: attempt.provider, kind, model: attempt.model, tokens })
  }

  over(): void {
    this.#overAt = performance.now()
    for (const attempt of this.#live) attempt.ms = rounded(this.#overAt - this.#began - attempt.at)
    this.#live = []
    this.#stopWaiting(this.#overAt)
  }

  /** Which provider answers, by which model and rule, and the id of the request in the header where its caller looks for it. */
  headers(id: string): Record<string, string> {
    const rule = this.#way.steered?.by?.label
    return { ...answerHeaders(this.#answerer, rule, this), [id]: this.id }
  }

  /** Nobody is asked: this one has answered the same before. */
  again(by: Pick<Accounted, 'provider' | 'kind' | 'model' | 'tokens'>): void {
    const ms = rounded(this.#overAt - this.#began)
    this.#write({ ...this.#row('ok', 200, null, nothing), ...by, firstByteMs: ms })
  }

  /** It goes to this one, and may cost `tokens` at the most. */
  begun(by: Candidate, tokens: Tokens): Begun {
    return begunBy(this, { caller: this.#caller, asked: this.#asked, way: this.#way }, by, tokens)
  }

  /** `about`: whether the usage was not told, and is about so much. */
  answered(usage: Partial<Usage> | null, status: number, about = false): void {
    this.#account('ok', status, null, { tokens: usage === null ? null : tokensOf(usage), estimated: about })
  }

  streamed(heard: Heard, status: number): void {
    this.#account('ok', status, null, spentOn(this.#asked, heard))
  }

  failed(why: Failure): void {
    this.#account(this.#attempts.length === 0 ? 'refused' : 'failed', why.status, why, nothing)
  }

  cut(why: Failure, heard: Heard): void {
    this.#account('cut', why.status, why, spentOn(this.#asked, heard))
  }

  /** `heard` is null where nothing had begun. */
  cancelled(heard: Heard | null): void {
    const spent = this.#attempts.length === 0 ? nothing : spentOn(this.#asked, heard ?? silence)
    this.#account('cancelled', 499, null, spent)
  }

  #ended(attempt: Attempt): void {
    const now = performance.now()
    attempt.ms = rounded(now - this.#began - attempt.at)
    this.#live = this.#live.filter((one) => one !== attempt)
    if (this.#live.length === 0) this.#stopWaiting(now)
  }

  #stopWaiting(now: number): void {
    if (this.#waitingSince === undefined) return
    this.#waited += now - this.#waitingSince
    this.#waitingSince = undefined
  }

  #account(outcome: Outcome, status: number, why: Failure | null, spent: Spent): void {
    this.#write(this.#row(outcome, status, why, spent))
  }

  #row(outcome: Outcome, status: number, why: Failure | null, { tokens, estimated }: Spent): Accounted {
    const by = this.#answerer
    const total = this.#overAt - this.#began
    const { operation, model, stream } = this.#asked
    return {
      id: this.id,
      tenant: this.#caller.tenant,
      at: this.at,
      key: this.#caller.key,
      operation,
      asked: model,
      alias: this.#way.alias,
      provider: by?.provider ?? null,
      kind: by === undefined ? null : (this.#kinds[this.#attempts.indexOf(by)] ?? null),
      model: by?.model ?? null,
      stream,
      outcome,
      status,
      failure: why?.class ?? null,
      error: why?.message ?? null,
      tokens,
      estimated,
      price: null,
      usual: this.#way.usual ?? null,
      trimmed: this.trimmed,
      marked: by?.marked === true,
      saved: null,
      cache: this.cache,
      charges: [],
      budget: null,
      firstByteMs: by?.failure === undefined ? (by?.firstByteMs ?? null) : null,
      totalMs: rounded(total),
      overheadMs: rounded(Math.max(0, total - this.#waited)),
      attempts: this.#attempts,
      steps: writtenSteps(this.#steps, this.#began),
      lost: this.#lost,
      tags: this.#way.steered?.tags ?? this.#caller.tags,
      run: this.#caller.run,
      batch: this.#caller.batch,
      person: this.#caller.person,
      replayOf: this.#caller.replays?.of,
      steered: this.#way.steered,
      guarded: this.guarded,
      verdict: this.#way.verdict,
      mends: null,
    }
  }
}
