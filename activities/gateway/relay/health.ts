import type { HealthState } from '#schemas/gateway/health.ts'
import { failures, type Failure } from '#schemas/gateway/wires/failure.ts'

/** What may be well or not: a model at a provider of a tenant, or a key of that provider for it. */
export type Patient = { tenant: string; provider: string; model: string; key: string | null }

/** A state that something came into at `at`; it is asked again from `until` on. Both in ms since 1970. */
export type StateChange = Patient & { state: HealthState; why: string | null; at: number; until: number | null }

/** How a breaker judges: as in Fowler's "CircuitBreaker", by the share of failures of late. */
const judged = {
  /** Failures of less than so many requests say little. */
  least: 5,
  share: 0.5,
  /** Of how long ago requests count, in ms. */
  lately: 30_000,
  /** How long it is left alone, in ms: twice as long each time it is not well yet, up to the second. */
  rest: [5_000, 120_000],
  /** It is looked at so long before its rest is over, in ms, if somebody wanted to ask it within so long. */
  ahead: 500,
  missed: 600_000,
} as const
/** How long a key rests that was refused, in ms; one that was used too much rests until the provider says, or so long. */
const restOfKey = { refused: 60_000, limited: 5_000, most: 600_000 } as const
/** The most that are watched at once. */
const most = 10_000

type Breaker = Patient & {
  state: HealthState
  until: number
  /** How often in a row it was found not to be well. */
  times: number
  /** When the first of those that are counted was. */
  since: number
  ok: number
  failed: number
  /** Whether a request tries it at present. */
  tried: boolean
  /** When somebody last wanted to ask it. */
  wanted: number
}

const none: Breaker[] = []
const nameOf = ({ tenant, provider, model, key }: Patient): string => `${tenant} ${provider} ${model} ${key ?? ''}`
const withoutKey = (patient: Patient): Patient => (patient.key === null ? patient : { ...patient, key: null })

/**
 * Who is well, as far as the requests of this process tell. What has not failed of late is not even known here. Changes of
 * state are told to `changed`.
 */
export class Health {
  readonly #known = new Map<string, Breaker>()
  readonly #changed: (change: StateChange) => void
  readonly #now: () => number

  constructor(changed: (change: StateChange) => void, now: () => number = Date.now) {
    this.#changed = changed
    this.#now = now
  }

  /**
   * Until when it had better not be asked with this key, in ms since 1970: 0 if it may be asked now. Whoever is told 0 may
   * be the one that tries it for all, and has to tell how that went.
   */
  admits(patient: Patient): number {
    const those = this.#of(patient)
    const until = Math.max(0, ...those.map((one) => this.#outUntil(one)))
    for (const one of those) one.wanted = this.#now()
    if (until === 0) for (const one of those) one.tried = one.state !== 'closed'
    return until
  }

  ok(patient: Patient): void {
    for (const one of this.#of(patient)) {
      one.tried = false
      one.ok++
      if (one.state === 'closed' && this.#now() - one.since <= judged.lately) continue
      this.#known.delete(nameOf(one))
      if (one.state !== 'closed') this.#come(one, 'closed', null, 0)
    }
  }

  failed(patient: Patient, why: Failure): void {
    this.left(patient)
    const { blames } = failures[why.class]
    if (blames === null) return
    const one = this.#watch(blames === 'key' ? patient : withoutKey(patient))
    const now = this.#now()
    if (now - one.since > judged.lately) Object.assign(one, { since: now, ok: 0, failed: 0 })
    one.failed++
    if (blames === 'key') this.#come(one, 'resting', why, now + restAfter(why))
    else if (one.state !== 'closed' || isTooMuch(one)) {
      const rest = Math.max(Math.min(judged.rest[0] * 2 ** one.times, judged.rest[1]), asked(why))
      one.times++
      this.#come(one, 'open', why, now + rest)
    }
  }

  /** Whether it is out for what is guessed of the target alone: its key was not sent away. */
  isGuess({ key, ...patient }: Patient): boolean {
    return key === null || (this.#known.get(nameOf({ ...patient, key }))?.until ?? 0) <= this.#now()
  }

  /** When a target that is left alone had better be looked at, in ms from now; undefined where nobody waits for it. */
  lookIn(patient: Patient): number | undefined {
    const one = this.#known.get(nameOf(withoutKey(patient)))
    const now = this.#now()
    return one?.state === 'open' && now - one.wanted < judged.missed
      ? Math.max(0, one.until - now - judged.ahead)
      : undefined
  }

  /** It was looked at, and is there: the next request tries it. */
  isThere(patient: Patient): void {
    const one = this.#known.get(nameOf(withoutKey(patient)))
    if (one?.state === 'open') this.#come(one, 'half_open', null, 0)
  }

  /** It was asked, and nothing was learnt. */
  left(patient: Patient): void {
    for (const one of this.#of(patient)) one.tried = false
  }

  #of(patient: Patient): Breaker[] {
    if (this.#known.size === 0) return none
    const names = patient.key === null ? [nameOf(patient)] : [nameOf(withoutKey(patient)), nameOf(patient)]
    return names.flatMap((name) => this.#known.get(name) ?? [])
  }

  #outUntil(one: Breaker): number {
    if (one.state === 'closed') return 0
    const now = this.#now()
    if (one.until > now) return one.until
    if (one.state === 'open') this.#come(one, 'half_open', null, 0)
    return one.tried ? now + judged.rest[0] : 0
  }

  #watch(patient: Patient): Breaker {
    const name = nameOf(patient)
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const { tenant, provider, model, key } = patient
    const counts = { until: 0, times: 0, since: this.#now(), ok: 0, failed: 0, tried: false, wanted: this.#now() }
    const fresh: Breaker = { tenant, provider, model, key, state: 'closed', ...counts }
    if (this.#known.size >= most) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(name, fresh)
    return fresh
  }

  #come(one: Breaker, state: HealthState, why: Failure | null, until: number): void {
    const { tenant, provider, model, key } = one
    one.state = state
    one.until = until
    const told = { why: why?.message ?? null, at: this.#now(), until: until === 0 ? null : until }
    this.#changed({ tenant, provider, model, key, state, ...told })
  }
}

const isTooMuch = ({ ok, failed }: Breaker): boolean => failed >= judged.least && failed / (ok + failed) >= judged.share

/** How long a provider asks to be left alone, in ms. */
const asked = ({ retryAfter = 0 }: Failure): number => Math.min(retryAfter * 1000, restOfKey.most)

const restAfter = (why: Failure): number =>
  why.class === 'rate_limited' ? asked(why) || restOfKey.limited : restOfKey.refused
