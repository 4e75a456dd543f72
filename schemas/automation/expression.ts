import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import { endsInTime } from './expression/cost.ts'
import { expressionFailed, expressionMalformed } from './expression/failed.ts'
import { linear, linearised, linearMatches, wrongPattern } from './expression/patterns.ts'
import { writtenAmount, writtenDay, writtenTime } from './expression/written.ts'
import { Failure } from './failure.ts'
import { isObject, type Json } from './json.ts'

/**
 * The expression language of the platform: CEL (cel.dev), the same evaluator in workflow, server and browser. JSON has
 * one kind of number, so whole numbers mix with decimal ones, and `5 / 2` of numbers from data is 2.5.
 */

/** The names an expression may begin with; what each holds is for the engine to say. */
export const roots = ['input', 'vars', 'steps', 'errors', 'item', 'index', 'loops', 'run', 'event', 'now'] as const
export type Root = (typeof roots)[number]

/** What an expression sees. A root that is absent is not in scope. */
export type Names = Partial<Record<Root, unknown>>

/** The longest expression, in characters. */
export const longestExpression = 10_000

const mixed = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '%': (a: number, b: number) => a % b,
} as const

const numbers = (list: unknown): number[] => {
  if (!Array.isArray(list)) throw new Failure('expression_failed', 'A list of numbers is needed here.')
  return list.map((one) => {
    if (typeof one === 'number') return one
    if (typeof one === 'bigint') return Number(one)
    throw new Failure('expression_failed', 'A list of numbers is needed here.')
  })
}

/** The functions that go beyond the standard: name, what it takes, and what it is for, as the builder shows it. */
export const functions = [
  {
    signature: 'coalesce(dyn, dyn): dyn',
    about: 'The first of two that is not null.',
    run: (a: unknown, b: unknown) => a ?? b,
  },
  {
    signature: 'sum(list<dyn>): double',
    about: 'All numbers of a list added up.',
    run: (list: unknown) => numbers(list).reduce((a, b) => a + b, 0),
  },
  {
    signature: 'least(list<dyn>): double',
    about: 'The smallest number of a list.',
    run: (list: unknown) => numbers(list).reduce((a, b) => Math.min(a, b)),
  },
  {
    signature: 'greatest(list<dyn>): double',
    about: 'The greatest number of a list.',
    run: (list: unknown) => numbers(list).reduce((a, b) => Math.max(a, b)),
  },
  { signature: 'round(double): double', about: 'The nearest whole number.', run: (a: number) => Math.round(a) },
  {
    signature: 'first(list<dyn>): dyn',
    about: 'The first of a list, or null.',
    run: (list: unknown[]) => list[0] ?? null,
  },
  {
    signature: 'last(list<dyn>): dyn',
    about: 'The last of a list, or null.',
    run: (list: unknown[]) => list.at(-1) ?? null,
  },
  {
    signature: 'json(dyn): string',
    about: 'A value as JSON text.',
    run: (value: unknown) => JSON.stringify(plain(value)),
  },
  {
    signature: 'amount(double): string',
    about: 'An amount as letters have it: 37,905 or 99.50.',
    run: writtenAmount,
  },
  {
    signature: 'day(dyn, string): string',
    about: 'The day of a time in a zone as letters have it: Friday, January 15, 2027.',
    run: writtenDay,
  },
  {
    signature: 'time(dyn, string): string',
    about: 'The hour of a time in a zone as letters have it: 3:00 PM.',
    run: writtenTime,
  },
] as const

type Handler = (...args: unknown[]) => unknown
/** The evaluator notes things on the functions it is given, and in a workflow what this module exports is frozen. */
const own =
  (run: Handler): Handler =>
  (...args) =>
    run(...args)

/** An environment with our numbers and functions; who makes it registers its variables. */
export function newEnvironment(): Environment {
  const env = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 2000, maxDepth: 100, maxListElements: 500, maxMapEntries: 500, maxCallArguments: 16 },
  })
  for (const [operator, run] of Object.entries(mixed)) {
    env.registerOperator(`double ${operator} int`, (a: number, b: bigint) => run(a, Number(b)))
    env.registerOperator(`int ${operator} double`, (a: bigint, b: number) => run(Number(a), b))
  }
  env.registerOperator('double % double', (a: number, b: number) => a % b)
  env.registerOperator('double == int', (a: number, b: bigint) => a === Number(b))
  for (const type of ['string', 'double', 'int', 'bool', 'list<dyn>'])
    env.registerOperator(`${type} == null`, () => false)
  for (const { signature, run, about } of functions)
    env.registerFunction(signature, own(run as Handler), { description: about })
  return env
}

/** The tree as written, what evaluates it, and what is to be known before that. */
export type Compiled = { ast: ASTNode; run: ReturnType<Environment['parse']>; check: (names: object) => void }

/** `text.matches(pattern)` in time in proportion to the text; `before` is told of each text that is looked through. */
export const registerPatterns = (env: Environment, before: (text: string) => void = () => {}): void => {
  env.registerFunction(linear, (text: string, pattern: string) => {
    before(text)
    return linearMatches(text, pattern)
  })
}

let environment: Environment | undefined
const compiled = new Map<string, Compiled>()
/** Enough for every expression of a large automation; beyond it the oldest is compiled anew. */
const keep = 2000

const evaluator = (): Environment => {
  if (environment === undefined) {
    environment = newEnvironment()
    registerPatterns(environment)
    for (const root of roots) environment.registerVariable(root, 'dyn')
  }
  return environment
}

/** The syntax tree of an expression; throws `Failure` (`expression_malformed`) with what is wrong and where. */
export const parse = (expression: string): ASTNode => compile(expression).ast

const compile = (expression: string): Compiled => {
  const known = compiled.get(expression)
  if (known !== undefined) return known
  const made = compileIn(evaluator(), expression)
  if (compiled.size >= keep) compiled.delete(compiled.keys().next().value as string)
  compiled.set(expression, made)
  return made
}

/** An expression of an environment that knows patterns; throws as `parse` does. */
export function compileIn(env: Environment, expression: string): Compiled {
  if (expression.length > longestExpression)
    throw new Failure('expression_malformed', `An expression is at most ${longestExpression} characters long.`)
  try {
    const { ast } = env.parse(expression)
    const wrong = wrongPattern(ast)
    if (wrong !== null) throw new Failure('expression_malformed', wrong.message)
    return { ast, run: env.parse(linearised(expression, ast)), check: endsInTime(ast) }
  } catch (error) {
    throw expressionMalformed(error, expression)
  }
}

/** Evaluates an expression to JSON; throws `Failure` (`expression_failed`) with which part of it, and why. */
export function evaluate(expression: string, names: Names): Json {
  const { run, check } = compile(expression)
  try {
    check(names)
    return plain(run(withIndexes(names)))
  } catch (error) {
    throw expressionFailed(error, expression)
  }
}

/** Lists are indexed by whole numbers, of which JSON has none: `index` becomes one. */
const withIndexes = (names: Names): Names => {
  if (names.index === undefined && names.loops === undefined) return names
  const { index, loops } = names
  return {
    ...names,
    ...(typeof index === 'number' ? { index: BigInt(index) } : {}),
    ...(isObject(loops)
      ? {
          loops: Object.fromEntries(
            Object.entries(loops).map(([id, loop]) => [
              id,
              isObject(loop) && typeof loop['index'] === 'number' ? { ...loop, index: BigInt(loop['index']) } : loop,
            ]),
          ),
        }
      : {}),
  }
}

/** What an expression gave, as JSON: whole numbers as numbers, times as ISO texts, what is absent as null. */
export function plain(value: unknown): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [String(key), plain(one)]))
  if (value instanceof Uint8Array) return [...value]
  if (isOptional(value)) return value.hasValue() ? plain(value.value()) : null
  if (isDuration(value)) return Number(value.seconds) * 1000 + value.nanos / 1_000_000
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
  throw new Failure('expression_failed', 'The expression gives something that is not data.')
}

const isOptional = (value: unknown): value is { hasValue(): boolean; value(): unknown } =>
  typeof value === 'object' && value !== null && 'hasValue' in value && typeof value.hasValue === 'function'
const isDuration = (value: unknown): value is { seconds: bigint; nanos: number } =>
  typeof value === 'object' && value !== null && 'seconds' in value && typeof value.seconds === 'bigint'
