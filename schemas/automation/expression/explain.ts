import type { ProblemCode } from '../problem.ts'
import { spoken } from './spoken.ts'

/** What is wrong with an expression, and where in it. */
export type Wrong = { code: ProblemCode; message: string; range?: { start: number; end: number } }

/** An error of the evaluator: `summary` is its own sentence, which no person is shown unasked. */
export type CelError = { name: string; code: string; summary: string; range?: { start: number; end: number } }

/** An error of the expression language, in words of ours; `text` is the expression. */
export function explain(error: CelError | undefined, text = ''): Wrong {
  if (error === undefined) return { code: 'expression_malformed', message: 'The expression cannot be read.' }
  const { code, summary } = error
  const said =
    error.name === 'ParseError'
      ? { code: 'expression_malformed' as const, message: unread(error, text) }
      : (sayings[code]?.(summary) ?? { code: 'type_error' as const, message: general(error, text) })
  const { start = 0, end = 0 } = error.range ?? {}
  // what is missing at the end is marked at the last character there is
  return {
    ...said,
    ...(error.range === undefined ? {} : { range: { start: Math.max(0, start === end ? start - 1 : start), end } }),
  }
}

const general = ({ code, range }: CelError, text: string): string => {
  const known = sentences[code] ?? (code.endsWith('_conversion_error') ? sentences['conversion_error'] : undefined)
  if (known !== undefined) return known
  const part = range === undefined ? '' : text.slice(range.start, range.end)
  return part === '' ? 'This cannot be worked out.' : `“${part}” cannot be worked out.`
}

const unread = ({ code, summary, range }: CelError, text: string): string => {
  if (code === 'limit_exceeded') return 'The expression is too large; take it apart, or use a code step.'
  if (code === 'invalid_macro_argument') return sentences[code] ?? ''
  const [, needed, token] = /^(?:Expected (\w+), got|Unexpected token:) (.+)$/.exec(summary) ?? []
  const missing = signs[needed ?? '']
  if (token === 'EOF')
    return missing === undefined
      ? 'The expression ends where something is still to come.'
      : `The expression ends where ${missing} is still to come.`
  if (token !== undefined)
    return missing === undefined ? `${named(token)} cannot stand here.` : `There should be ${missing} here.`
  if (code === 'unexpected_character') {
    const part = text.slice(range?.start, range?.end).trim()
    return part === '' ? 'It cannot go on like this.' : `“${part}” does not belong here.`
  }
  if (code.startsWith('unterminated')) return 'The text that begins here is not closed by a quotation mark.'
  if (code === 'newline_in_string') return 'A text in quotation marks stays on one line; write \\n for a new one.'
  if (code.includes('escape') || code.includes('surrogate')) return 'What follows the backslash here means nothing.'
  if (code.startsWith('invalid_')) return 'This is no number.'
  return code === 'reserved_identifier'
    ? 'This word is kept for the language and cannot be a name.'
    : 'This cannot be read.'
}

const signs: Record<string, string> = {
  IDENTIFIER: 'a name',
  COLON: '“:”',
  COMMA: '“,”',
  RPAREN: '“)”',
  RBRACKET: '“]”',
  RBRACE: '“}”',
}
const operators: Record<string, string> = {
  MULTIPLY: '*',
  DIVIDE: '/',
  PLUS: '+',
  MINUS: '-',
  MODULO: '%',
  DOT: '.',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  EQ: '==',
  NE: '!=',
  AND: '&&',
  OR: '||',
  NOT: '!',
  QUESTION: '?',
  LPAREN: '(',
  LBRACKET: '[',
  LBRACE: '{',
  RPAREN: ')',
  RBRACKET: ']',
  RBRACE: '}',
  COLON: ':',
  COMMA: ',',
}
const kinds: Record<string, string> = {
  STRING: 'A text',
  NUMBER: 'A number',
  IDENTIFIER: 'A name',
  BOOLEAN: 'Yes or no',
}
const named = (token: string): string => kinds[token] ?? `“${operators[token] ?? token.toLowerCase()}”`

/** What is said of a code alone, before a run and in it. */
const sentences: Record<string, string> = {
  invalid_condition_type: 'What stands before “?” has to be yes or no.',
  invalid_logical_operand: '“&&” and “||” join what is yes or no, and one side is neither.',
  incompatible_ternary_branches: 'What stands before and after “:” has to be of one type.',
  invalid_comprehension_range: 'Only the entries of a list or the names of an object can be gone through.',
  invalid_macro_argument: 'This function is called with something that it does not take.',
  invalid_index_type: 'The entries of a list are named by whole numbers, counted from 0.',
  cannot_index_type: 'Only lists and objects have parts to be asked for.',
  index_out_of_bounds: 'The list has no such entry. “first(…)” and “last(…)” give null where it is empty.',
  index_out_of_range: 'It asks for a part that lies outside of the text.',
  division_by_zero: 'It divides by zero. Ask first whether the divisor is 0.',
  modulo_by_zero: 'It divides by zero. Ask first whether the divisor is 0.',
  numeric_overflow: 'The number is larger than can be reckoned with.',
  conversion_error: 'The text cannot be made into what is asked for. Ask first whether it is one.',
  invalid_timestamp: 'The text is no time such as 2026-11-21T10:15:00Z.',
  invalid_duration: 'The text is no length of time such as 90s or 1h30m.',
  optional_value_missing: 'There is no value; “.orValue(…)” says what is taken then.',
  optional_expected: '“.orValue(…)” follows what may be missing, such as input.?name.',
}

const after = (summary: string): string => summary.slice(summary.indexOf(':') + 1).trim()

type Saying = Omit<Wrong, 'range'>

const sayings: Record<string, (summary: string) => Saying> = {
  unknown_variable: (summary) => unknownName(after(summary)),
  no_such_key: (summary) => ({ code: 'unknown_name', message: `There is no field “${after(summary)}” here.` }),
  no_such_overload: (summary) => ({ code: 'type_error', message: operation(after(summary)) }),
  no_matching_overload: (summary) => ({ code: 'type_error', message: called(summary) }),
}

const called = (summary: string): string => {
  const [, receiver, name = '', taken = ''] = /'(?:(.*)\.)?([\w]+)\((.*)\)'/.exec(summary) ?? []
  if (taken !== '')
    return `“${name}” does not take ${taken
      .split(/,(?![^<]*>)/)
      .map(spoken)
      .join(' and ')}.`
  return receiver === undefined
    ? `“${name}” needs something to work with.`
    : `“${name}()” cannot be asked of ${spoken(receiver)}.`
}

const scoped: Record<string, string> = {
  item: '“item” is known where something is done for each entry of a list.',
  index: '“index” is known where something is done for each entry of a list.',
  loops: '“loops” is known inside of loops.',
  event: '“event” is known in the condition of a wait for an event.',
}

const unknownName = (name: string): Saying => ({
  code: 'unknown_name',
  message: scoped[name] ?? `There is nothing called “${name}”. Data begins with input, vars, steps or errors.`,
})

/** The two sides of an operation that does not work, as the evaluator names their types; null for one side alone. */
export const sidesOf = (operation: string): { left: string; sign: string; right: string } | null => {
  const two = /^(.+?) (==|!=|<=|>=|[-+*/%<>]|in) (.+)$/.exec(operation)
  return two === null ? null : { left: two[1] ?? '', sign: two[2] ?? '', right: two[3] ?? '' }
}

const operation = (text: string): string => {
  const sides = sidesOf(text)
  if (sides !== null) {
    const { sign } = sides
    const [a, b] = [spoken(sides.left), spoken(sides.right)]
    if (sign === 'in') return `“in” does not look for ${a} in ${b}.`
    if (sign === '==' || sign === '!=') return `${capital(a)} is never the same as ${b}.`
    return `“${sign}” does not work with ${a} and ${b}.`
  }
  const one = /^([!-])(.+)$/.exec(text)
  return one === null ? 'This cannot be worked out.' : `“${one[1]}” does not work with ${spoken(one[2] ?? '')}.`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
