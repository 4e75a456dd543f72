import type { ASTNode } from '@marcbachmann/cel-js'
import { referencesIn } from '../automation/expression/references.ts'
import type { Json } from '../automation/json.ts'
import { momentMs } from '../automation/moment.ts'
import { references } from './reads.ts'
import { anchorOf, tables, type Anchor, type Table } from './anchor.ts'
import { conjuncts, plainCondition, type Test } from './conditions.ts'
import { cachingOf, outcomeOf, type Caching, type Outcome } from './decision.ts'
import { levelOf, levels, type Rule, type SteeringDocument } from './document.ts'
import type { Also, Parameter } from './actions.ts'
import { check, expressionOf, type Expression } from './language.ts'
import type { Scene } from './scene.ts'
import { dimensions, fits, standing, type Dimension } from './scope.ts'

/** A parameter that a rule sets: to a value, or to what an expression comes to. */
export type Setting = { parameter: Parameter; to: { value: Json } | { cel: Expression } }

export type PlannedRule = {
  id: string
  from: number
  until: number
  /** All of these hold, besides what the rule was found by. */
  tests: readonly Test[]
  outcome: Outcome | null
  also: Also | null
  set: readonly Setting[]
  cache: Caching | null
}

/** A document ready to decide by. It holds scratch memory of its own, so it is of use in one thread. */
export type Plan = {
  /** In the order in which they are looked at. */
  rules: readonly PlannedRule[]
  /** Rules by what they are found by; one bit for each of the others in `always`. */
  found: readonly { read: (typeof tables)[Table]; rules: ReadonlyMap<string, readonly number[]> }[]
  always: Uint32Array
  live: Uint32Array
  /** What the gateway has to have at hand for it. */
  reads: { prompt: boolean; budget: boolean; headers: readonly string[] }
}

/** The rules in the order in which they are looked at: by level, within a level as they are written. */
export const inOrder = (rules: readonly Rule[]): Rule[] =>
  rules.toSorted((a, b) => levels.indexOf(levelOf(a)) - levels.indexOf(levelOf(b)))

/**
 * Makes a plan of a document that `validate` finds no errors in; throws `Failure` where an expression is none. A `blind` one decides as if
 * all that rules ask of the prompt were so, where they lead to a cheaper model for it: whom they could have chosen.
 */
export function compile(document: SteeringDocument, blind = false): Plan {
  const found = new Map<Table, Map<string, number[]>>()
  const rules: PlannedRule[] = []
  const unbound: number[] = []
  for (const rule of inOrder(document.rules)) {
    const condition = rule.when === undefined ? null : expressionOf(rule.when)
    if (rule.enabled === false || condition?.ast.args === false) continue
    if (blind && condition !== null && readsPrompt(condition.ast) && !isDowngrade(rule)) continue
    const at = rules.length
    const anchor = anchorOf(rule, condition?.ast ?? null)
    if (anchor === null) unbound.push(at)
    else enter(found, anchor, at)
    rules.push(planned(rule, condition, anchor, blind))
  }
  const words = Math.ceil(rules.length / 32)
  const always = new Uint32Array(words)
  for (const at of unbound) mark(always, at)
  return {
    rules,
    found: [...found].map(([table, list]) => ({ read: tables[table], rules: list })),
    always,
    live: new Uint32Array(words),
    reads: references(document),
  }
}

export const mark = (bits: Uint32Array, at: number): void => {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31))
}

const enter = (found: Map<Table, Map<string, number[]>>, { tables, values }: Anchor, at: number): void => {
  for (const table of tables) {
    const list = found.get(table) ?? new Map<string, number[]>()
    found.set(table, list)
    for (const value of new Set(values)) list.set(value, [...(list.get(value) ?? []), at])
  }
}

const isDowngrade = ({ decide }: Rule): boolean => decide?.downgrade !== undefined

const planned = (rule: Rule, condition: Expression | null, anchor: Anchor | null, blind: boolean): PlannedRule => {
  const { id, from, until, also, decide } = rule
  return {
    id,
    from: from === undefined ? -Infinity : (momentMs(from) ?? Infinity),
    until: until === undefined ? Infinity : (momentMs(until) ?? -Infinity),
    tests: [...scopeTests(rule, anchor), ...conditionTests(condition, anchor, blind)],
    outcome: decide === undefined ? null : outcomeOf(decide),
    also: also ?? null,
    set: settings(also),
    cache: also?.cache === undefined ? null : cachingOf(also.cache),
  }
}

const scopeTests = ({ for: scope = {} }: Rule, anchor: Anchor | null): Test[] =>
  dimensions.flatMap((dimension) => {
    const names = scope[dimension]
    return names === undefined || anchor?.from === dimension ? [] : [scopeTest(dimension, names)]
  })

const scopeTest = (dimension: Dimension, names: readonly string[]): Test => {
  const exact = new Set(names)
  const stands = standing[dimension]
  if (dimension === 'models') return ({ request }) => exact.has(request.model) || fits('models', names, request.model)
  return ({ facts }) => stands(facts).some((one) => exact.has(one))
}

/**
 * A test for each part: plain ones first, those that read the prompt last. Where one does not hold, what comes after it is
 * not evaluated.
 */
const conditionTests = (condition: Expression | null, anchor: Anchor | null, blind: boolean): Test[] => {
  if (condition === null) return []
  const parts = conjuncts(condition.ast).filter((part) => part !== anchor?.from && !(blind && readsPrompt(part)))
  const cost = (part: ASTNode) => Number(readsPrompt(part)) * 2 + Number(plainCondition(part) === null)
  return parts.toSorted((a, b) => cost(a) - cost(b)).map((part) => plainCondition(part) ?? evaluated(part, condition))
}

/** The place of a part leaves out brackets at its ends; one that is none without them is evaluated with the whole. */
const evaluated = ({ input, start, end }: ASTNode, whole: Expression): Test => {
  const text = input.slice(start, end)
  const { ast, run } = 'wrong' in check(text) ? whole : expressionOf(text)
  const test: Test = (scene) => run(scene) === true
  return readsOnlyCaller(ast) ? oncePerCaller(test) : test
}

const ofCaller: ReadonlySet<string> = new Set(['key', 'user', 'team', 'tags'])

const readsOnlyCaller = (part: ASTNode): boolean =>
  referencesIn(part).every(({ path: [root = ''] }) => ofCaller.has(root))

/** A test that comes to the same for all requests of a caller is made at the first of them: the expression language takes its time. */
const oncePerCaller = (test: Test): Test => {
  const known = new WeakMap<object, { holds: boolean } | { error: unknown }>()
  const made = (scene: Scene) => {
    try {
      return { holds: test(scene) }
    } catch (error) {
      return { error }
    }
  }
  return (scene) => {
    const { caller } = scene.facts
    if (caller === undefined) return test(scene)
    let outcome = known.get(caller)
    if (outcome === undefined) {
      outcome = made(scene)
      known.set(caller, outcome)
    }
    if ('error' in outcome) throw outcome.error
    return outcome.holds
  }
}

const readsPrompt = (part: ASTNode): boolean => referencesIn(part).some(({ path: [root] }) => root === 'prompt')

const settings = (also: Also | undefined): Setting[] =>
  Object.entries(also?.set ?? {}).flatMap(([name, to]): Setting[] => {
    const parameter = name as Parameter
    if (to === undefined) return []
    return [{ parameter, to: typeof to === 'object' ? { cel: expressionOf(to.cel) } : { value: to } }]
  })
