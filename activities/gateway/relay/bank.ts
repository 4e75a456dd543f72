import { randomUUID } from 'node:crypto'
import type { Log } from '#activities/log.ts'
import { isAway } from '#schemas/errors.ts'
import type { Charge, Give, Leases, Take, Taken } from '../store-leases.ts'
import { keyOf, Ledger, type Claim, type Reservation, type Window } from './ledger.ts'

/** How often it says that it lives, and for how long it may spend after it has said so, in ms: less than until it is taken for dead. */
const beats = { every: 5_000, goodFor: 80_000 }
/** How long a request waits for what other processes hold, in ms, and how long between two askings. */
const patience = 1_000
const between = { first: 20, most: 160 }
/** How often it looks for what lies idle, and for how long that has to, in ms. */
const idle = { look: 500, after: 1_500 }
/** So many requests of the same size are taken for at first. */
const ahead = 8

/** Why nothing could be reserved: the limit that is in the way, and how it stood; or nobody could be asked. */
export type Short = { claim: Claim; window: Window | null; why: 'spent' | 'held' | 'away' }

type Waiter = {
  claims: readonly Claim[]
  readonly until: number
  done(result: Reservation | Short): void
}

/**
 * Lends of budgets at the database and reserves out of what was lent, so that most requests wait for nobody. What others
 * hold and do not need is called back before anybody is refused.
 */
export class Bank {
  readonly #leases: Leases
  readonly #log: Log
  readonly #base = randomUUID()
  readonly ledger = new Ledger()
  #holder = this.#base
  #lives = 0
  #goodUntil = 0
  #beatAt = -Infinity
  #skew = 0
  #waiters: Waiter[] = []
  #gives: Give[] = []
  #rounding: Promise<void> | undefined
  #next: NodeJS.Timeout | undefined
  #wait = between.first
  readonly #timer: NodeJS.Timeout
  readonly #wishes = new Map<string, { wish: number; at: number }>()

  constructor(leases: Leases, log: Log) {
    this.#leases = leases
    this.#log = log
    this.#timer = setInterval(() => this.#lookForIdle(), idle.look)
    this.#timer.unref()
  }

  /** Under which name it spends at the database, now and under whatever name to come. */
  get holder(): string {
    return this.#holder
  }
  get base(): string {
    return this.#base
  }

  /** The time by the database's clock, in ms since 1970. */
  now(): number {
    return Date.now() + this.#skew
  }

  /** Of all limits or of none: at once where enough is held. */
  reserve(claims: readonly Claim[]): Reservation | Promise<Reservation | Short> {
    if (clock() < this.#goodUntil) {
      const reserved = this.ledger.reserve(claims, this.now())
      if (reserved !== null) return reserved
    }
    return new Promise((resolve) => {
      const waiter: Waiter = {
        claims,
        until: Date.now() + patience,
        done: (result) => {
          clearTimeout(late)
          resolve(result)
        },
      }
      // a database that does not answer at all is away too
      const late = setTimeout(() => {
        if (!this.#waiters.includes(waiter)) return
        this.#waiters = this.#waiters.filter((one) => one !== waiter)
        waiter.done(this.#short(waiter, 'away'))
      }, patience * 2)
      this.#waiters.push(waiter)
      this.#begin()
    })
  }

  /** What requests came to is written down. */
  written(charges: readonly Charge[]): void {
    for (const { starts, amount, ...of } of charges) this.ledger.written(of, starts, amount)
  }

  /** Somebody else is short of this budget; or all of a tenant, where its budgets are others now. */
  recall(of: { tenant: string } | { budget: string }): void {
    let any = false
    for (const window of this.ledger.windows()) {
      if ('budget' in of ? window.of.budget !== of.budget : window.of.tenant !== of.tenant) continue
      any = this.#giveBack(window) || any
    }
    if (any) this.#begin()
  }

  /** Asks for nothing more; what it holds stays its own until it is taken for dead. */
  stop(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#next)
  }

  /** Gives back all that is not spent; what requests under way came to must be written down before. */
  async close(): Promise<void> {
    this.stop()
    await this.#rounding
    if (this.#beatAt > -Infinity) await this.#leases.release(this.#base).catch(() => {})
  }

  #giveBack(window: Window): boolean {
    const whole = window.isIdle && (window.granted !== 0 || window.isUnsure)
    const free = this.ledger.takeFree(window)
    if (!whole && free === 0) return false
    // what is idle is ended at the database, whatever it thinks it is
    if (whole) {
      window.granted = 0
      window.isUnsure = false
    }
    this.#gives.push({ ...window.of, starts: window.starts, amount: whole ? null : free })
    return true
  }

  #lookForIdle(): void {
    const now = this.now()
    let holds = false
    for (const window of this.ledger.windows()) {
      const isPast = window.ends <= now
      if (isPast || window.usedAt < now - idle.after) this.#giveBack(window)
      if (isPast && window.isIdle) this.ledger.forget(window)
      else holds = true
    }
    if (this.#gives.length > 0 || (holds && clock() - this.#beatAt >= beats.every)) this.#begin()
  }

  /** One asking at a time; who comes meanwhile goes with the next. */
  #begin(): void {
    if (this.#rounding !== undefined) return
    clearTimeout(this.#next)
    this.#next = undefined
    this.#rounding = this.#round()
      .then((again) => {
        this.#rounding = undefined
        if (again === 'now') this.#begin()
        else if (this.#waiters.length > 0) this.#next = setTimeout(() => this.#begin(), this.#wait)
        this.#wait = again === 'now' ? between.first : Math.min(between.most, this.#wait * 2)
      })
      .catch((error: unknown) => {
        this.#rounding = undefined
        this.#log.error('a budget could not be asked for', { error })
      })
  }

  async #round(): Promise<'now' | 'later'> {
    const gives = this.#gives
    this.#gives = []
    const asked = new Set(this.#waiters)
    let taken: Taken[]
    try {
      await this.#beat()
      const takes = this.#takes()
      taken = gives.length + takes.length === 0 ? [] : await this.#leases.trade(this.#holder, gives, takes)
    } catch (error) {
      if (!isAway(error)) this.#log.error('budgets could not be asked for', { error })
      // what was idle is ended the next time; what of the rest is not known to be back comes back with that
      this.#gives.push(...gives.filter(({ amount }) => amount === null))
      for (const window of this.ledger.windows()) window.isUnsure = true
      this.#sort(() => 'away')
      return 'later'
    }
    const answers = new Map(taken.map((one) => [keyOf(one), this.#apply(one)]))
    this.#sort((waiter) => {
      // what is not known is a budget that was deleted meanwhile: nothing holds back any more
      const lacking = this.ledger.lacking(waiter.claims, this.now())
      for (const claim of lacking) {
        const answer = answers.get(keyOf(claim))
        if (answer === undefined || answer.taken.granted > 0) continue
        const { cap, spent, leased } = answer.taken
        const settled = this.ledger.find(claim, this.now())?.settled ?? 0
        if (cap - spent - settled < claim.amount) return 'spent'
        if (leased === 0 || Date.now() >= waiter.until) return 'held'
      }
      return lacking.some((claim) => !answers.has(keyOf(claim))) && asked.has(waiter) ? 'gone' : 'wait'
    })
    const isMore = this.#waiters.length > 0 && taken.some(({ granted }) => granted > 0)
    return isMore || this.#gives.length > 0 ? 'now' : 'later'
  }

  /** Serves those who wait, in the order in which they came: with what they asked for, or with why not. */
  #sort(verdict: (waiter: Waiter) => Short['why'] | 'gone' | 'wait'): void {
    const still: Waiter[] = []
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) {
      const reserved = clock() < this.#goodUntil ? this.ledger.reserve(waiter.claims, this.now()) : null
      if (reserved !== null) {
        waiter.done(reserved)
        continue
      }
      const why = verdict(waiter)
      if (why === 'wait') still.push(waiter)
      else if (why === 'gone') this.#withoutGone(waiter, still)
      else waiter.done(this.#short(waiter, why))
    }
    this.#waiters.push(...still)
  }

  #withoutGone(waiter: Waiter, still: Waiter[]): void {
    const claims = waiter.claims.filter((claim) => this.ledger.find(claim, this.now()) !== undefined)
    const reserved = this.ledger.reserve(claims, this.now())
    waiter.claims = claims
    if (reserved === null) still.push(waiter)
    else waiter.done(reserved)
  }

  #short({ claims }: Waiter, why: Short['why']): Short {
    const [claim = claims[0]] = this.ledger.lacking(claims, this.now())
    if (claim === undefined) throw new Error('nothing was asked for')
    return { claim, window: this.ledger.find(claim, this.now()) ?? null, why }
  }

  async #beat(): Promise<void> {
    const at = clock()
    if (at - this.#beatAt < beats.every && at < this.#goodUntil) return
    if (!(await this.#leases.beat(this.#holder))) {
      // silent for too long: others may have taken what was ours
      this.ledger.disown()
      this.#holder = `${this.#base}/${++this.#lives}`
      await this.#leases.beat(this.#holder)
    }
    this.#beatAt = at
    this.#goodUntil = at + beats.goodFor
  }

  #takes(): Take[] {
    const now = this.now()
    const takes = new Map<string, Take>()
    for (const { claims } of this.#waiters)
      for (const claim of this.ledger.lacking(claims, now)) {
        const key = keyOf(claim)
        const take = takes.get(key)
        const short = claim.amount - (this.ledger.find(claim, now)?.free ?? 0)
        if (take === undefined) takes.set(key, { ...limitOf(claim), need: short, wish: this.#wish(key, claim) + short })
        else takes.set(key, { ...take, need: Math.min(take.need, short), wish: take.wish + claim.amount })
      }
    return [...takes.values()]
  }

  /** What is taken again soon is taken more of. */
  #wish(key: string, { amount }: Claim): number {
    const before = this.#wishes.get(key)
    const isSoon = before !== undefined && Date.now() - before.at < 1_000
    const wish = Math.max(amount * ahead, isSoon ? before.wish * 2 : 0)
    this.#wishes.set(key, { wish, at: Date.now() })
    if (this.#wishes.size > 10_000) this.#wishes.clear()
    return wish
  }

  #apply(taken: Taken): { taken: Taken } {
    const { budget, per, starts, ends, granted, cap, spent, leased, now, tenant } = taken
    this.#skew = now - Date.now()
    const window = this.ledger.grant({ tenant, budget, per }, { starts, ends, amount: granted })
    window.cap = cap
    window.left = Math.max(0, cap - spent - leased - window.granted)
    window.usedAt = Math.max(window.usedAt, this.now())
    return { taken }
  }
}

/** Of time that passes, whatever the clock on the wall is set to. */
const clock = (): number => performance.now()
const limitOf = ({ tenant, budget, per }: Claim) => ({ tenant, budget, per })
