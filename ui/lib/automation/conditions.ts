import { parse } from '#schemas/automation/expression.ts'
import { Failure } from '#schemas/automation/failure.ts'

/** How two things are compared, as the rule builder offers it. `right` is absent from those of one side. */
export const comparisons = {
  is: { title: 'is', cel: (left: string, right: string) => `${left} == ${right}` },
  isNot: { title: 'is not', cel: (left: string, right: string) => `${left} != ${right}` },
  contains: { title: 'contains', cel: (left: string, right: string) => `${left}.contains(${right})` },
  lacks: { title: 'does not contain', cel: (left: string, right: string) => `!${left}.contains(${right})` },
  startsWith: { title: 'starts with', cel: (left: string, right: string) => `${left}.startsWith(${right})` },
  endsWith: { title: 'ends with', cel: (left: string, right: string) => `${left}.endsWith(${right})` },
  matches: { title: 'matches', cel: (left: string, right: string) => `${left}.matches(${right})` },
  more: { title: 'is more than', cel: (left: string, right: string) => `${left} > ${right}` },
  atLeast: { title: 'is at least', cel: (left: string, right: string) => `${left} >= ${right}` },
  less: { title: 'is less than', cel: (left: string, right: string) => `${left} < ${right}` },
  atMost: { title: 'is at most', cel: (left: string, right: string) => `${left} <= ${right}` },
  oneOf: { title: 'is one of', cel: (left: string, right: string) => `${left} in ${right}` },
  noneOf: { title: 'is none of', cel: (left: string, right: string) => `!(${left} in ${right})` },
  given: { title: 'is given', one: true, cel: (left: string) => `${left} != null` },
  missing: { title: 'is missing', one: true, cel: (left: string) => `${left} == null` },
  holds: { title: 'is true', one: true, cel: (left: string) => left },
  fails: { title: 'is false', one: true, cel: (left: string) => `!${simple(left) ? left : `(${left})`}` },
} as const satisfies Record<string, { title: string; one?: true; cel: (left: string, right: string) => string }>

export type Comparison = keyof typeof comparisons
/** Both sides are written in CEL: `input.price` and `20000`, `"new"` or `vars.limit`. */
export type Rule = { left: string; is: Comparison; right: string }
/** Rules that all have to hold, or any of them. */
export type Rules = { all: boolean; rules: (Rule | Rules)[] }

export const isRules = (one: Rule | Rules): one is Rules => 'rules' in one
export const takesOne = (is: Comparison): boolean => 'one' in comparisons[is]

type Ast = ReturnType<typeof parse>

const operators: Record<string, Comparison> = {
  '==': 'is',
  '!=': 'isNot',
  '>': 'more',
  '>=': 'atLeast',
  '<': 'less',
  '<=': 'atMost',
  in: 'oneOf',
}
const methods: Record<string, Comparison> = {
  contains: 'contains',
  startsWith: 'startsWith',
  endsWith: 'endsWith',
  matches: 'matches',
}

/**
 * A condition as rules; null where it cannot be read. What is no comparison is one rule (`is true`) with the expression
 * as it stands, so nothing is lost on the way there and back.
 */
export function readRules(cel: string): Rules | null {
  if (cel.trim() === '') return { all: true, rules: [] }
  try {
    const read = group(cel, parse(cel))
    return isRules(read) ? read : { all: true, rules: [read] }
  } catch (error) {
    if (error instanceof Failure || error instanceof Unreadable) return null
    throw error
  }
}

class Unreadable extends Error {}

const group = (cel: string, node: Ast): Rule | Rules => {
  if (node.op !== '&&' && node.op !== '||') return rule(cel, node)
  const all = node.op === '&&'
  const rules = (node.args as readonly Ast[]).map((side) => group(cel, side))
  // `a && b && c` is nested to the left; a group of the other kind stays a group
  return { all, rules: rules.flatMap((one) => (isRules(one) && one.all === all ? one.rules : [one])) }
}

const rule = (cel: string, node: Ast): Rule => {
  const args = node.args as unknown as readonly [Ast, Ast]
  const is = operators[node.op]
  if (is !== undefined) {
    const [left, right] = args
    if (isNull(right) && (is === 'is' || is === 'isNot'))
      return { left: source(cel, left), is: is === 'is' ? 'missing' : 'given', right: '' }
    return { left: source(cel, left), is, right: source(cel, right) }
  }
  if (node.op === 'rcall') {
    const [method, left, given] = node.args as unknown as [string, Ast, readonly Ast[]]
    const called = methods[method]
    if (called !== undefined && given[0] !== undefined && given.length === 1)
      return { left: source(cel, left), is: called, right: source(cel, given[0]) }
  }
  if (node.op === '!_') {
    const inner = node.args
    const negated = inner.op === '&&' || inner.op === '||' ? undefined : rule(cel, inner)
    if (negated?.is === 'contains') return { ...negated, is: 'lacks' }
    if (negated?.is === 'oneOf') return { ...negated, is: 'noneOf' }
    return { left: source(cel, inner), is: 'fails', right: '' }
  }
  return { left: source(cel, node), is: 'holds', right: '' }
}

const isNull = (node: Ast): boolean => node.op === 'value' && (node.args as unknown) === null

/** How an operand is written. Brackets around it are not counted to it, so one that is left half open is closed. */
const source = (cel: string, node: Ast): string => {
  let { start, end } = node
  for (let depth = balance(cel.slice(start, end)); depth !== 0; depth = balance(cel.slice(start, end))) {
    if (depth > 0) end += 1
    else start -= 1
    if (start < 0 || end > cel.length) throw new Unreadable()
  }
  return cel.slice(start, end).trim()
}

const balance = (text: string): number => {
  let depth = 0
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '')
  for (const letter of bare) depth += letter === '(' ? 1 : letter === ')' ? -1 : 0
  return depth
}

/** Needs no brackets, wherever it is put. */
const simple = (text: string): boolean => /^[\w.]+(?:\([^()]*\)|\["[^"]*"\])?$/.test(text) || /^\(.*\)$/.test(text)

export const printRules = ({ all, rules }: Rules): string =>
  rules
    .flatMap((one) => {
      if (!isRules(one)) return [printRule(one)]
      return one.rules.length === 0 ? [] : [one.rules.length === 1 ? printRules(one) : `(${printRules(one)})`]
    })
    .join(all ? ' && ' : ' || ')

const printRule = ({ left, is, right }: Rule): string =>
  comparisons[is].cel(left === '' ? 'null' : left, right === '' ? '""' : right)

/** A literal as it is typed in a form: text without its quotes, a number, yes or no; undefined where it is an expression. */
export function literalOf(cel: string): string | number | boolean | undefined {
  if (cel === '') return ''
  try {
    const node = parse(cel)
    const value: unknown = node.op === 'value' ? node.args : undefined
    if (typeof value === 'bigint') return Number(value)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** What somebody typed, in CEL: a number, yes or no and names stay, the rest is a text. */
export const celOf = (typed: string): string =>
  /^-?\d+(\.\d+)?$/.test(typed) || typed === 'true' || typed === 'false' ? typed : JSON.stringify(typed)
