import { plain } from '../automation/expression.ts'
import type { Json } from '../automation/json.ts'
import { parameters, type Parameter } from './actions.ts'
import { mark, type Plan, type PlannedRule, type Setting } from './compile.ts'
import { Deciding, type Decision } from './decision.ts'
import type { Facts } from './facts.ts'
import { isAbsence } from './language.ts'
import { Scene, startMeter } from './scene.ts'

/**
 * What the rules say of a request. Never throws: a condition that fails does not hold, and its rule is named in `failed`.
 * The first rule that holds and decides wins; a refusal ends it there, else all rules that add are looked at.
 */
export function evaluate(plan: Plan, facts: Facts): Decision {
  const { stackTraceLimit } = Error
  // a condition that fails is an answer like others, and where it was thrown is of use to nobody
  Error.stackTraceLimit = 0
  try {
    return decided(plan, facts)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

const decided = (plan: Plan, facts: Facts): Decision => {
  startMeter()
  const scene = new Scene(facts)
  const decision = new Deciding()
  const { live, rules } = plan
  live.set(plan.always)
  for (const { read, rules } of plan.found) {
    const value = read(scene)
    if (typeof value === 'string') markAll(live, rules.get(value))
    else for (const one of value) markAll(live, rules.get(one))
  }
  for (let word = 0; word < live.length; word++)
    for (let bits = live[word] ?? 0; bits !== 0; bits &= bits - 1) {
      const rule = rules[(word << 5) + 31 - Math.clz32(bits & -bits)]
      if (rule === undefined || (rule.also === null && decision.by !== null)) continue
      if (holds(rule, scene, decision) && applied(rule, scene, decision)) return decision
    }
  return decision
}

const markAll = (bits: Uint32Array, rules: readonly number[] | undefined): void => {
  if (rules !== undefined) for (const at of rules) mark(bits, at)
}

const holds = (rule: PlannedRule, scene: Scene, decision: Deciding): boolean => {
  const { at } = scene.facts
  if (at < rule.from || at >= rule.until) return false
  let broken: 'failed' | 'absent' | undefined
  for (const test of rule.tests) {
    try {
      if (!test(scene)) return false
    } catch (error) {
      // a part that does not hold hides one that fails, as in CEL
      broken = isAbsence(error) ? 'absent' : (broken ?? 'failed')
    }
  }
  if (broken === 'failed') decision.fail(rule.id)
  return broken === undefined
}

/** Adds what a rule says; whether nothing may be added any more. */
const applied = (rule: PlannedRule, scene: Scene, decision: Deciding): boolean => {
  decision.hold(rule.id)
  const { also, outcome } = rule
  if (also !== null) {
    if (also.tag !== undefined) decision.tag(also.tag)
    if (also.guardrail !== undefined) decision.guard(also.guardrail)
    if (also.require !== undefined) decision.needs(also.require)
    if (also.weights !== undefined) decision.weights ??= also.weights
    if (rule.cache !== null) decision.cache ??= rule.cache
    for (const setting of rule.set) settle(setting, rule, scene, decision)
  }
  if (outcome === null || decision.by !== null) return false
  decision.by = rule.id
  decision.outcome = outcome
  return outcome.do === 'deny'
}

const settle = ({ parameter, to }: Setting, rule: PlannedRule, scene: Scene, decision: Deciding): void => {
  if (decision.set[parameter] !== undefined) return
  if ('value' in to) return decision.put(parameter, to.value)
  try {
    decision.put(parameter, fitting(parameter, plain(to.cel.run(scene))))
  } catch (error) {
    if (!isAbsence(error)) decision.fail(rule.id)
  }
}

/** A calculated value that the parameter takes; throws for others. Tokens are whole. */
export const fitting = (parameter: Parameter, value: Json): Json =>
  parameters[parameter].parse(parameter === 'maxTokens' && typeof value === 'number' ? Math.floor(value) : value)
