import type { Json, JsonSchema } from '#schemas/automation/json.ts'

export type FieldKind = 'text' | 'long' | 'number' | 'switch' | 'choice' | 'choices' | 'date' | 'json'
export type FormField = {
  name: string
  title: string
  hint: string | undefined
  required: boolean
  kind: FieldKind
  schema: JsonSchema
}
/** What stands in the controls: texts as they are typed, choices as they are made. */
export type Typed = Record<string, string | boolean | readonly string[]>

const longer = 200

const kindOf = (schema: JsonSchema): FieldKind => {
  const { type, format, maxLength = 0, items } = schema
  if (schema.enum !== undefined) return 'choice'
  if (type === 'boolean') return 'switch'
  if (type === 'number' || type === 'integer') return 'number'
  if (type === 'array' && items?.enum !== undefined) return 'choices'
  if (type !== 'string') return 'json'
  if (format === 'date') return 'date'
  return maxLength > longer || schema['x-show'] === 'long-text' ? 'long' : 'text'
}

/** The fields of an object, in the order of its schema. */
export const fieldsOf = (schema: JsonSchema): FormField[] =>
  Object.entries(schema.properties ?? {}).map(([name, one]) => ({
    name,
    title: one.title ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`,
    hint: one.description,
    required: schema.required?.includes(name) ?? false,
    kind: kindOf(one),
    schema: one,
  }))

/** What the controls begin with: the defaults, as text. */
export const begin = (fields: readonly FormField[]): Typed =>
  Object.fromEntries(fields.map((field) => [field.name, beginOf(field)]))

const beginOf = ({ kind, schema }: FormField): Typed[string] => {
  const usual = schema.default
  if (kind === 'switch') return usual === true
  if (kind === 'choices') return Array.isArray(usual) ? usual.map((one) => JSON.stringify(one)) : []
  if (usual === undefined) return ''
  return typeof usual === 'string' && kind !== 'choice' && kind !== 'json' ? usual : JSON.stringify(usual)
}

/** The values that were typed; what was left empty is left out. What cannot be read goes as it is, to be refused. */
export const valuesOf = (fields: readonly FormField[], typed: Typed): Record<string, Json> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = valueOf(field, typed[field.name])
      return value === undefined ? [] : [[field.name, value]]
    }),
  )

const valueOf = ({ kind, required }: FormField, typed: Typed[string] | undefined): Json | undefined => {
  if (typeof typed === 'boolean') return typed
  if (typeof typed === 'object') return typed.length > 0 || required ? typed.map(read) : undefined
  if (typed === undefined || typed.trim() === '') return undefined
  if (kind === 'number') return Number.isNaN(Number(typed)) ? typed : Number(typed)
  return kind === 'choice' || kind === 'json' ? read(typed) : typed
}

const read = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** A value as a person reads it. */
export const valueWords = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (Array.isArray(value)) return value.map(valueWords).join(', ')
  if (value === null || value === undefined) return '—'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
