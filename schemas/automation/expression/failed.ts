import type { ASTNode } from '@marcbachmann/cel-js'
import { Failure } from '../failure.ts'
import { explain, sidesOf, type CelError } from './explain.ts'
import { asWritten } from './patterns.ts'
import { bare, spoken } from './spoken.ts'

/**
 * What a person is told when an expression could not be evaluated: which part of it, what it found there, and what to
 * write instead. The evaluator's own words are kept beside it (`said`).
 */
export function expressionFailed(error: unknown, expression: string): Failure {
  if (error instanceof Failure) return error
  const said = `${sentence(error)} In: ${shorten(expression, 200)}`
  if (!isCelError(error)) return new Failure('expression_failed', 'The expression cannot be worked out.', { said })
  const part = partOf(expression, error)
  const message = atRun[error.code]?.(error, expression) ?? placed(explain(error, expression).message, part)
  return new Failure('expression_failed', asWritten(message), { said })
}

/** What is told of an expression that cannot even be read. */
export function expressionMalformed(error: unknown, expression: string): Failure {
  if (error instanceof Failure) return error
  const message = isCelError(error) ? explain(error, expression).message : 'The expression cannot be read.'
  return new Failure('expression_malformed', message, { said: sentence(error) })
}

/** The first line of what the evaluator says; the rest draws the place with carets. */
export const sentence = (error: unknown): string => {
  const first = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
  return asWritten(/[.!?]$/.test(first) ? first : `${first}.`)
}

type Thrown = CelError & { node?: ASTNode }

const isCelError = (error: unknown): error is Thrown => error instanceof Error && 'code' in error && 'summary' in error

const shorten = (text: string, most = 60): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** The part of the expression that was being worked out. */
const partOf = (expression: string, { node, range }: Thrown): string => {
  const { start, end } = node ?? range ?? { start: 0, end: 0 }
  return expression.slice(start, end).trim()
}

const placed = (message: string, part: string): string =>
  part === '' || message.includes(part) ? message : `${message} It stands in “${shorten(part)}”.`

const textOf = (expression: string, node: ASTNode | undefined): string =>
  node === undefined ? '' : expression.slice(node.start, node.end).trim()

/** The operands of a node: one, two, or none that are known. */
const operands = (node: ASTNode | undefined): ASTNode[] => {
  const args: unknown = node?.args
  return Array.isArray(args) ? args.filter((one): one is ASTNode => typeof one === 'object' && one !== null) : []
}

/** What stands for nothing beside a value of this type. */
const neutral: [pattern: RegExp, written: string][] = [
  [/^(double|u?int)$/, '0'],
  [/^string$/, '""'],
  [/^bool$/, 'false'],
  [/^list\b/, '[]'],
]
const isNothing = (type: string): boolean => /^null(_type)?$/.test(bare(type))

const empty = (what: string, needs: string, other: string): string => {
  const instead = neutral.find(([pattern]) => pattern.test(bare(other)))?.[1]
  const hint =
    instead === undefined ? 'Give it one before.' : `Give it one before, or write coalesce(${what}, ${instead}).`
  return `“${shorten(what)}” is empty, and ${needs} needs a value. ${what.length > 60 ? 'Give it one before.' : hint}`
}

const atRun: Record<string, (error: Thrown, expression: string) => string | undefined> = {
  no_such_overload: ({ summary, node }, expression) => {
    const sides = sidesOf(summary.slice(summary.indexOf(':') + 1).trim())
    const [left, right] = operands(node).map((one) => textOf(expression, one))
    if (sides === null || left === undefined || right === undefined) return undefined
    const needs = `“${sides.sign}”`
    if (isNothing(sides.left)) return empty(left, needs, isNothing(sides.right) ? '' : sides.right)
    if (isNothing(sides.right)) return empty(right, needs, sides.left)
    const both = `“${shorten(left)}” is ${spoken(sides.left)} and “${shorten(right)}” ${spoken(sides.right)}: “${sides.sign}” does not work with these.`
    return sides.sign === 'in' ? both : `${both}${converted(sides.left, sides.right)}`
  },
  no_such_key: ({ summary, node }, expression) => {
    const of = textOf(expression, operands(node)[0])
    const field = summary.slice(summary.indexOf(':') + 1).trim()
    if (of === '') return undefined
    if (of === 'steps')
      return `“steps.${field}” is not there: that step was not done on the way here. Ask has(steps.${field}) first.`
    if (of === 'errors')
      return `“errors.${field}” is not there: that step has not failed. Ask has(errors.${field}) first.`
    const instead =
      /^[a-z_]\w*$/i.test(field) && of.length <= 60 ? ` If it may be missing, write ${of}.?${field}.orValue(null).` : ''
    return `“${shorten(of)}” has no “${field}”.${instead}`
  },
  no_matching_overload: ({ summary, node }, expression) => {
    const [, receiver, name = '', taken = ''] = /'(?:(.*)\.)?(\w+)\((.*)\)'/.exec(summary) ?? []
    const [first] = operands(node)
    if (receiver !== undefined && isNothing(receiver)) return empty(textOf(expression, first), `“${name}”`, '')
    const args: unknown = node?.args
    const [one] = Array.isArray(args) && Array.isArray(args[1]) ? (args[1] as ASTNode[]) : []
    return receiver === undefined && isNothing(taken) ? empty(textOf(expression, one), `“${name}”`, '') : undefined
  },
  unknown_variable: ({ summary }) => {
    const name = summary.slice(summary.indexOf(':') + 1).trim()
    return `“${name}” is not known here.`
  },
}

const converted = (left: string, right: string): string => {
  const types = [bare(left), bare(right)]
  if (!types.includes('string') || !types.some((type) => /^(double|u?int)$/.test(type))) return ''
  return ' “double(…)” makes a number of a text, “string(…)” a text of a number.'
}
