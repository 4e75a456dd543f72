import { priceOf } from '#activities/gateway/relay/price.ts'
import { wayBy, type Way } from '#activities/gateway/relay/steer.ts'
import type { Models } from '#activities/gateway/store-known.ts'
import { evaluate } from '#schemas/steering/evaluate.ts'
import type { Named } from '#schemas/steering/facts.ts'
import { RecordedFacts } from '#schemas/steering/recorded.ts'
import { addTo, type Came, type Tally } from '#schemas/steering/tally.ts'
import { together, type InForce, type Together } from '#schemas/steering/together.ts'
import { ownTags, recordedOf, type KeptRow } from './store-asked.ts'

type Where = Pick<Models, 'routes' | 'providers' | 'rates'>

/** Says of recorded requests what they would come to under these rules, by the routes that there are now. */
export class Replaying {
  readonly #models: Where
  readonly #tenant: Named
  readonly #medians: ReadonlyMap<string, number>
  readonly #rulesFor: (key: string | null) => Promise<InForce[]>
  readonly #together = new Map<string | null, Together>()

  constructor(
    models: Where,
    tenant: Named,
    medians: ReadonlyMap<string, number>,
    rulesFor: (key: string | null) => Promise<InForce[]>,
  ) {
    this.#models = models
    this.#tenant = tenant
    this.#medians = medians
    this.#rulesFor = rulesFor
  }

  async add(tally: Tally, row: KeptRow): Promise<void> {
    const { plan, origins } = await this.#rules(row.key_id)
    const decision = evaluate(plan, new RecordedFacts(this.#tenant, recordedOf(row)))
    const way = wayBy(this.#models, { model: row.asked, tags: ownTags(row) }, decision, origins)
    const request = { id: row.id, at: row.at.toISOString(), asked: row.asked }
    const before = cameOf(row)
    // one that could not be told stands before or beside what was decided: what it comes to is not known
    const after =
      decision.failed.length > 0 || isAlike(way, row, decision.weights !== null) ? null : this.#after(way, row)
    addTo(tally, request, before, after, decision.failed)
  }

  async #rules(key: string | null): Promise<Together> {
    const known = this.#together.get(key)
    if (known !== undefined) return known
    const made = together(await this.#rulesFor(key))
    this.#together.set(key, made)
    return made
  }

  #after({ refusal, route, steered }: Way, row: KeptRow): Came {
    const rule = steered?.by?.label ?? null
    const able = (route?.targets ?? []).filter(
      ({ provider, weight }) => weight > 0 && this.#models.providers.get(provider)?.enabled === true,
    )
    if (refusal !== null || able.length === 0) return { refused: true, rule, served: [] }
    const first = Math.min(...able.map(({ priority }) => priority))
    const rivals = able.filter(({ priority }) => priority === first)
    const all = rivals.reduce((sum, { weight }) => sum + weight, 0)
    return {
      refused: false,
      rule,
      served: rivals.map(({ provider, model, weight }) => ({
        model: `${provider}/${model}`,
        share: weight / all,
        nano: this.#nano(provider, model, row),
        ms: this.#medians.get(`${provider}/${model}`) ?? null,
      })),
    }
  }

  /** What its tokens would cost there, by the book of its time. */
  #nano(provider: string, model: string, row: KeptRow): number | null {
    const kind = this.#models.providers.get(provider)?.kind
    if (kind === undefined || row.input_tokens === null) return null
    const tokens = {
      input: row.input_tokens,
      cached: row.cached_tokens ?? 0,
      cacheWrite: row.cache_write_tokens ?? 0,
      output: row.output_tokens ?? 0,
      reasoning: row.reasoning_tokens ?? 0,
    }
    return priceOf({ provider, kind, model }, tokens, row.at.getTime(), this.#models.rates)?.nano ?? null
  }
}

/** What it came to. */
const cameOf = (row: KeptRow): Came => ({
  refused: row.outcome === 'refused',
  rule: row.rule === null ? null : `${row.policy_id}@${row.policy_number}/${row.rule}`,
  served:
    row.provider === null || row.model === null
      ? []
      : [
          {
            model: `${row.provider}/${row.model}`,
            share: 1,
            nano: row.cost_nano === null ? null : Number(row.cost_nano),
            ms: row.outcome === 'ok' ? row.total_ms : null,
          },
        ],
})

/** Whether it would go the way that it went: refused as it was, by the same route, or to the one that served it. */
const isAlike = ({ refusal, alias, route }: Way, row: KeptRow, weighed: boolean): boolean => {
  if (refusal !== null || route === undefined) return row.outcome === 'refused'
  if (row.provider === null) return false
  const { targets } = route
  const served = targets.some((one) => one.provider === row.provider && one.model === row.model && one.weight > 0)
  return served && (targets.length === 1 || (alias !== null && alias === row.alias && !weighed))
}
