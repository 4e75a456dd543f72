import { format, Validator, type Schema } from '@cfworker/json-schema'
import { linearMatches, unreadable } from './expression/patterns.ts'
import { isObject, type JsonSchema } from './json.ts'
import { pointer, segments } from './pointer.ts'

const byRe2 = 're2 '

/**
 * A `pattern` is matched by RE2: the validator takes JavaScript's engine, which a text that is made for it can keep busy
 * for hours. It looks formats up by name in one object for all, so a pattern is made a format there; what compiles them
 * forgets those that nobody asks for.
 */
Object.setPrototypeOf(
  format,
  new Proxy(Object.create(null) as object, {
    get: (_, name) =>
      typeof name === 'string' && name.startsWith(byRe2)
        ? (text: string) => linearMatches(text, name.slice(byRe2.length))
        : undefined,
  }),
)

/** The pattern that a format stands for; undefined where it is one of the format's own. */
export const patternIn = (name: string | undefined): string | undefined =>
  name?.startsWith(byRe2) === true ? name.slice(byRe2.length) : undefined

/** The same schema with a format of ours for each pattern. A property, or what may be said, can be called so too. */
const linear = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(linear)
  if (!isObject(schema)) return schema
  const { pattern, ...rest } = schema
  const made = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, isPlain(key) ? value : linear(value)]),
  )
  if (typeof pattern !== 'string') return pattern === undefined ? made : { ...made, pattern: linear(pattern) }
  const { title, examples } = schema
  const also = {
    format: byRe2 + pattern,
    ...(title === undefined ? {} : { title }),
    ...(examples === undefined ? {} : { examples }),
  }
  return { ...made, allOf: [...(Array.isArray(made['allOf']) ? (made['allOf'] as unknown[]) : []), also] }
}
/** Keywords whose value is data, and no schema. */
const isPlain = (key: string): boolean => ['enum', 'const', 'default', 'examples'].includes(key)

/**
 * A validator (JSON Schema, draft 2020-12) that tells all that is wrong, and the schema as it goes by it. Time is in
 * proportion to the value, where `schemaIssues` finds nothing.
 */
export function validatorOf(schema: JsonSchema): { validator: Validator; schema: JsonSchema } {
  // a copy: the validator writes into what it is given
  const own = linear(structuredClone(schema)) as JsonSchema
  return { validator: new Validator(own as Schema, '2020-12', false), schema: own }
}

/** What is wrong with a schema: where (JSON pointer) and why. */
export type SchemaIssue = { path: string; message: string }

/** Where schemas stand within one. */
const within = {
  one: ['items', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'],
  some: ['allOf', 'anyOf', 'oneOf', 'prefixItems'],
  named: ['properties', '$defs', 'definitions', 'dependentSchemas'],
} as const
/** Those that look at the same value as what they stand in. */
const ofSameValue = new Set(['$ref', 'not', 'if', 'then', 'else', 'allOf', 'anyOf', 'oneOf', 'dependentSchemas'])
const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
/** Keywords that would be passed over. */
const unheeded = ['patternProperties', '$id', '$anchor', '$dynamicRef', '$dynamicAnchor', '$recursiveRef']
/** The most schemas that one value is held against, that there are with all references gone after, and of entries that are compared with each other. */
const most = { ofOneValue: 50, inAll: 5000, compared: 1000 }

type Part = { path: string; schema: unknown }
type Inner = Part & { key: string }

const partsOf = ({ path, schema }: Part): Inner[] => {
  if (!isObject(schema)) return []
  const one = within.one.flatMap((key) => (key in schema ? [{ key, path: `${path}/${key}`, schema: schema[key] }] : []))
  const listed = within.some.filter((key) => Array.isArray(schema[key]))
  const named = within.named.filter((key) => isObject(schema[key]))
  const many = [...listed, ...named].flatMap((key) =>
    Object.entries(schema[key] as object).map(([name, inner]) => ({
      key,
      path: `${path}${pointer([key, name])}`,
      schema: inner as unknown,
    })),
  )
  return [...one, ...many]
}

/**
 * Everything that keeps a schema from being kept to: what is no schema, patterns that RE2 does not read, references that
 * lead nowhere or back, and more ways to look at a value than there is time for.
 */
export function schemaIssues(root: JsonSchema): SchemaIssue[] {
  const found: SchemaIssue[] = []
  const left: Part[] = [{ path: '', schema: root }]
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    found.push(...wrongHere(root, part))
    left.push(...partsOf(part))
  }
  return found.length > 0 ? found : waysIssues(root)
}

type Look = (schema: Record<string, unknown>, root: JsonSchema) => string | null
/** What a keyword has to be, for those with which a value could not be held against the schema. */
const looks: Record<string, Look> = {
  type: ({ type }) =>
    [type].flat().every((one) => types.includes(one as string)) ? null : `has to be of ${types.join(', ')}`,
  pattern: ({ pattern }) => (typeof pattern === 'string' ? unreadable(pattern) : 'has to be a text'),
  $ref: ({ $ref }, root) => (placeOf(root, $ref) === undefined ? 'leads to nothing in this schema' : null),
  required: ({ required }) => (isTexts(required) ? null : 'has to be a list of names'),
  enum: ({ enum: values }) => (Array.isArray(values) ? null : 'has to be a list'),
  uniqueItems: ({ uniqueItems, maxItems }) =>
    uniqueItems !== true || Number(maxItems) <= most.compared
      ? null
      : `needs a “maxItems” of ${most.compared} at the most`,
  ...Object.fromEntries(unheeded.map((key): [string, Look] => [key, () => 'is not checked here'])),
  ...Object.fromEntries(
    within.some.map((key): [string, Look] => [
      key,
      (schema) => (Array.isArray(schema[key]) ? null : 'has to be a list'),
    ]),
  ),
  ...Object.fromEntries(
    within.named.map((key): [string, Look] => [
      key,
      (schema) => (isObject(schema[key]) ? null : 'has to be schemas by their names'),
    ]),
  ),
}

const wrongHere = (root: JsonSchema, { path, schema }: Part): SchemaIssue[] => {
  if (typeof schema === 'boolean') return []
  if (!isObject(schema)) return [{ path, message: 'is no schema' }]
  return Object.keys(schema).flatMap((key) => {
    const message = Object.hasOwn(looks, key) ? (looks[key]?.(schema, root) ?? null) : null
    return message === null ? [] : [{ path: `${path}${pointer([key])}`, message }]
  })
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string')

/** The part that a reference leads to. */
const placeOf = (root: JsonSchema, $ref: unknown): Inner | undefined => {
  if (typeof $ref !== 'string' || !/^#(?:$|\/)/.test($ref)) return undefined
  let schema: unknown = root
  for (const key of segments($ref.slice(1))) {
    if (typeof schema !== 'object' || schema === null || !Object.hasOwn(schema, key)) return undefined
    schema = (schema as Record<string, unknown>)[key]
  }
  return isObject(schema) || typeof schema === 'boolean' ? { key: '$ref', path: $ref.slice(1), schema } : undefined
}

type Ways = { same: number; all: number }

/** Where references lead back, or there are too many ways to look at a value. */
const waysIssues = (root: JsonSchema): SchemaIssue[] => {
  const known = new Map<unknown, Ways>()
  const under = new Set<unknown>()
  const found: SchemaIssue[] = []
  const waysOf = (part: Part): Ways => {
    const { schema, path } = part
    if (!isObject(schema)) return { same: 1, all: 1 }
    const before = known.get(schema)
    if (before !== undefined) return before
    if (under.has(schema)) {
      found.push({ path, message: 'leads back to itself' })
      return { same: 0, all: 0 }
    }
    under.add(schema)
    const referred = '$ref' in schema ? placeOf(root, schema['$ref']) : undefined
    const ways = { same: 1, all: 1 }
    for (const inner of [...partsOf(part), ...(referred === undefined ? [] : [referred])]) {
      const { same, all } = waysOf(inner)
      if (ofSameValue.has(inner.key)) ways.same += same
      if (inner.key !== '$defs' && inner.key !== 'definitions') ways.all += all
    }
    under.delete(schema)
    known.set(schema, ways)
    if (ways.same > most.ofOneValue)
      found.push({ path, message: `holds one value against more than ${most.ofOneValue} schemas` })
    return ways
  }
  const { all } = waysOf({ path: '', schema: root })
  if (all > most.inAll) found.push({ path: '', message: `comes to more than ${most.inAll} schemas` })
  return found.slice(0, 1)
}
