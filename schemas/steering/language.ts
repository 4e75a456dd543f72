import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { compileIn, newEnvironment, plain, registerPatterns } from '../automation/expression.ts'
import { loopDepth } from '../automation/expression/depth.ts'
import { wrongPattern } from '../automation/expression/patterns.ts'
import { below, methodCall } from '../automation/expression/tree.ts'
import { Failure } from '../automation/failure.ts'
import type { Json } from '../automation/json.ts'
import { nearest } from '../automation/nearest.ts'
import { explain } from '../automation/expression/explain.ts'
import { expressionFailed, sentence } from '../automation/expression/failed.ts'
import { Clock, isZone } from './clock.ts'
import { Unrecorded } from './recorded.ts'
import { charge, MeteredPrompt, patternCost, views, type Scene } from './scene.ts'
import { budgetStruct, plainVariables, roots, structs, type Struct } from './variables.ts'

const typeOf = {
  request: 'Request',
  prompt: 'Prompt',
  tenant: 'Tenant',
  key: 'Key',
  user: 'User',
  team: 'Team',
  budget: 'Budgets',
  now: 'Clock',
} as const satisfies Record<keyof typeof structs, string>

const fieldsOf = ({ fields }: Struct) =>
  Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]))

const classes = { ...views, Prompt: MeteredPrompt, Clock }

let made: Environment | undefined

/** The platform's expression language with the names that rules see, all of them typed. */
const environment = (): Environment => {
  if (made !== undefined) return made
  const env = newEnvironment()
  env.registerOperator('double in list<int>', (one: number, list: bigint[]) =>
    list.some((other) => Number(other) === one),
  )
  env.registerType('Budget', { ctor: views.Budget, fields: fieldsOf(budgetStruct) })
  for (const [root, struct] of Object.entries(structs)) {
    const type = typeOf[root as keyof typeof structs]
    env.registerType(type, { ctor: classes[type], fields: fieldsOf(struct) })
    env.registerVariable(root, type)
  }
  for (const [root, { type }] of Object.entries(plainVariables)) env.registerVariable(root, type)
  env.registerFunction('Clock.zoned(string): Clock', (clock: Clock, zone: string) => clock.zoned(zone), {
    description: 'What the clocks of another time zone show.',
  })
  registerPatterns(env, (text) => charge(text.length * patternCost))
  made = env
  return env
}

/** What is wrong with an expression, and where in it, in characters. */
export type Wrong = {
  code: 'expression_malformed' | 'unknown_name' | 'type_error' | 'too_costly'
  message: string
  range?: { start: number; end: number }
  /** What was probably meant where `range` is. */
  meant?: string
}

/** What an expression gives, or why it cannot stand in a rule. */
export function check(expression: string): { type: string } | { wrong: Wrong } {
  const { valid, type, error } = environment().check(expression)
  if (!valid) return { wrong: wrongName(expression, error) ?? (explain(error, expression) as Wrong) }
  const { ast } = environment().parse(expression)
  const pattern = wrongPattern(ast)
  if (pattern !== null) {
    const { message, start, end } = pattern
    return { wrong: { code: 'expression_malformed', message, range: { start, end } } }
  }
  const costly = tooCostly(ast)
  return costly === null ? { type: type ?? 'dyn' } : { wrong: costly }
}

type CelError = { code: string; summary: string; range?: { start: number; end: number } }

const wrongName = (expression: string, error: CelError | undefined): Wrong | null => {
  if (error?.range === undefined) return null
  const { code, summary, range } = error
  const name = summary.slice(summary.indexOf(':') + 1).trim()
  if (code === 'unknown_variable') {
    const meant = nearest(name, roots)
    const message = `There is nothing called “${name}”. Conditions begin with ${roots.slice(0, -1).join(', ')} or ${roots.at(-1)}.`
    return { code: 'unknown_name', message, range, ...(meant === undefined ? {} : { meant }) }
  }
  if (code === 'no_such_overload') return wholeStruct(name, range)
  if (code !== 'no_such_key') return null
  const [, root = '', of] = /(\w+)\.(?:(\w+)\.)?$/.exec(expression.slice(0, range.start)) ?? []
  const struct = root === 'budget' && of !== undefined ? budgetStruct : (structs as Record<string, Struct>)[root]
  const fields = Object.keys(struct?.fields ?? {})
  const meant = nearest(name, fields)
  const known = fields.length === 0 ? '' : ` “${root}” has ${fields.join(', ')}.`
  const message = `There is no field “${name}” here.${known}`
  return { code: 'unknown_name', message, range, ...(meant === undefined ? {} : { meant }) }
}

/** A person who compares `team` means one of its fields. */
const wholeStruct = (operation: string, range: { start: number; end: number }): Wrong | null => {
  const root = (Object.keys(typeOf) as (keyof typeof typeOf)[]).find((one) =>
    operation.split(' ').includes(typeOf[one]),
  )
  if (root === undefined) return null
  const fields = Object.keys(structs[root].fields).join(', ')
  return { code: 'type_error', message: `“${root}” holds several things: say which, of ${fields}.`, range }
}

const builds = '“map” builds new things, for which there is no time while a request waits; use exists, all or filter.'

/** What an expression does that could take long, or make much of little. */
const tooCostly = (ast: ASTNode): Wrong | null => {
  const range = { start: ast.start, end: ast.end }
  const call = firstCall(ast)
  if (call !== null) return call
  if (loopDepth(ast) < 2) return null
  const message = 'It goes through lists within lists, for which there is no time while a request waits.'
  return { code: 'too_costly', message, range }
}

const firstCall = (node: ASTNode): Wrong | null => {
  const called = methodCall(node)
  if (called !== null) {
    const { method, receiver, parameters } = called
    const range = { start: node.start, end: node.end }
    if (method === 'map') return { code: 'too_costly', message: builds, range }
    if (method === 'bind') return { code: 'too_costly', message: '“cel.bind” cannot stand in a rule.', range }
    if (/^get[A-Z]/.test(method) && parameters.length > 0)
      return { code: 'too_costly', message: 'Write now.zoned("…") for the time in a zone.', range }
    const [zone] = parameters
    if (method === 'zoned' && zone?.op === 'value' && !isZone(String(zone.args)))
      return { code: 'type_error', message: `There is no time zone “${String(zone.args)}”.`, range }
    return [receiver, ...parameters].reduce<Wrong | null>((found, one) => found ?? firstCall(one), null)
  }
  return below(node.args).reduce<Wrong | null>((found, one) => found ?? firstCall(one), null)
}

/** What an expression comes to in a scene. `absent` names what the request does not say, `unrecorded` what was not kept of it. */
export type Answer = { value: Json } | { absent: string } | { unrecorded: string } | { failed: string }

/** `run` gives what it comes to as the expression language has it, and throws. */
export type Expression = { ast: ASTNode; run: (scene: Scene) => unknown; answer: (scene: Scene) => Answer }

/** An expression that `check` has nothing against; throws `Failure` for another. */
export function expressionOf(text: string): Expression {
  const checked = check(text)
  if ('wrong' in checked) throw new Failure('expression_malformed', checked.wrong.message)
  const { ast, run } = compileIn(environment(), text)
  return {
    ast,
    run: (scene) => run(scene.names) as unknown,
    answer: (scene) => answerOf(text, () => plain(run(scene.names))),
  }
}

/** Whether a condition asked for what the request does not say: no fault, but it does not hold. */
export const isAbsence = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'no_such_key'

/** What work comes to, whether it fails or not. */
export const answerOf = (expression: string, work: () => Json): Answer => {
  try {
    return { value: work() }
  } catch (error) {
    if (isAbsence(error)) return { absent: sentence(error).replace(/^[^:]*: (.*)\.$/, '$1') }
    if (error instanceof Unrecorded) return { unrecorded: error.fact }
    return { failed: expressionFailed(error, expression).message }
  }
}
