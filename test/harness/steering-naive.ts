import type { Json } from '#schemas/automation/json.ts'
import { momentMs } from '#schemas/automation/moment.ts'
import { parameters, type Guarding, type Parameter } from '#schemas/steering/actions.ts'
import { cachingOf, outcomeOf, type Decision } from '#schemas/steering/decision.ts'
import type { Rule, SteeringDocument } from '#schemas/steering/document.ts'
import type { Facts } from '#schemas/steering/facts.ts'
import { expressionOf, type Expression } from '#schemas/steering/language.ts'
import { Scene, startMeter } from '#schemas/steering/scene.ts'

const strictness: Guarding[] = ['flag', 'mask', 'block']
const order = ['keys', 'users', 'teams', 'tags', 'models'] as const

const place = (rule: Rule): number => {
  const first = order.findIndex((name) => rule.for?.[name] !== undefined)
  return rule.enforced === true ? -1 : first === -1 ? order.length : first
}

const within = ({ for: scope }: Rule, { key, user, team, tags, request }: Facts): boolean => {
  const has = (names: readonly string[] | undefined, ...said: readonly string[]) =>
    names === undefined || said.some((one) => names.includes(one))
  const model = scope?.models?.some((name) =>
    name.endsWith('*') ? request.model.startsWith(name.slice(0, -1)) : name === request.model,
  )
  return (
    has(scope?.keys, key.id, key.name) &&
    has(scope?.users, user.id, user.email) &&
    has(scope?.teams, team.id, team.name) &&
    has(scope?.tags, ...tags) &&
    model !== false
  )
}

/** One rule after the other, every condition by the expression language: what plans are measured and compared with. */
export function naive(document: SteeringDocument): (facts: Facts) => Decision {
  const compiled = new Map<string, Expression>()
  const expression = (text: string): Expression => {
    const made = compiled.get(text) ?? expressionOf(text)
    compiled.set(text, made)
    return made
  }
  const rules = document.rules.toSorted((a, b) => place(a) - place(b))
  for (const { when } of rules) if (when !== undefined) expression(when)
  return (facts) => {
    startMeter()
    const scene = new Scene(facts)
    const [held, tags, failed]: [string[], string[], string[]] = [[], [], []]
    const guardrails: Record<string, Guarding> = {}
    const set: Partial<Record<Parameter, Json>> = {}
    let [require, capabilities]: [Decision['require'], Set<string>] = [
      { capabilities: [], context: 0, regions: null },
      new Set(),
    ]
    let [by, outcome, weights, cache]: [string | null, Decision['outcome'], Decision['weights'], Decision['cache']] = [
      null,
      { do: 'asked' },
      null,
      null,
    ]
    const fail = (id: string) => failed.includes(id) || failed.push(id)
    for (const rule of rules) {
      const { id, from, until, when, also, decide } = rule
      if (rule.enabled === false || (also === undefined && by !== null)) continue
      if (from !== undefined && facts.at < Number(momentMs(from))) continue
      if (until !== undefined && facts.at >= Number(momentMs(until))) continue
      if (!within(rule, facts)) continue
      const answer = when === undefined ? { value: true } : expression(when).answer(scene)
      if ('failed' in answer) fail(id)
      if (!('value' in answer) || answer.value !== true) continue
      held.push(id)
      tags.push(...(also?.tag ?? []))
      for (const [name, guarding] of Object.entries(also?.guardrail ?? {}))
        if (strictness.indexOf(guarding) > strictness.indexOf(guardrails[name] as Guarding)) guardrails[name] = guarding
      for (const one of also?.require?.capabilities ?? []) capabilities.add(one)
      const regions = also?.require?.regions
      require = {
        capabilities: [...capabilities] as never,
        context: Math.max(require.context, also?.require?.context ?? 0),
        regions: require.regions?.filter((one) => regions?.includes(one) ?? true) ?? regions ?? null,
      }
      weights ??= also?.weights ?? null
      cache ??= also?.cache === undefined ? null : cachingOf(also.cache)
      for (const [name, to] of Object.entries(also?.set ?? {}) as [Parameter, Json][]) {
        if (set[name] !== undefined) continue
        const calculated = typeof to === 'object' && to !== null && 'cel' in to
        const value = calculated ? expression(to['cel'] as string).answer(scene) : { value: to }
        if ('failed' in value) fail(id)
        if (!('value' in value)) continue
        const whole = name === 'maxTokens' ? Math.floor(Number(value.value)) : value.value
        const fit = parameters[name].safeParse(calculated ? whole : value.value)
        if (fit.success) set[name] = fit.data
        else fail(id)
      }
      if (decide === undefined || by !== null) continue
      by = id
      outcome = outcomeOf(decide)
      if (outcome.do === 'deny') break
    }
    return { outcome, by, held, tags: [...new Set(tags)], guardrails, require, set, weights, cache, failed }
  }
}
