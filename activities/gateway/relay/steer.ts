import { targetOf, type Target } from '#schemas/gateway/routes.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { failure, type Failure, type FailureClass } from '#schemas/gateway/wires/failure.ts'
import type { Denial } from '#schemas/steering/actions.ts'
import type { Caching, Decision } from '#schemas/steering/decision.ts'
import { evaluate } from '#schemas/steering/evaluate.ts'
import type { BudgetFacts, Verdict } from '#schemas/steering/facts.ts'
import { tagged } from '#schemas/steering/tags.ts'
import type { Origin, Together } from '#schemas/steering/together.ts'
import type { Caller, KnownRoute, Models } from '../store-known.ts'
import { able, needs } from './able.ts'
import type { Asked } from './asked.ts'
import { AskedFacts } from './facts.ts'
import type { Settings } from './settings.ts'

/** What rules have said of a request, as far as the request is told of it. */
export type Steered = {
  /** Where the rule stands that decided, if one did. */
  by: Origin | null
  /** The labels of all that held. */
  held: readonly string[]
  tags: Readonly<Record<string, string>>
  /** Those of before rules added theirs. */
  own: Readonly<Record<string, string>>
}

/** Where a request goes: by a name, on this route; or why it goes nowhere. */
export type Way = {
  steered: Steered | null
  alias: string | null
  /** Undefined where there is no such model. */
  route: KnownRoute | undefined
  settings: Settings | null
  /** What rules say of the cache; null where they say nothing. */
  caching: Caching | null
  /** Those that rules name, and how they act. */
  guardrails: Decision['guardrails'] | null
  refusal: Failure | null
  /** What the classifier said of the prompt, where a rule asked. */
  verdict?: Verdict | undefined
}

type Where = Pick<Models, 'routes' | 'providers'>

/** The rules that count for a caller; null where there are none. */
export const rulesOf = ({ steering }: Models, { key }: Caller): Together | null =>
  steering === null ? null : (steering.keys.get(key ?? '') ?? steering.everybody)

/** How much of its budgets a request has used, as rules see it. */
export type BudgetOf = (models: Models, caller: Caller, asked: Asked) => BudgetFacts

/** Where a request goes, by the rules of its tenant and the routes that there are. */
export function wayOf(models: Models, caller: Caller, asked: Asked, budgetOf: BudgetOf): Way {
  const { steering } = models
  const rules = rulesOf(models, caller)
  if (steering === null || rules === null) return plainly(models, asked.model)
  const { plan, origins } = rules
  const budget = () => budgetOf(models, caller, asked)
  const facts = new AskedFacts(steering.tenant, caller, asked, plan.reads, { budget, judge: models.judge })
  const way = wayBy(models, { model: asked.model, tags: caller.tags }, evaluate(plan, facts), origins)
  if (facts.verdict !== undefined) way.verdict = facts.verdict
  return way
}

/** Where a decision leads what was asked for. */
export function wayBy(
  models: Where,
  asked: { model: string; tags: Readonly<Record<string, string>> },
  decision: Decision,
  origins: Together['origins'],
): Way {
  const { outcome, held, tags, set, weights, require, cache, guardrails } = decision
  const by = decision.by === null ? null : (origins.get(decision.by) ?? null)
  if (held.length === 0) return plainly(models, asked.model)
  const way: Way = {
    steered: { by, held, tags: tags.length === 0 ? asked.tags : tagged(asked.tags, tags), own: asked.tags },
    alias: null,
    route: undefined,
    settings: hasAny(set) ? set : null,
    caching: cache,
    guardrails: hasAny(guardrails) ? guardrails : null,
    refusal: null,
  }
  if (outcome.do === 'deny') return { ...way, refusal: denied(outcome) }
  if (outcome.do === 'targets')
    return fit({ ...way, route: { targets: outcome.targets.map(asTarget), routing: usualRouting } }, models, decision)
  const name = 'alias' in outcome ? outcome.alias : asked.model
  const { alias, route } = plainly(models, name)
  const weighed =
    weights === null || route === undefined
      ? route
      : { ...route, targets: route.targets.map((one) => reweighed(one, weights)) }
  if (route === undefined && name !== asked.model) return { ...way, refusal: nowhere(by, name) }
  return needs(require) || weights !== null
    ? fit({ ...way, alias, route: weighed }, models, decision)
    : { ...way, alias, route }
}

const plainly = (models: Where, name: string): Way => ({
  steered: null,
  alias: models.routes.has(name) ? name : null,
  route: routeOf(models, name),
  settings: null,
  caching: null,
  guardrails: null,
  refusal: null,
})

const hasAny = (members: object): boolean => {
  for (const _ in members) return true
  return false
}

const asTarget = ({
  provider,
  model,
  weight = 1,
}: {
  provider: string
  model: string
  weight?: number | undefined
}): Target => ({ ...targetOf(provider, model), weight })

const reweighed = (target: Target, weights: Readonly<Record<string, number>>): Target => {
  const weight = weights[`${target.provider}/${target.model}`] ?? weights[target.provider]
  return weight === undefined ? target : { ...target, weight }
}

/** Leaves the targets that have what rules require; a request that none of them can serve is refused. */
const fit = (way: Way, { providers }: Where, { require }: Decision): Way => {
  if (!needs(require) || way.route === undefined) return way
  const targets = way.route.targets.filter((target) => able(target, providers.get(target.provider)?.kind, require))
  const route = { ...way.route, targets }
  if (targets.length > 0) return { ...way, route }
  const said = [
    ...require.capabilities,
    ...(require.context === 0 ? [] : [`room for ${require.context} tokens`]),
    ...(require.regions === null ? [] : [`the region ${require.regions.join(' or ')}`]),
  ]
  const message = `A rule requires ${said.join(', ')}, and no model for this has it.`
  return { ...way, route, refusal: failure('not_found', message, { code: 'requirement_unmet', param: 'model' }) }
}

const classes: Record<Denial, FailureClass> = {
  forbidden: 'forbidden',
  over_budget: 'billing',
  not_found: 'not_found',
  bad_request: 'invalid',
  too_many_requests: 'rate_limited',
  unavailable: 'overloaded',
}

const denied = ({ reason, status }: { reason: string; status: Denial }): Failure =>
  failure(classes[status], reason, { code: 'denied_by_rule' })

/** A rule that leads to a route which was deleted since: going on as if there were no rule could send it where it must not go. */
const nowhere = (by: Origin | null, name: string): Failure =>
  failure('not_found', `The rule “${by?.rule ?? ''}” sends this to “${name}”, and there is no such route any more.`, {
    code: 'model_not_found',
    param: 'model',
  })

/** What a name leads to: a route, or a model called by its provider, such as `openai/gpt-5-mini`. */
const routeOf = ({ routes, providers }: Where, name: string): KnownRoute | undefined => {
  const route = routes.get(name)
  if (route !== undefined) return route
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(slash, 0))
  if (providers.get(provider)?.shared !== false) return undefined
  return { targets: [targetOf(provider, name.slice(slash + 1))], routing: usualRouting }
}
