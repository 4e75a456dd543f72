import type { OutputUnit } from '@cfworker/json-schema'
import { patternIn, validatorOf } from '../json-schema.ts'
import { isObject, type Json, type JsonSchema } from '../json.ts'
import { nearest } from '../nearest.ts'
import { pointer, segments } from '../pointer.ts'

/** What does not fit a schema: where (JSON pointer) and why, for a person. */
export type Misfit = { path: string; message: string; why: 'missing' | 'unknown' | 'other' }

/** How many values a check remembers: all nodes of a large automation. */
const keep = 6000

/**
 * A check of values against a schema, made once. It remembers what it said of a value, because a builder asks on every
 * key press and most of a document is as it was.
 */
export function checker(schema: JsonSchema): (value: unknown) => readonly Misfit[] {
  const { validator, schema: own } = validatorOf(schema)
  const known = new Map<string, readonly Misfit[]>()
  const saidOf = (value: unknown): readonly Misfit[] => {
    try {
      const { valid, errors } = validator.validate(value)
      return valid ? [] : misfits(own, value, errors)
    } catch {
      // what was published before schemas were looked at (`schemaIssues`)
      return [{ path: '', message: 'The schema is none that can be kept to.', why: 'other' }]
    }
  }
  return (value) => {
    const text = JSON.stringify(value)
    const before = known.get(text)
    if (before !== undefined) return before
    const said = saidOf(value)
    if (known.size >= keep) known.clear()
    known.set(text, said)
    return said
  }
}

const misfits = (schema: JsonSchema, value: unknown, errors: readonly OutputUnit[]): Misfit[] => {
  const found = new Map<string, Misfit>()
  for (const error of errors) {
    const path = segments(decodeURIComponent(error.instanceLocation.slice(1)))
    const about = segments(decodeURIComponent(error.keywordLocation.slice(1)))
    const way = wayOf(schema, about)
    if (way === 'other') continue
    const rule: Rule = {
      keyword: error.keyword,
      schema: schemaAt(schema, about.slice(0, -1)),
      takesExpression: way === 'literal',
      value: at(value, path),
      path,
    }
    // what comes first is the plainest: a text that should be a number is not also too long
    for (const misfit of said(rule)) if (!found.has(misfit.path)) found.set(misfit.path, misfit)
  }
  const [first] = errors
  if (found.size > 0 || first === undefined) return [...found.values()]
  // a rule that has no sentence here: it is at least told where
  const path = segments(decodeURIComponent((errors.at(-1) ?? first).instanceLocation.slice(1)))
  return [{ path: pointer(path), message: `“${path.at(-1) ?? 'This'}” is not what is asked for.`, why: 'other' }]
}

/**
 * Whether an error comes from one of several ways to write a value. Of a field that takes expressions the literal is the
 * first, and what it says is what a person is told; of others that do not fit, what lies in them says nothing.
 */
const wayOf = (schema: JsonSchema, about: readonly string[]): 'literal' | 'other' | undefined => {
  let way: 'literal' | undefined
  for (const [at, part] of about.entries()) {
    if (part !== 'anyOf' && part !== 'oneOf' && part !== 'not') continue
    const branch = about[at + 1]
    const takesExpression = isCelShape(schemaAt(schema, [...about.slice(0, at + 1), '1']))
    if (branch !== undefined && !(takesExpression && branch === '0')) return 'other'
    if (takesExpression) way = 'literal'
  }
  return way
}
const isCelShape = ({ properties }: JsonSchema): boolean => properties?.['cel'] !== undefined

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((held, key) => (held as Record<string, unknown> | undefined)?.[key], value)

const schemaAt = (schema: JsonSchema, path: readonly string[]): JsonSchema => {
  const found = path.reduce<unknown>((held, key) => {
    const next = (held as Record<string, unknown> | undefined)?.[key]
    return key === '$ref' && typeof next === 'string' ? at(schema, segments(next.slice(1))) : next
  }, schema)
  return isObject(found) ? found : {}
}

type Rule = {
  keyword: string
  /** The part of the schema that has the keyword. */
  schema: JsonSchema
  takesExpression: boolean
  value: unknown
  path: string[]
}

const said = (rule: Rule): Misfit[] => {
  const { keyword, schema, value, path } = rule
  if (keyword === 'additionalProperties' && schema.additionalProperties === false)
    return Object.keys(isObject(value) ? value : {})
      .filter((key) => !Object.hasOwn(schema.properties ?? {}, key))
      .map((key) => unknownKey(schema, [...path, key], key))
  if (keyword === 'required')
    return (schema.required ?? [])
      .filter((key) => !(isObject(value) && Object.hasOwn(value, key)))
      .map((key) => ({
        path: pointer([...path, key]),
        message: `“${schema.properties?.[key]?.title ?? key}” is missing.`,
        why: 'missing',
      }))
  const must = sentences[keyword]?.(schema, rule)
  if (must === undefined) return []
  const name = schema.title ?? path.findLast((part) => !/^\d+$/.test(part)) ?? 'This'
  return [{ path: pointer(path), message: `“${name}” ${must}.`, why: 'other' }]
}

const unknownKey = ({ title, properties = {} }: JsonSchema, path: string[], key: string): Misfit => {
  const meant = nearest(key, Object.keys(properties))
  const hint = meant === undefined ? '' : ` Did you mean “${meant}”?`
  const where = title === undefined ? 'here' : `in “${title}”`
  return { path: pointer(path), message: `“${key}” is not known ${where}.${hint}`, why: 'unknown' }
}

const types: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'empty',
}
const named = (type: JsonSchema['type']): string =>
  (typeof type === 'string' ? [type] : (type ?? [])).map((one) => types[one] ?? one).join(' or ')
const listed = (values: readonly Json[]): string => values.map((one) => JSON.stringify(one)).join(', ')

const isExpression = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).length === 1 && ('cel' in value || 'text' in value)

/** What a value has to be, by the keyword of the schema that says so. Keywords that only lead on to others say nothing. */
const sentences: Record<string, (schema: JsonSchema, rule: Rule) => string | undefined> = {
  type: ({ type }, { value, takesExpression }) => {
    if (value === null) return `is empty; it has to be ${named(type)}`
    if (!isExpression(value)) return `has to be ${named(type)}${takesExpression ? ', or an expression' : ''}`
    return takesExpression ? 'has an expression that is no text' : `takes no expression: it has to be ${named(type)}`
  },
  enum: ({ enum: values = [] }) => `has to be one of ${listed(values)}`,
  const: ({ const: value = null }) => `has to be ${JSON.stringify(value)}`,
  minimum: ({ minimum }) => `is at least ${minimum}`,
  maximum: ({ maximum }) => `is at most ${maximum}`,
  minLength: ({ minLength }, { value }) =>
    minLength === 1 || value === '' ? 'must not be empty' : `has at least ${minLength} characters`,
  maxLength: ({ maxLength }) => `has at most ${maxLength} characters`,
  minItems: ({ minItems }) => (minItems === 1 ? 'needs at least one entry' : `needs at least ${minItems} entries`),
  maxItems: ({ maxItems }) => `has at most ${maxItems} entries`,
  maxProperties: ({ maxProperties }) => `has at most ${maxProperties} entries`,
  minProperties: ({ minProperties }) =>
    `needs at least ${minProperties === 1 ? 'one entry' : `${minProperties} entries`}`,
  uniqueItems: () => 'has the same entry twice',
  exclusiveMinimum: ({ exclusiveMinimum }) => `has to be more than ${exclusiveMinimum}`,
  exclusiveMaximum: ({ exclusiveMaximum }) => `has to be less than ${exclusiveMaximum}`,
  multipleOf: ({ multipleOf }) => `has to be a multiple of ${multipleOf}`,
  format: ({ format, examples }) => {
    const pattern = patternIn(format)
    if (pattern === undefined) return `has to be ${formats[format ?? ''] ?? `of the form “${format}”`}`
    return `has to look like ${examples?.[0] === undefined ? pattern : JSON.stringify(examples[0])}`
  },
  anyOf: (schema, rule) => oneOf(schema.anyOf, rule),
  oneOf: (schema, rule) => oneOf(schema.oneOf, rule),
  not: () => 'is what it must not be',
}

/** Of a field that takes expressions the literal has said what is wrong. */
const oneOf = (ways: readonly JsonSchema[] = [], { takesExpression }: Rule): string | undefined => {
  if (takesExpression) return undefined
  const known = ways.map(({ type }) => type).filter((type) => typeof type === 'string')
  return known.length === ways.length ? `has to be ${named(known)}` : 'is none of the things that it may be'
}

const formats: Record<string, string> = {
  email: 'an e-mail address such as dana@example.com',
  date: 'a date such as 2026-11-21',
  time: 'a time of day such as 10:15:00Z',
  'date-time': 'a time such as 2026-11-21T10:15:00Z',
  uri: 'an address such as https://example.com',
  url: 'an address such as https://example.com',
  uuid: 'a UUID',
  duration: 'a length of time such as PT15M',
}
