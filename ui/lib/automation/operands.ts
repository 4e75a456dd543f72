import type { JsonSchema } from '#schemas/automation/definition.ts'
import { parse } from '#schemas/automation/expression.ts'
import { pathOf } from '#schemas/automation/expression/tree.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { celOf, comparisons, literalOf, takesOne, type Comparison, type Rule } from './conditions.ts'
import { schemaAt } from './scope.ts'

/** What kind of thing stands on the left of a rule, as far as the scope knows. */
export type Operand = 'text' | 'moment' | 'number' | 'truth' | 'list' | 'object' | 'any'

const always = ['is', 'isNot', 'given', 'missing'] as const
const ordered = ['more', 'atLeast', 'less', 'atMost'] as const
const choices = ['oneOf', 'noneOf'] as const
const offered: Record<Exclude<Operand, 'any'>, readonly Comparison[]> = {
  text: [...always, 'contains', 'lacks', 'startsWith', 'endsWith', 'matches', ...choices],
  moment: [...always, ...ordered],
  number: [...always, ...ordered, ...choices],
  truth: ['holds', 'fails', ...always],
  list: ['given', 'missing'],
  object: ['given', 'missing'],
}

const byType: Record<string, Operand> = {
  string: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'truth',
  array: 'list',
  object: 'object',
}

/** What the left side of a rule is: a path by its schema, `size(…)` a number; of all else nothing is known. */
export function operandOf(left: string, scope: JsonSchema): Operand {
  const path = readPath(left)
  if (path === undefined) return /^size\(.*\)$/.test(left.trim()) ? 'number' : 'any'
  const schema = schemaAt(scope, path)
  const types = [schema?.type ?? []].flat().filter((one) => one !== 'null')
  const [type] = types
  if (type === undefined || types.length > 1) return 'any'
  if (type === 'string' && schema?.['format']?.startsWith('date') === true) return 'moment'
  return byType[type] ?? 'any'
}

const readPath = (cel: string): string[] | undefined => {
  try {
    return pathOf(parse(cel)) ?? undefined
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** How such a thing can be compared; how it is compared now stays among them. */
export const comparisonsFor = (operand: Operand, now: Comparison): Comparison[] =>
  (Object.keys(comparisons) as Comparison[]).filter(
    (one) => operand === 'any' || one === now || offered[operand].includes(one),
  )

/** A rule with a right side that can be compared with its left. */
export function fitting(rule: Rule, operand: Operand): Rule {
  if (takesOne(rule.is)) return { ...rule, right: '' }
  const many = rule.is === 'oneOf' || rule.is === 'noneOf'
  if (rule.right === '')
    return { ...rule, right: many ? (operand === 'number' ? '[1, 2]' : '["a", "b"]') : empty(operand) }
  const literal = literalOf(rule.right)
  if (literal === undefined || many) return rule
  if (operand === 'text' || operand === 'moment') return { ...rule, right: JSON.stringify(String(literal)) }
  if (operand === 'number' && typeof literal === 'string' && isNumber(literal)) return { ...rule, right: literal }
  return rule
}

const empty = (operand: Operand): string => (operand === 'number' ? '0' : operand === 'truth' ? 'true' : '""')
const isNumber = (text: string): boolean => /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)

/** The right side as a field shows it: a text without its quotes, unless it would then be taken for something else. */
export function shownRight(cel: string, operand: Operand): string {
  const literal = literalOf(cel)
  if (literal === undefined) return cel
  if (typeof literal !== 'string' || operand === 'text' || operand === 'moment') return String(literal)
  return literal !== '' && celOf(literal) !== JSON.stringify(literal) ? cel : literal
}

const isExpression = (text: string): boolean =>
  /^(=|\[|(input|vars|steps|item|index|run|now|errors|loops|event)\b)/.test(text)

/** What was typed on the right, in CEL: digits beside a text are a text, and what is in quotes always is. */
export function typedRight(was: string, typed: string, operand: Operand): string {
  if (isExpression(typed) || (was !== '' && literalOf(was) === undefined)) return typed.replace(/^=/, '')
  if (operand === 'text' || operand === 'moment') return JSON.stringify(typed)
  const quoted = /^".*"$/s.test(typed) && typeof literalOf(typed) === 'string'
  return quoted ? typed : celOf(typed)
}
