import { failure, failures, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Routing } from '#schemas/gateway/routing.ts'
import { rank } from './choose.ts'
import type { Health, Patient } from './health.ts'
import type { Candidate } from './saying.ts'

/** Who can be asked: a target, and one of its keys. */
export type Callee = {
  readonly candidate: Candidate
  readonly key: { id: string; secret: string } | null
  patient: Patient
}

/** What comes next: a callee to ask, a pause in ms after which to look again, or nothing more. */
export type Step = { ask: Callee } | { pause: number } | null

/** A callee, and from when on it may be asked, in ms since 1970. */
type Place = { callee: Callee; from: number }

/** The pause before the second round, in ms; each one after that is twice as long. */
const firstPause = 250

/**
 * Whom a request asks next. It goes round by round: each target is asked once, with another of its keys where one is
 * refused. Where all have failed in a way that may pass, it pauses and goes round again, as often and as long as the route
 * says. Who is not well is left out, unless nobody else is there.
 */
export class Plan {
  readonly #routing: Routing
  readonly #health: Health
  readonly #now: () => number
  readonly #random: () => number
  #round: Place[]
  /** Of this round, those that may be asked in the next. */
  #later: Place[] = []
  #rounds = 0
  #waited = 0
  /** How many were asked, and how many of them in this round. */
  #asked = 0
  #askedNow = 0
  #out: Failure | undefined

  constructor(
    tenant: string,
    candidates: readonly Candidate[],
    seed: number,
    routing: Routing,
    health: Health,
    { now, random }: { now: () => number; random: () => number } = { now: Date.now, random: Math.random },
  ) {
    this.#routing = routing
    this.#health = health
    this.#now = now
    this.#random = random
    this.#round = candidates
      .flatMap((candidate) => calleesOf(tenant, candidate, seed))
      .map((callee) => ({ callee, from: 0 }))
  }

  /** Why nobody was asked at all, where it is for their health. */
  get out(): Failure | undefined {
    return this.#out
  }

  next(): Step {
    for (let place = this.#round.shift(); place !== undefined; place = this.#round.shift()) {
      const { callee, from } = place
      const until = from > 0 && from > this.#now() ? from : this.#health.admits(callee.patient)
      if (until === 0) return this.#ask(callee)
      this.#later.push({ callee, from: until })
    }
    return this.#nextRound()
  }

  /** One of another target that may be asked at once, beside one that is being asked. */
  another(than: Candidate): Callee | null {
    const at = this.#round.findIndex(
      ({ callee, from }) => callee.candidate !== than && from === 0 && this.#health.admits(callee.patient) === 0,
    )
    return at === -1 ? null : (this.#round.splice(at, 1)[0]?.callee ?? null)
  }

  /** It failed: where the same may be asked now, and whether it may be asked again. */
  failed(callee: Callee, why: Failure): void {
    this.#health.failed(callee.patient, why)
    const { next, blames } = failures[why.class]
    if (next === 'nowhere') {
      this.#round = []
      this.#later = []
      return
    }
    if (next === 'later') this.#later.push({ callee, from: this.#now() + (why.retryAfter ?? 0) * 1000 })
    if (blames !== 'key') this.leaveOut(callee.candidate)
  }

  /** It is not asked any more in this round, whatever the key. */
  leaveOut(candidate: Candidate): void {
    this.#round = this.#round.filter(({ callee }) => callee.candidate !== candidate)
  }

  #ask(callee: Callee): Step {
    this.#asked++
    this.#askedNow++
    return { ask: callee }
  }

  #nextRound(): Step {
    const later = this.#later
    if (later.length === 0) return null
    const wait = Math.min(...later.map(({ from }) => from)) - this.#now()
    if (this.#asked === 0) return this.#wait(wait) ?? this.#askAnyway(wait)
    // a timer may ring a little before the clock says so, and who rests may rest for longer: nobody's turn is over by that
    if (this.#askedNow === 0) return this.#wait(Math.max(wait, 1))
    if (this.#rounds >= this.#routing.retries) return null
    const longest = firstPause * 2 ** this.#rounds
    this.#rounds++
    return this.#wait(Math.max(wait, longest * (0.5 + this.#random() / 2)))
  }

  #wait(pause: number): Step {
    if (this.#waited + pause > this.#routing.patience * 1000) return null
    this.#waited += pause
    this.#round = this.#later
    this.#later = []
    this.#askedNow = 0
    return { pause }
  }

  /** A breaker is only a guess of ours, and with nobody left there is nothing to lose; a key rests because it was told to. */
  #askAnyway(wait: number): Step {
    const guessed = this.#later.find(({ callee }) => this.#health.isGuess(callee.patient))
    this.#later = []
    if (guessed !== undefined) return this.#ask(guessed.callee)
    this.#out = failure('rate_limited', 'Every provider of this model has asked to be left alone for a while.', {
      retryAfter: wait / 1000,
    })
    return null
  }
}

/** With each of the keys, in an order that is the same for the same seed. */
const calleesOf = (tenant: string, candidate: Candidate, seed: number): Callee[] => {
  const { provider, target } = candidate
  const patient = { tenant, provider: target.provider, model: target.model }
  const [only, another] = provider.keys
  if (only === undefined) return [{ candidate, key: null, patient: { ...patient, key: null } }]
  const keys =
    another === undefined
      ? [only]
      : provider.keys
          .map((key) => ({ key, at: rank(seed, key.id, 1) }))
          .toSorted((a, b) => b.at - a.at)
          .map(({ key }) => key)
  return keys.map((key) => ({ candidate, key, patient: { ...patient, key: key.id } }))
}
