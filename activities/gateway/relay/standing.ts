import type { Log } from '#activities/log.ts'
import { valueOf, type Per } from '#schemas/gateway/budgets.ts'
import type { Budget, BudgetFacts } from '#schemas/steering/facts.ts'
import type { Caller, KnownBudget, Models } from '../store-known.ts'
import type { Asked } from './asked.ts'
import { budgetsOf, isRate } from './govern.ts'
import type { Ledger } from './ledger.ts'

/** How a limit of a budget stands in its window that runs now, in its unit. */
export type Stand = { budget: string; per: Per; cap: number; spent: number }
export type Stands = readonly Stand[]

/** What was read of a tenant's budgets is good for so long, in ms. */
const good = 1_000
/** The most tenants whose budgets are known at once. */
const most = 10_000

type Known = { stands: Stands; readAt: number; reading: boolean }

/** Where no budget counts: nothing of it is used. */
const boundless: Budget = { used: 0, remaining: Infinity }

/**
 * How the budgets of tenants stand, as rules see it: by what is written down, and what requests of this process came to since.
 * A request waits for it only where nothing is known yet; it is read anew beside the requests that read it.
 */
export class Standing {
  readonly #read: (tenant: string) => Promise<Stands>
  readonly #ledger: Pick<Ledger, 'settledOf'>
  readonly #log: Log
  readonly #known = new Map<string, Known>()

  constructor(read: (tenant: string) => Promise<Stands>, ledger: Pick<Ledger, 'settledOf'>, log: Log) {
    this.#read = read
    this.#ledger = ledger
    this.#log = log
  }

  /** Reads how the budgets of a tenant stand, to be known from then on. */
  async learn(tenant: string): Promise<void> {
    if (this.#known.size >= most) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(tenant, { stands: await this.#read(tenant), readAt: Date.now(), reading: false })
  }

  readonly of = ({ budgets }: Models, caller: Caller, asked: Asked): BudgetFacts => {
    const known = this.#known.get(caller.tenant)
    if (known !== undefined && !known.reading && Date.now() - known.readAt > good) this.#refresh(caller.tenant, known)
    return budgetFacts(budgetsOf({ budgets }, caller, asked, []), known?.stands ?? [], (of) =>
      this.#ledger.settledOf(of),
    )
  }

  #refresh(tenant: string, known: Known): void {
    known.reading = true
    this.learn(tenant).catch((error: unknown) => {
      // what was known is the best that there is
      known.reading = false
      known.readAt = Date.now()
      this.#log.debug('how budgets stand could not be read', { error })
    })
  }
}

/** The tightest of those that count, and the tightest of each kind. `since`: what came to it after it was read. */
export function budgetFacts(
  budgets: readonly KnownBudget[],
  stands: Stands,
  since: (of: { budget: string; per: Per }) => number = () => 0,
): BudgetFacts {
  const facts = {
    tenant: boundless,
    team: boundless,
    user: boundless,
    key: boundless,
    model: boundless,
    tag: boundless,
  }
  let all = boundless
  for (const { id, unit, kind, subject, limits } of budgets) {
    for (const { budget, per, cap, spent } of stands) {
      // a rate passes by itself, and is nothing to steer by
      if (budget !== id || !limits.includes(per) || isRate(unit, per)) continue
      const gone = spent + since({ budget, per })
      const used = cap === 0 ? 1 : gone / cap
      const one = { used, remaining: unit === 'usd' ? valueOf(unit, Math.max(0, cap - gone)) : Infinity }
      all = tighter(all, one)
      facts[kind] = tighter(facts[kind], one)
      if (kind === 'tag' && subject.startsWith('team=')) facts.team = tighter(facts.team, one)
    }
  }
  return { ...all, ...facts }
}

const tighter = (a: Budget, b: Budget): Budget => ({
  used: Math.max(a.used, b.used),
  remaining: Math.min(a.remaining, b.remaining),
})
