import { referencesIn } from '../automation/expression/references.ts'
import type { Json } from '../automation/json.ts'
import { momentMs } from '../automation/moment.ts'
import { compile, inOrder, type Plan } from './compile.ts'
import { conjuncts } from './conditions.ts'
import type { Decision } from './decision.ts'
import { levelOf, type Level, type Rule, type SteeringDocument } from './document.ts'
import { evaluate } from './evaluate.ts'
import type { Facts } from './facts.ts'
import { expressionOf, type Answer } from './language.ts'
import { expressionsOf } from './reads.ts'
import { Unrecorded } from './recorded.ts'
import { Scene, startMeter } from './scene.ts'
import { outside } from './scope.ts'

/**
 * What became of a rule. `held` counted; `late` would have held, but another rule had decided before it; `absent` asked
 * for what the request does not say, `unrecorded` for what was not kept of it.
 */
export const results = [
  'held',
  'late',
  'off',
  'early',
  'over',
  'outside',
  'no',
  'absent',
  'unrecorded',
  'failed',
] as const
export type Result = (typeof results)[number]

export type RuleTrace = {
  rule: string
  level: Level
  result: Result
  /** Why, in a sentence. */
  why: string
  /** The names that its expressions read, with what they held; long texts are shortened. */
  reads: { name: string; value: Json }[]
  /** How long its condition took, in µs; the first reading of a prompt counts for who reads it. */
  us: number
}

/** A decision with its reasons: of every rule, in the order in which they are looked at. */
export function trace(
  document: SteeringDocument,
  facts: Facts,
  plan: Plan = compile(document),
): { decision: Decision; rules: RuleTrace[] } {
  const decision = evaluate(plan, facts)
  const scene = new Scene(facts)
  const rules = inOrder(document.rules).map((rule): RuleTrace => {
    // each is told as if it were the only one
    startMeter()
    const began = performance.now()
    const told = tell(rule, scene, decision)
    const us = Math.round((performance.now() - began) * 1000)
    return { rule: rule.id, level: levelOf(rule), ...told, reads: readBy(rule, scene), us }
  })
  return { decision, rules }
}

type Told = Pick<RuleTrace, 'result' | 'why'>

const tell = (rule: Rule, scene: Scene, decision: Decision): Told => {
  const { at } = scene.facts
  const { from, until } = rule
  if (rule.enabled === false) return { result: 'off', why: 'It is turned off.' }
  if (from !== undefined && at < (momentMs(from) ?? 0)) return { result: 'early', why: `It holds from ${from} on.` }
  if (until !== undefined && at >= (momentMs(until) ?? 0)) return { result: 'over', why: `It held until ${until}.` }
  const dimension = outside(rule.for, scene.facts)
  if (dimension !== null) return { result: 'outside', why: `It is for other ${dimension}.` }
  const condition = rule.when === undefined ? null : answered(rule.when, scene)
  return condition ?? held(rule, decision)
}

const held = (rule: Rule, decision: Decision): Told => {
  if (decision.failed.includes(rule.id) && !decision.held.includes(rule.id))
    return { result: 'failed', why: 'Its condition could not be told when the request was decided.' }
  const late = { result: 'late', why: `“${decision.by}” had decided before it.` } as const
  if (!decision.held.includes(rule.id)) return late
  if (decision.by === rule.id) return { result: 'held', why: 'It decided.' }
  return { result: 'held', why: rule.decide === undefined ? 'It added.' : `It added; ${late.why}` }
}

/** Why a condition does not hold, or null where it does. */
const answered = (condition: string, scene: Scene): Told | null => {
  const { ast, answer } = expressionOf(condition)
  const whole = told(answer(scene))
  if (whole === null || (whole.result !== 'no' && whole.result !== 'unrecorded')) return whole
  const parts = conjuncts(ast).map(({ start, end }) => condition.slice(start, end).trim())
  const wrong = parts.length < 2 ? undefined : parts.find((part) => isNo(part, scene))
  return wrong === undefined ? whole : { result: 'no', why: `This does not hold: ${wrong}` }
}

const told = (answer: Answer): Told | null => {
  if ('absent' in answer) return { result: 'absent', why: `The request does not say “${answer.absent}”.` }
  if ('unrecorded' in answer)
    return { result: 'unrecorded', why: `Of recorded requests “${answer.unrecorded}” is not kept: it cannot be told.` }
  if ('failed' in answer) return { result: 'failed', why: answer.failed }
  return answer.value === true ? null : { result: 'no', why: 'Its condition does not hold.' }
}

const isNo = (part: string, scene: Scene): boolean => {
  try {
    const answer = expressionOf(part).answer(scene)
    return 'value' in answer && answer.value === false
  } catch {
    // a part in which something stands for an item of a list is none by itself
    return false
  }
}

const longest = 200

const readBy = (rule: Rule, scene: Scene): RuleTrace['reads'] => {
  const paths = expressionsOf(rule).flatMap((text) => referencesIn(expressionOf(text).ast).map(({ path }) => path))
  const names = new Map(paths.map((path) => [path.join('.'), path]))
  return [...names].map(([name, path]) => ({ name, value: shown(valueAt(scene, path)) }))
}

const valueAt = (scene: Scene, path: readonly string[]): unknown => {
  startMeter()
  try {
    return read(scene, path)
  } catch (error) {
    if (error instanceof Unrecorded) return undefined
    throw error
  }
}

const read = (scene: Scene, path: readonly string[]): unknown =>
  path.reduce<unknown>((held, key) => (held as Record<string, unknown> | null | undefined)?.[key], scene)

const shown = (value: unknown): Json => {
  if (typeof value === 'string') return value.length > longest ? `${value.slice(0, longest)}…` : value
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'function' ? null : (JSON.parse(JSON.stringify(value)) as Json)
}
