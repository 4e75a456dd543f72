/** A value as JSON carries it: what flows between the nodes of a run. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/**
 * JSON Schema (2020-12), as far as definitions use it. Annotations of ours say how the builder shows a field:
 * `x-show` names the control (`cel`, `text`, `code`, `duration`, `credential`, …), `x-words` what it calls the values of
 * an `enum`, `x-plain` forbids expressions in it.
 */
export type JsonSchema = {
  type?: string | readonly string[]
  title?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: readonly string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  enum?: readonly Json[]
  const?: Json
  default?: Json
  examples?: readonly Json[]
  anyOf?: readonly JsonSchema[]
  oneOf?: readonly JsonSchema[]
  allOf?: readonly JsonSchema[]
  if?: JsonSchema
  then?: JsonSchema
  $schema?: string
  $ref?: string
  $defs?: Record<string, JsonSchema>
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  minProperties?: number
  maxProperties?: number
  'x-show'?: string
  'x-words'?: Readonly<Record<string, string>>
  'x-plain'?: boolean
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same text for the same value, whatever the order its keys were written in: what content hashes are made of. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .flatMap((key) => (value[key] === undefined ? [] : [[key, sorted(value[key])]])),
  )
}

/** Whether two values are the same JSON. */
export const same = (a: unknown, b: unknown): boolean => a === b || canonical(a) === canonical(b)
