import type { Log } from '#activities/log.ts'
import type { Unit } from '#schemas/gateway/budgets.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Caller, Models } from '../store-known.ts'
import type { Account } from './account.ts'
import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import { lostOf } from './begun.ts'
import type { Bank, Short } from './bank.ts'
import { budgetsOf, chargesOf, claimsOf, dearest, isAgain, spentOf, totalOf, type BudgetClaim } from './govern.ts'
import type { Reservation } from './ledger.ts'
import { mostTokens } from './most.ts'
import { limitHeaders, overBudget } from './over-budget.ts'
import { priceOf, type Price, type Rates } from './price.ts'
import type { Candidate } from './saying.ts'
import { savingsOf } from './savings.ts'
import type { Spool } from './spool.ts'
import type { Tokens } from './usage.ts'

/** A request that is about to be asked. */
export type Opening = {
  account: Account
  caller: Caller
  models: Models
  asked: Asked
  candidates: readonly Candidate[]
  /** Whether two may be asked at once, and both be paid. */
  hedged: boolean
  /** It is answered without asking anybody: it costs nothing, and counts as a request. */
  again?: boolean
}

/** What was reserved for a request, and who may be asked. */
export type Held = {
  candidates: Candidate[]
  claims: readonly BudgetClaim[]
  reservation: Reservation
  most: Tokens
  rates: Rates
}
/** Why nobody is asked, and which budget says so. */
export type Refused = { why: Failure; budget: string | null }

/** What a request costs is asked for before it is made, and written down when it is over. */
export type Books = {
  open(opening: Opening): Held | Refused | Promise<Held | Refused>
  /** Gives it as it is written down: with its price. */
  write(row: Accounted, held: Held | null): Accounted
  /** Calls once what was written until now is known even if the process is killed, or cannot be. */
  kept(go: () => void): void
}

/** Keeps no account but what `write` does. */
export const plainBooks = (write: (row: Accounted) => void): Books => ({
  open: ({ candidates, models }) => ({
    candidates: [...candidates],
    claims: [],
    reservation: [],
    most: none,
    rates: models.rates,
  }),
  write(row, held) {
    const whole = priced(row, held?.rates)
    write(whole)
    return whole
  },
  kept: (go) => go(),
})

const none: Tokens = { input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }

/** What the answer costs, and what those cost that it was quicker than. */
export const priceOfRow = ({ provider, kind, model, tokens, at, lost }: Accounted, rates?: Rates): Price | null => {
  if (tokens === null || provider === null || kind === null || model === null) return null
  const own = priceOf({ provider, kind, model }, tokens, at, rates)
  const others = lost.map((one) => priceOf(one, one.tokens, at, rates)?.nano ?? 0)
  return own === null ? null : { ...own, nano: others.reduce((sum, nano) => sum + nano, own.nano) }
}

/** With what it costs, and what was saved of it; out of the cache it costs nothing. */
const priced = (row: Accounted, rates?: Rates): Accounted => {
  const price = priceOfRow(row, rates)
  const whole = { ...row, price: isAgain(row) && price !== null ? { ...price, nano: 0 } : price }
  return { ...whole, saved: savingsOf(whole, rates) }
}

/** The books of a process: reserves of what is lent to it, and spools what may not be forgotten. */
export class KeptBooks implements Books {
  readonly #bank: Bank
  readonly #spool: Spool
  readonly #push: (row: Accounted) => void
  readonly #log: Log
  #unspooled = 0
  #toldAt = 0

  constructor(parts: { bank: Bank; spool: Spool; push: (row: Accounted) => void; log: Log }) {
    this.#bank = parts.bank
    this.#spool = parts.spool
    this.#push = parts.push
    this.#log = parts.log
  }

  /** How many lines found no room on the disk. */
  get unspooled(): number {
    return this.#unspooled
  }

  open(opening: Opening): Held | Refused | Promise<Held | Refused> {
    const { account, caller, models, asked } = opening
    const times = opening.hedged && opening.candidates.length > 1 ? 2 : 1
    const most = opening.again === true ? none : mostTokens(asked, models.levers.marks)
    const all = budgetsOf(models, caller, asked, opening.candidates)
    const budgets = opening.again === true ? all.filter(({ unit }) => unit === 'requests') : all
    const inUsd = budgets.find(({ unit }) => unit === 'usd')
    let candidates = [...opening.candidates]
    let usd = 0
    if (inUsd !== undefined && asked.operation !== 'count_tokens') {
      const prices = candidates.map(({ target, provider }) =>
        priceOf({ ...target, kind: provider.kind }, most, account.at, models.rates),
      )
      // what has no price would go past every budget
      candidates = candidates.filter((_, n) => prices[n] !== null)
      if (candidates.length === 0) return unpriced(opening.candidates, inUsd)
      usd = dearest(prices.filter((price) => price !== null)) ?? 0
    }
    const amounts: Record<Unit, number> = { usd: usd * times, tokens: totalOf(most) * times, requests: 1 }
    const claims = claimsOf(caller.tenant, budgets, asked, amounts)
    const held = (reservation: Reservation) =>
      this.#begin(opening, { candidates, claims, reservation, most, rates: models.rates })
    if (claims.length === 0) return held([])
    const reserved = this.#bank.reserve(claims)
    if (reserved instanceof Promise)
      return reserved.then((result) => ('why' in result ? this.#refuse(result, claims) : held(result)))
    return held(reserved)
  }

  write(row: Accounted, held: Held | null): Accounted {
    const told = held === null ? row : withTokens(row, held.most)
    let whole = priced(told, held?.rates)
    if (held !== null) {
      const spent = spentOf(held.claims, whole)
      this.#bank.ledger.settle(held.reservation, spent)
      whole = { ...whole, charges: chargesOf(held.reservation, spent) }
    }
    this.#spool.end(whole).catch((error: unknown) => this.#tell(error))
    this.#push(whole)
    return whole
  }

  kept(go: () => void): void {
    this.#spool.kept(go)
  }

  /** The database has these rows now. */
  written(rows: readonly Accounted[]): void {
    this.#spool.written(rows)
    this.#bank.written(rows.flatMap(({ charges }) => charges))
  }

  #begin({ account, asked, again = false }: Opening, held: Held): Held | Promise<Held | Refused> {
    const [first] = held.candidates
    if (first === undefined || asked.operation === 'count_tokens') return held
    account.limits = limitHeaders(asked.operation, held.claims, held.reservation, this.#bank.now())
    if (again) return held
    const begun = account.begun(first, held.most)
    begun.price = priceOf({ ...first.target, kind: first.provider.kind }, held.most, account.at, held.rates)
    begun.charges = chargesOf(held.reservation, spentOf(held.claims, lostOf(begun)))
    return this.#spool.begin(begun).then(
      () => held,
      (error: unknown) => {
        this.#tell(error)
        if (held.claims.length === 0) return held
        this.#bank.ledger.settle(held.reservation, [])
        return { why: full, budget: null }
      },
    )
  }

  #refuse(short: Short, claims: readonly BudgetClaim[]): Refused {
    const claim = claims.find(({ budget, per }) => budget === short.claim.budget && per === short.claim.per)
    if (claim === undefined) throw new Error('a limit refuses that was not asked')
    return { why: overBudget(short, claim, this.#bank.now()), budget: claim.budget }
  }

  #tell(error: unknown): void {
    this.#unspooled++
    if (Date.now() - this.#toldAt < 10_000) return
    this.#toldAt = Date.now()
    this.#log.error('what requests cost cannot be kept on disk; those that have a budget are refused', {
      error,
      unspooled: this.#unspooled,
    })
  }
}

const full = failure(
  'overloaded',
  'What this request costs could not be written down: the disk of the gateway is full. Requests that have a budget wait for it.',
  { code: 'budget_unavailable', retryAfter: 30 },
)

const unpriced = (candidates: readonly Candidate[], { id, name }: { id: string; name: string }): Refused => {
  const models = [...new Set(candidates.map(({ target }) => `${target.provider}/${target.model}`))].join(', ')
  const why = `No price is known for ${models}, so the budget “${name}” cannot hold it. Set a price for it.`
  return { why: failure('invalid', why, { code: 'price_unknown', param: 'model' }), budget: id }
}

/** An answer that came whole, and told nothing of its tokens, came to what was reserved. */
const withTokens = (row: Accounted, most: Tokens): Accounted =>
  row.outcome !== 'ok' || row.tokens !== null || row.operation === 'count_tokens' || isAgain(row)
    ? row
    : { ...row, tokens: { ...most, cacheWrite: 0 }, estimated: true }
