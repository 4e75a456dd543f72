import type { ASTNode } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { Failure } from '../failure.ts'
import { below, methodCall, type MethodCall } from './tree.ts'

/**
 * `text.matches(pattern)` by RE2, as CEL defines it (github.com/google/cel-spec, "Regular expressions"): it takes time
 * in proportion to the text, whatever the pattern. The evaluator's own takes JavaScript's engine, in which a pattern
 * such as `(a+)+$` can hold up a worker for hours; so a call of it is made a call of this.
 */
export const linear = 'string.re2test(string): bool'
const [standard, ours] = ['matches', 're2test']

export const linearMatches = (text: string, pattern: string): boolean => patternOf(pattern).matcher(text).find()

const compiled = new Map<string, RE2JS>()
/** Patterns come from drawings; those made of data push out the oldest. */
const keep = 500

const patternOf = (pattern: string): RE2JS => {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const made = read(pattern)
  if (typeof made === 'string') {
    const message = `The pattern “${pattern}” cannot be read: ${whyUnread(made)}.`
    throw new Failure('expression_failed', message, { said: made })
  }
  if (compiled.size >= keep) compiled.delete(compiled.keys().next().value as string)
  compiled.set(pattern, made)
  return made
}

/** A pattern, or what RE2 says of one that it does not read. */
const read = (pattern: string): RE2JS | string => {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Why a pattern is none; null where it is one. */
export const unreadable = (pattern: string): string | null => {
  const made = read(pattern)
  return typeof made === 'string' ? `cannot be read: ${whyUnread(made)}` : null
}

const reasons: [pattern: RegExp, why: string][] = [
  [/missing closing \)/, 'a “)” is missing'],
  [/missing closing \]/, 'a “]” is missing'],
  [/unexpected \)/, 'a “)” has no “(”'],
  [/trailing backslash/, 'nothing follows its last backslash'],
  [/escape/, 'what follows a backslash means nothing'],
  [/repeat|repetition/, 'what it repeats is not there, or it repeats too often'],
  [/character class/, 'its range of characters is none'],
  [/Perl|named/, 'it uses “(?…” in a way that is not known here'],
]
const whyUnread = (said: string): string =>
  reasons.find(([pattern]) => pattern.test(said))?.[1] ?? 'it is no regular expression'

/** The same expression with our function for the evaluator's; names are of one length, so that places stay the same. */
export const linearised = (expression: string, tree: ASTNode): string =>
  calls(tree).reduce((text, { receiver, parameters: [pattern] }) => {
    if (pattern === undefined) return text
    const at = receiver.end + text.slice(receiver.end, pattern.start).lastIndexOf(standard)
    return text.slice(0, at) + ours + text.slice(at + standard.length)
  }, expression)

/** The first pattern, written out, that is none: a sentence, and where it stands; null where all can be read. */
export function wrongPattern(tree: ASTNode): { message: string; start: number; end: number } | null {
  for (const { receiver, parameters } of calls(tree)) {
    const [pattern] = parameters
    if (pattern === undefined) continue
    const { start, end } = pattern
    // a comment may hold the name of the function once more
    if (pattern.input.slice(receiver.end, start).includes('//'))
      return { message: 'A comment may not stand between “.matches(” and what is around it.', start, end }
    const written: unknown = pattern.op === 'value' ? pattern.args : undefined
    try {
      if (typeof written === 'string') patternOf(written)
    } catch (error) {
      if (error instanceof Failure) return { message: error.message, start, end }
      throw error
    }
  }
  return null
}

const calls = (node: ASTNode): MethodCall[] => {
  const called = methodCall(node)
  const inside = below(node.args).flatMap(calls)
  return called?.method === standard ? [...inside, called] : inside
}

/** What was said of our function is said of the one that was written. */
export const asWritten = (sentence: string): string => sentence.replaceAll(ours, standard)
