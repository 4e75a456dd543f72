import type { z } from 'zod'
import { isObject } from '../../automation/json.ts'
import { nearest } from '../../automation/nearest.ts'
import { valueAt } from '../../automation/change.ts'
import { documentShape, steeringSchema } from '../document.ts'
import type { Finding } from './finding.ts'

type Issue = z.core.$ZodIssue
type Path = readonly (string | number)[]

/** What in a document has not the shape of one. */
export function misfits(value: unknown): Finding[] {
  const read = documentShape.safeParse(value)
  return read.success ? [] : read.error.issues.flatMap((issue) => findings(value, issue, []))
}

const findings = (whole: unknown, issue: Issue, above: Path): Finding[] => {
  const path = [...above, ...(issue.path as Path)]
  const there = at(whole, path)
  const name = path.findLast((part) => typeof part === 'string') ?? 'document'
  const invalid = (message: string): Finding[] => [{ code: 'invalid', path, message: `“${name}” ${message}.` }]
  if (there === undefined) return [{ code: 'missing', path, message: `“${name}” is missing.` }]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(whole, path, key))
    case 'invalid_union':
      return ofUnion(whole, issue, path) ?? invalid(`cannot be ${spoken(there)}`)
    case 'invalid_type':
      if (there === null) return invalid('is empty: write something, or leave it out')
      return invalid(`has to be ${types[issue.expected] ?? issue.expected}, not ${spoken(there)}`)
    case 'invalid_value':
      return [oneOf(path, name, there, issue.values)]
    case 'invalid_key':
    case 'invalid_element':
      return invalid('has an entry that cannot be one')
    default:
      return invalid(issue.message.replace(/\.$/, ''))
  }
}

const at = (whole: unknown, path: Path): unknown => valueAt(whole, path.map(String))

/** Of the ways in which something may be written, what keeps it from being the one that it looks like. */
const ofUnion = (whole: unknown, issue: Issue & { code: 'invalid_union' }, path: Path): Finding[] | null => {
  const meant = issue.errors.filter(
    (errors) => !errors.some((one) => one.code === 'invalid_type' && one.path.length === 0),
  )
  const [best] = meant.toSorted((a, b) => a.length - b.length)
  return best === undefined ? null : best.flatMap((one) => findings(whole, one, path))
}

const unknownKey = (whole: unknown, path: Path, key: string): Finding => {
  const known = keysAt(path)
  const meant = nearest(key, known)
  const there = at(whole, path)
  const free = meant !== undefined && !(isObject(there) && Object.hasOwn(there, meant))
  const hint = meant === undefined ? ` It may be ${known.join(', ')}.` : ` Did you mean “${meant}”?`
  return {
    code: 'unknown_key',
    path: [...path, key],
    message: `“${key}” is not known here.${hint}`,
    ...(free ? { write: { as: meant, of: 'key' } } : {}),
  }
}

const oneOf = (path: Path, name: string, there: unknown, values: readonly unknown[]): Finding => {
  const known = values.map(String)
  const meant = typeof there === 'string' ? nearest(there, known) : undefined
  const can = known.length === 1 ? `can only be ${known[0]}` : `is one of ${known.join(', ')}`
  return {
    code: 'invalid',
    path,
    message: `“${name}” ${can}.`,
    ...(meant === undefined ? {} : { write: { as: meant } }),
  }
}

const types: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a list of keys with values',
  record: 'a list of keys with values',
}

const spoken = (value: unknown): string => {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'a list of keys with values'
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'this'
}

type Described = { properties?: Record<string, Described>; items?: Described; anyOf?: Described[] }
let schema: Described | undefined

/** The keys that may stand at a place, of the JSON Schema. */
const keysAt = (path: Path): string[] => {
  schema ??= steeringSchema() as Described
  let here: Described[] = [schema]
  for (const part of path)
    here = here
      .flatMap((one) => [one, ...(one.anyOf ?? [])])
      .flatMap(({ properties, items }) => (typeof part === 'number' ? items : properties?.[part]) ?? [])
  return here.flatMap((one) => [one, ...(one.anyOf ?? [])]).flatMap(({ properties }) => Object.keys(properties ?? {}))
}
