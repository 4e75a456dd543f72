import type { ProblemCode } from '../problem.ts'
import { spoken } from './types.ts'

/** What is wrong with an expression, and where in it. */
export type Wrong = { code: ProblemCode; message: string; range?: { start: number; end: number } }

type CelError = { name: string; code: string; summary: string; range?: { start: number; end: number } }

/** An error of the expression language, in words of ours. */
export function explain(error: CelError | undefined): Wrong {
  if (error === undefined) return { code: 'expression_malformed', message: 'The expression cannot be read.' }
  const { code, summary } = error
  const said =
    error.name === 'ParseError'
      ? { code: 'expression_malformed' as const, message: unread(summary) }
      : (sayings[code]?.(summary) ?? { code: 'type_error' as const, message: sentence(summary) })
  const { start = 0, end = 0 } = error.range ?? {}
  // what is missing at the end is marked at the last character there is
  return {
    ...said,
    ...(error.range === undefined ? {} : { range: { start: Math.max(0, start === end ? start - 1 : start), end } }),
  }
}

const sentence = (summary: string): string =>
  `${summary.charAt(0).toUpperCase()}${summary.slice(1).replace(/\.?$/, '.')}`

const unread = (summary: string): string => {
  const [, token] = /^Unexpected token: (.+)$/.exec(summary) ?? []
  if (token === 'EOF') return 'The expression ends where something is still to come.'
  return token === undefined ? sentence(summary) : `“${token.toLowerCase()}” cannot stand here.`
}

const after = (summary: string): string => summary.slice(summary.indexOf(':') + 1).trim()

type Saying = Omit<Wrong, 'range'>

const sayings: Record<string, (summary: string) => Saying> = {
  unknown_variable: (summary) => unknownName(after(summary)),
  no_such_key: (summary) => ({ code: 'unknown_name', message: `There is no field “${after(summary)}” here.` }),
  no_such_overload: (summary) => ({ code: 'type_error', message: operator(after(summary)) }),
  no_matching_overload: (summary) => {
    const [, called = '', taken = ''] = /'(?:.*\.)?([\w.]+)\((.*)\)'/.exec(summary) ?? []
    const what =
      taken === ''
        ? 'nothing'
        : taken
            .split(/,(?![^<]*>)/)
            .map(spoken)
            .join(' and ')
    return { code: 'type_error', message: `“${called}” does not take ${what}.` }
  },
}

const scoped: Record<string, string> = {
  item: '“item” is known where something is done for each entry of a list.',
  index: '“index” is known where something is done for each entry of a list.',
  loops: '“loops” is known inside of loops.',
  event: '“event” is known in the condition of a wait for an event.',
}

const unknownName = (name: string): Saying => ({
  code: 'unknown_name',
  message: scoped[name] ?? `There is nothing called “${name}”. Data begins with input, vars or steps.`,
})

/** `string + int`, `!string`, `string[int]` as a sentence. */
const operator = (text: string): string => {
  const two = /^(.+?) (==|!=|<=|>=|[-+*/%<>]|in) (.+)$/.exec(text)
  if (two !== null) {
    const [, left = '', sign = '', right = ''] = two
    const [a, b] = [spoken(left), spoken(right)]
    if (sign === 'in') return `“in” does not look for ${a} in ${b}.`
    if (sign === '==' || sign === '!=') return `${capital(a)} is never the same as ${b}.`
    return `“${sign}” does not work with ${a} and ${b}.`
  }
  const one = /^([!-])(.+)$/.exec(text)
  if (one !== null) return `“${one[1]}” does not work with ${spoken(one[2] ?? '')}.`
  return sentence(`no such operation: ${text}`)
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
