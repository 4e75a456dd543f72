import { valueOf, type Per, type Unit } from '#schemas/gateway/budgets.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Short } from './bank.ts'
import { isRate, type BudgetClaim } from './govern.ts'
import type { Reservation, Window } from './ledger.ts'

const named: Record<Unit, [one: string, many: string]> = {
  usd: ['US dollar', 'US dollars'],
  tokens: ['token', 'tokens'],
  requests: ['request', 'requests'],
}

const amountText = (unit: Unit, amount: number): string => {
  const value = valueOf(unit, amount)
  return `${value.toLocaleString('en', { maximumFractionDigits: 6 })} ${named[unit][value === 1 ? 0 : 1]}`
}
const perText = (per: Per): string => (per === 'at_once' ? 'at once' : per === 'ever' ? 'in all' : `per ${per}`)

/** Why a request is refused: which limit, how much it is, and when it begins anew. */
export function overBudget({ window, why }: Short, { of, per, amount }: BudgetClaim, now: number): Failure {
  const rate = isRate(of.unit, per)
  const called = `The ${rate ? 'limit' : 'budget'} “${of.name}”`
  if (why === 'away' || window === null)
    return failure(
      'overloaded',
      `${called} cannot be asked for: the database does not answer, and what this process may spend without it is used up.`,
      { code: 'budget_unavailable', retryAfter: 5 },
    )
  const limit = `${amountText(of.unit, window.cap)} ${perText(per)}`
  const code = rate ? 'rate_limit_exceeded' : 'budget_exceeded'
  if (amount > window.cap)
    return failure(
      'rate_limited',
      `${called} is ${limit}, and this request alone may come to ${amountText(of.unit, amount)}. Ask for a shorter answer, or raise it.`,
      // nothing to wait for, whatever it is for
      { code: 'budget_exceeded' },
    )
  if (why === 'held')
    return failure('rate_limited', `${called} of ${limit} is held by requests that are under way.`, {
      code,
      retryAfter: 1,
    })
  const anew = Number.isFinite(window.ends)
    ? ` It begins anew at ${new Date(window.ends).toISOString().replace('.000Z', 'Z')}.`
    : ''
  const needs = `what is left is less than the ${amountText(of.unit, amount)} that this request may come to`
  return failure('rate_limited', `${called} of ${limit} is used up: ${needs}.${anew}`, {
    code,
    ...(Number.isFinite(window.ends) ? { retryAfter: Math.max(1, (window.ends - now) / 1000) } : {}),
  })
}

/** What the official clients try again by themselves is not worth a try where a budget is used up. */
export const retryAdvice = ({ code }: Failure): Record<string, string> =>
  code === 'budget_exceeded' ? { 'x-should-retry': 'false' } : {}

/** Seconds as OpenAI writes them: `1m30s`. */
const untilText = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`
}

/** Of each unit the names of its headers: of the limit, of what remains, and of when it begins anew. */
const names = {
  anthropic: {
    requests: [
      'anthropic-ratelimit-requests-limit',
      'anthropic-ratelimit-requests-remaining',
      'anthropic-ratelimit-requests-reset',
    ],
    tokens: [
      'anthropic-ratelimit-tokens-limit',
      'anthropic-ratelimit-tokens-remaining',
      'anthropic-ratelimit-tokens-reset',
    ],
  },
  openai: {
    requests: ['x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
    tokens: ['x-ratelimit-limit-tokens', 'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  },
} as const

/** How the tightest limits of requests and of tokens stand, in the headers of the wire. */
export function limitHeaders(
  operation: Operation,
  claims: readonly BudgetClaim[],
  reservation: Reservation,
  now: number,
): Record<string, string> {
  const headers: Record<string, string> = {}
  const isAnthropic = operation === 'messages' || operation === 'count_tokens'
  for (const unit of ['requests', 'tokens'] as const) {
    let tightest: Window | undefined
    for (let n = 0; n < reservation.length; n++) {
      const claim = claims[n]
      const window = reservation[n]?.window
      if (window === undefined || claim?.of.unit !== unit || claim.per === 'at_once') continue
      if (tightest === undefined || remainingOf(window) < remainingOf(tightest)) tightest = window
    }
    if (tightest === undefined) continue
    const { cap, ends } = tightest
    const [limit, remaining, reset] = names[isAnthropic ? 'anthropic' : 'openai'][unit]
    headers[limit] = String(cap)
    headers[remaining] = String(remainingOf(tightest))
    if (Number.isFinite(ends)) headers[reset] = isAnthropic ? new Date(ends).toISOString() : untilText(ends - now)
  }
  return headers
}

const remainingOf = ({ left, free }: Window): number => Math.max(0, left + free)
