/** A place in a text: lines and columns from 1, in the units that editors count in, and the offset from 0. */
export type Place = { line: number; column: number; offset: number }
export type Span = { start: Place; end: Place }

/** Puts `text` where `start` to `end` was, in offsets. */
export type Splice = { start: number; end: number; text: string }

/** What is wrong with a document of rules. `error` keeps it from being published. `fix` mends it in one click. */
export type Problem = {
  code: ProblemCode
  level: 'error' | 'warning'
  message: string
  /** A JSON pointer into the document. */
  path: string
  /** The id of the rule that it is about. */
  rule: string | null
  span: Span
  fix?: { title: string; splices: Splice[] } | undefined
}

export const problemCodes = [
  'too_large',
  'yaml',
  'anchor',
  'tag',
  'duplicate_key',
  'unknown_key',
  'missing',
  'invalid',
  'duplicate_id',
  'expression_malformed',
  'unknown_name',
  'type_error',
  'too_costly',
  'decides_nothing',
  'decides_twice',
  'does_nothing',
  'never_valid',
  'weightless',
  'unreachable',
  'duplicate_rule',
  'unknown_alias',
  'unknown_provider',
  'unknown_model',
  'unknown_guardrail',
  'unknown_region',
  'unknown_scope',
  'header_case',
  'no_classifier',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** The text after splices that do not overlap. */
export const spliced = (text: string, splices: readonly Splice[]): string =>
  splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((all, one) => all.slice(0, one.start) + one.text + all.slice(one.end), text)
