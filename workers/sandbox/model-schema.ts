type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Schema = { readonly [key: string]: unknown }

/** What might stand in a field of this name and schema; undefined where there is no idea. */
export type Guess = (name: string, schema: Schema) => unknown

type Around = { root: unknown; guess: Guess; name: string; depth: number }

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** Schemas may name themselves; nobody needs an answer that is deeper. */
const deepest = 12

/**
 * A value that a JSON Schema allows (types, enum, const, allOf, anyOf, `$defs` by `$ref`, formats, lengths, bounds),
 * keeping `wish` where it fits, and what `guess` has an idea of where there is no wish.
 */
export const fit = (schema: unknown, wish: unknown, guess: Guess = () => undefined): Json =>
  fitIn(schema, wish, { root: schema, guess, name: 'answer', depth: 0 })

const fitIn = (given: unknown, wish: unknown, around: Around): Json => {
  const schema = resolved(given, around.root)
  if (schema === null || around.depth > deepest) return null
  if ('const' in schema) return schema['const'] as Json
  const wanted = wish === undefined ? around.guess(around.name, schema) : wish
  if (Array.isArray(schema['enum'])) return (schema['enum'].includes(wanted) ? wanted : schema['enum'][0]) as Json
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices)) return fitIn(choice(choices, wanted, around.root), wanted, around)
  switch (typeOf(schema, wanted)) {
    case 'object':
      return objectOf(schema, wanted, around)
    case 'array':
      return arrayOf(schema, wanted, around)
    case 'string':
      return stringOf(schema, wanted)
    case 'integer':
      return numberOf(schema, wanted, Math.ceil)
    case 'number':
      return numberOf(schema, wanted, (value) => value)
    case 'boolean':
      return wanted === true
    case 'any':
      return wanted === undefined ? null : (wanted as Json)
    default:
      return null
  }
}

const resolved = (given: unknown, root: unknown): Schema | null => {
  if (!isSchema(given)) return given === true ? {} : null
  const ref = given['$ref']
  if (typeof ref === 'string') {
    let target: unknown = root
    for (const key of ref.split('/').slice(1)) target = isSchema(target) ? target[key] : undefined
    return resolved(target, root)
  }
  const parts = given['allOf']
  if (!Array.isArray(parts)) return given
  return parts.reduce<Schema>((all, part) => {
    const more = resolved(part, root) ?? {}
    const properties = { ...(all['properties'] as object), ...(more['properties'] as object) }
    return { ...all, ...more, ...(Object.keys(properties).length === 0 ? {} : { properties }) }
  }, given)
}

/** The choice that takes what is wanted; without a wish none where that is allowed. */
const choice = (choices: unknown[], wanted: unknown, root: unknown): unknown => {
  const is = (type: string) => choices.find((one) => [resolved(one, root)?.['type']].flat().includes(type))
  const type = wanted === null || wanted === undefined ? 'null' : Array.isArray(wanted) ? 'array' : typeof wanted
  return is(type) ?? (type === 'number' ? is('integer') : undefined) ?? choices[0]
}

const typeOf = (schema: Schema, wanted: unknown): string => {
  const types = [schema['type']].flat().filter((one): one is string => typeof one === 'string')
  if (types.length === 0) return schema['properties'] === undefined ? 'any' : 'object'
  if (types.includes('null') && (wanted === undefined || wanted === null)) return 'null'
  const own = Array.isArray(wanted) ? 'array' : typeof wanted
  return types.find((type) => type === own) ?? types.find((type) => type !== 'null') ?? 'null'
}

const objectOf = (schema: Schema, wanted: unknown, around: Around): Json => {
  const wishes = isSchema(wanted) ? wanted : {}
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  const names = new Set([...Object.keys(properties), ...required])
  return Object.fromEntries(
    [...names].map((name) => {
      const part = properties[name] ?? {}
      return [name, fitIn(part, wishes[name], { ...around, name, depth: around.depth + 1 })]
    }),
  )
}

const arrayOf = (schema: Schema, wanted: unknown, around: Around): Json => {
  const least = number(schema['minItems']) ?? 0
  const wishes: unknown[] = Array.isArray(wanted) ? wanted : []
  const length = Math.min(Math.max(wishes.length, least), number(schema['maxItems']) ?? Number.POSITIVE_INFINITY)
  return Array.from({ length }, (_, at) =>
    fitIn(schema['items'] ?? {}, wishes[at], { ...around, depth: around.depth + 1 }),
  )
}

const formats: Readonly<Record<string, [RegExp, string]>> = {
  email: [/^\S+@\S+\.\S+$/, 'customer@example.com'],
  'date-time': [/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?.*(Z|[+-]\d\d:\d\d)$/, '2026-11-23T09:00:00Z'],
  date: [/^\d{4}-\d\d-\d\d$/, '2026-11-23'],
  time: [/^\d\d:\d\d:\d\d/, '09:00:00Z'],
  duration: [/^P/, 'P1D'],
  uri: [/^\w+:/, 'https://example.com/'],
  uuid: [/^[0-9a-f-]{36}$/i, '00000000-0000-4000-8000-000000000000'],
}

const stringOf = (schema: Schema, wanted: unknown): string => {
  const said = typeof wanted === 'string' ? wanted : typeof wanted === 'number' ? String(wanted) : ''
  const [form, usual] = formats[String(schema['format'])] ?? []
  const fitting = form === undefined || usual === undefined || form.test(said) ? said : usual
  const most = number(schema['maxLength']) ?? Number.POSITIVE_INFINITY
  return [...fitting]
    .slice(0, most)
    .join('')
    .padEnd(number(schema['minLength']) ?? 0, '.')
}

const numberOf = (schema: Schema, wanted: unknown, round: (value: number) => number): number => {
  const said = typeof wanted === 'string' ? Number.parseFloat(wanted.replaceAll(',', '')) : wanted
  const value = typeof said === 'number' && Number.isFinite(said) ? said : 0
  const above = number(schema['exclusiveMinimum'])
  const below = number(schema['exclusiveMaximum'])
  const least = number(schema['minimum']) ?? (above === undefined ? Number.NEGATIVE_INFINITY : above + 1)
  const most = number(schema['maximum']) ?? (below === undefined ? Number.POSITIVE_INFINITY : below - 1)
  return Math.min(round(Math.max(value, least)), most)
}
