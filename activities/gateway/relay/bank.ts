import type { Log } from '#activities/log.ts'
import { isAway } from '#schemas/errors.ts'
import type { Charge, Give, Leases, Take, Taken } from '../store-leases.ts'
import type { Holder } from './holder.ts'
import { keyOf, Ledger, type Claim, type Reservation, type Window } from './ledger.ts'

/** How long a request waits for what other processes hold, in ms, and how long between two askings. */
const patience = 1_000
const between = { first: 20, most: 160 }
/** How often it looks for what lies idle, how long that lies before it goes back, and before it is forgotten, in ms. */
const idle = { look: 500, after: 1_500, forget: 60_000 }
/** So many requests of the same size are taken for at first. */
const ahead = 8

/** Why nothing could be reserved: the limit that is in the way, and how it stood; or nobody could be asked. */
export type Short = { claim: Claim; window: Window | null; why: 'spent' | 'held' | 'away' }

/** What is on its way back, out of which window. */
type Giving = { give: Give; window: Window; amount: number }

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
  readonly #holder: Holder
  readonly ledger = new Ledger()
  #skew = 0
  #waiters: Waiter[] = []
  #gives: Giving[] = []
  #isAway = false
  #rounding: Promise<void> | undefined
  #next: NodeJS.Timeout | undefined
  #wait = between.first
  readonly #timer: NodeJS.Timeout
  readonly #wishes = new Map<string, { wish: number; at: number }>()

  constructor(leases: Leases, holder: Holder, log: Log) {
    this.#leases = leases
    this.#holder = holder
    this.#log = log
    this.#timer = setInterval(() => this.#lookForIdle(), idle.look)
    this.#timer.unref()
  }

  /** The time by the database's clock, in ms since 1970. */
  now(): number {
    return Date.now() + this.#skew
  }

  /** Of all limits or of none: at once where enough is held. */
  reserve(claims: readonly Claim[]): Reservation | Promise<Reservation | Short> {
    if (this.#holder.isGood) {
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
    await this.#holder.end().catch(() => {})
  }

  #giveBack(window: Window): boolean {
    const whole = window.isIdle && (window.granted !== 0 || window.isUnsure)
    const before = window.granted
    const free = this.ledger.takeFree(window)
    if (!whole && free === 0) return false
    // what is idle is ended at the database, whatever it thinks it is
    if (whole) {
      window.granted = 0
      window.isUnsure = false
    }
    const give = { ...window.of, starts: window.starts, amount: whole ? null : free }
    this.#gives.push({ give, window, amount: before - window.granted })
    return true
  }

  #lookForIdle(): void {
    const now = this.now()
    let holds = false
    for (const window of this.ledger.windows()) {
      const isPast = window.ends <= now
      // with the database away, what is lent is all that there is
      if (!this.#isAway && (isPast || window.usedAt < now - idle.after)) this.#giveBack(window)
      const isOver = isPast || (window.granted === 0 && window.usedAt < now - idle.forget)
      if (isOver && window.isIdle) this.ledger.forget(window)
      else holds = true
    }
    if (this.#gives.length > 0 || (holds && this.#holder.isDue)) this.#begin()
  }

  /** One asking at a time; who comes meanwhile goes with the next. */
  #begin(): void {
    if (this.#rounding !== undefined) return
    clearTimeout(this.#next)
    this.#next = undefined
    this.#rounding = this.#go()
  }

  async #go(): Promise<void> {
    let again: 'now' | 'later' = 'later'
    try {
      again = await this.#round()
    } catch (error) {
      this.#log.error('a budget could not be asked for', { error })
    }
    this.#rounding = undefined
    if (again === 'now') this.#begin()
    else if (this.#waiters.length > 0) this.#next = setTimeout(() => this.#begin(), this.#wait)
    this.#wait = again === 'now' ? between.first : Math.min(between.most, this.#wait * 2)
  }

  async #round(): Promise<'now' | 'later'> {
    const gives = this.#gives
    this.#gives = []
    const asked = new Set(this.#waiters)
    let taken: Taken[]
    try {
      if (!(await this.#holder.beat())) this.ledger.disown()
      const takes = this.#takes()
      const given = gives.map(({ give }) => give)
      taken = given.length + takes.length === 0 ? [] : await this.#leases.trade(this.#holder.name, given, takes)
      this.#isAway = false
    } catch (error) {
      this.#isAway = isAway(error)
      if (!this.#isAway) this.#log.error('budgets could not be asked for', { error })
      this.#takeBack(gives, wasNotSent(error))
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

  /** What was not sent is ours still; of what else was given it is not known, so it is ended once it is idle. */
  #takeBack(gives: readonly Giving[], notSent: boolean): void {
    for (const one of gives) {
      if (notSent) one.window.granted += one.amount
      else if (one.give.amount === null) this.#gives.push(one)
    }
    if (!notSent) for (const window of this.ledger.windows()) window.isUnsure = true
  }

  /** Serves those who wait, in the order in which they came: with what they asked for, or with why not. */
  #sort(verdict: (waiter: Waiter) => Short['why'] | 'gone' | 'wait'): void {
    const still: Waiter[] = []
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) {
      const reserved = this.#holder.isGood ? this.ledger.reserve(waiter.claims, this.now()) : null
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

const wasNotSent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === '57P03')
const limitOf = ({ tenant, budget, per }: Claim) => ({ tenant, budget, per })
