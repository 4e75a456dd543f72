import { type Per, type Unit } from '#schemas/gateway/budgets.ts'
import type { Caller, KnownBudget, Models } from '../store-known.ts'
import type { Charge } from '../store-leases.ts'
import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import type { Claim, Reservation } from './ledger.ts'
import type { Price } from './price.ts'
import type { Candidate } from './saying.ts'
import type { Tokens } from './usage.ts'

/** What is asked of a limit, and of which budget it is. */
export type BudgetClaim = Claim & { of: KnownBudget }

export const subjectName = (kind: KnownBudget['kind'], subject: string): string => `${kind}:${subject}`

/** The budgets that a request falls under, each once: by whose it is, what it asks for and what may answer, and its tags. */
export function budgetsOf(
  { budgets }: Pick<Models, 'budgets'>,
  caller: Caller,
  asked: Asked,
  candidates: readonly Candidate[],
): KnownBudget[] {
  if (budgets.size === 0) return []
  const found = new Set<KnownBudget>()
  const add = (kind: KnownBudget['kind'], subject: string) => {
    for (const budget of budgets.get(subjectName(kind, subject)) ?? []) found.add(budget)
  }
  add('tenant', '')
  if (caller.key !== null) add('key', caller.key)
  if (caller.user !== null) add('user', caller.user.id)
  for (const name in caller.tags) add('tag', `${name}=${caller.tags[name]}`)
  add('model', asked.model)
  for (const { target } of candidates) add('model', target.model)
  return [...found]
}

/** At the most, of each limit: billionths of a dollar, tokens or requests. A count of tokens costs nothing. */
export function claimsOf(
  tenant: string,
  budgets: readonly KnownBudget[],
  asked: Asked,
  most: Readonly<Record<Unit, number>>,
): BudgetClaim[] {
  const isCount = asked.operation === 'count_tokens'
  return budgets.flatMap((of) =>
    isCount && of.unit !== 'requests'
      ? []
      : of.limits.map((per) => ({ tenant, budget: of.id, per, amount: most[of.unit], of })),
  )
}

/** What a request that is over comes to of each limit that it was reserved of. */
export function spentOf(claims: readonly BudgetClaim[], row: Accounted): number[] {
  return claims.map(({ of, per, amount }) => {
    if (per === 'at_once' || !isOf(of, row)) return 0
    return unitOf(of.unit, row, amount)
  })
}

/** A budget of a model counts what it answered, or what was asked for by its name. */
const isOf = ({ kind, subject }: KnownBudget, { asked, model }: Accounted): boolean =>
  kind !== 'model' || asked === subject || model === subject

/** Whether it was answered out of the cache. */
export const isAgain = ({ cache }: Accounted): boolean => cache?.how === 'exact' || cache?.how === 'semantic'

const unitOf = (unit: Unit, row: Accounted, reserved: number): number => {
  const { attempts, tokens, lost, price } = row
  if (isAgain(row)) return unit === 'requests' ? 1 : 0
  if (attempts.length === 0) return 0
  if (unit === 'requests') return 1
  if (tokens === null) return 0
  if (unit === 'tokens') return lost.reduce((sum, one) => sum + totalOf(one.tokens), totalOf(tokens))
  // its price was taken away while it was under way
  return price?.nano ?? reserved
}

/** As it is written down. */
export const chargesOf = (reservation: Reservation, spent: readonly number[]): Charge[] =>
  reservation.flatMap(({ window }, n) => {
    const amount = spent[n] ?? 0
    return amount === 0 ? [] : [{ ...window.of, starts: window.starts, amount }]
  })

/** The dearest of those who may answer, by what each would cost; null where one of them has no price. */
export const dearest = (prices: readonly (Price | null)[]): number | null =>
  prices.includes(null) ? null : Math.max(0, ...prices.map((price) => price?.nano ?? 0))

export const totalOf = ({ input, output }: Tokens): number => input + output

/** Whether a limit is one of rate, that passes by itself, or a budget that somebody has set for a time. */
export const isRate = (unit: Unit, per: Per): boolean =>
  unit !== 'usd' && (per === 'at_once' || per === 'minute' || per === 'hour')
