import * as fc from 'fast-check'

/** A JSON schema (2020-12) of the subset that the OpenAPI document uses; what is not known here allows anything. */
export type Schema = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  example?: unknown
}

/** Text that breaks parsers, databases and screens: NUL, lone surrogates, controls, signs of other scripts, much of it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
  fc.constantFrom('', ' ', '\0', 'a\0b', '\ud800', '\udfff\ud800', '\u202e\u2066', "' or 1=1 --", '../../etc/passwd'),
  fc.constantFrom('%00', '%', '%ff', '💥'.repeat(9), '-1', '1e999', 'NaN', 'null', '__proto__', 'x'.repeat(70_000)),
)

const hostileNumber = fc.constantFrom(-1, 0, -0, 0.1, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, Number.MIN_VALUE)
const deep = (levels: number): unknown => (levels === 0 ? 0 : [deep(levels - 1)])

/** Any JSON value, most of it unpleasant. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  hostileText,
  hostileNumber,
  fc.constantFrom(null, true, [], {}, [null], deep(200), { __proto__: null, constructor: 1, toString: 2 }),
)

const text = ({
  pattern,
  format,
  minLength = 0,
  maxLength = minLength + 80,
  example,
}: Schema): fc.Arbitrary<string> => {
  const shape = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  const fits = (one: string) => one.length >= minLength && one.length <= maxLength && (shape?.test(one) ?? true)
  if (format === 'email') return fc.stringMatching(/^[a-z0-9]{1,12}@[a-z]{1,9}\.[a-z]{2,6}$/)
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }).map((at) => at.toISOString())
  if (shape === undefined)
    return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 200) }).filter(fits)
  if (/\(\?[=!<]/.test(pattern ?? '')) return fc.constant(String(example))
  return fc.stringMatching(shape, { maxLength: Math.min(maxLength, 200) }).filter(fits)
}

const shaped = (schema: Schema, inner: (schema: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  const { minimum = -(2 ** 31), maximum = 2 ** 31 } = schema
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(inner))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => inner({ ...schema, type })))
  if (schema.type === 'string') return text(schema)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'integer')
    return fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31 - 1) })
  if (schema.type === 'number') return fc.double({ min: minimum, max: maximum, noNaN: true })
  if (schema.type === 'array') {
    const { minItems: minLength = 0, maxItems: maxLength = minLength + 4 } = schema
    return fc.array(inner(schema.items ?? {}), { minLength, maxLength: Math.min(maxLength, minLength + 4) })
  }
  if (schema.properties !== undefined)
    return fc.record(Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, inner(part)])), {
      requiredKeys: schema.required ?? [],
    })
  if (schema.type === 'object') {
    const values = typeof schema.additionalProperties === 'object' ? inner(schema.additionalProperties) : fc.jsonValue()
    return fc.dictionary(schema.propertyNames === undefined ? fc.string() : text(schema.propertyNames), values, {
      maxKeys: 4,
    })
  }
  return fc.jsonValue()
}

/** Values of the schema. */
export const valid = (schema: Schema): fc.Arbitrary<unknown> => shaped(schema, valid)

/** Values that are almost of the schema: here and there something of another kind, missing, too much, too large. */
export const nearly = (schema: Schema): fc.Arbitrary<unknown> => {
  const here = shaped({ ...schema, required: [] }, nearly)
  const more = fc
    .tuple(here, fc.oneof(fc.constantFrom('__proto__', 'constructor', 'id', 'tenant'), hostileText), hostileJson)
    .map(([value, name, extra]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.defineProperty({ ...value }, name, { value: extra, enumerable: true, configurable: true })
        : value,
    )
  return fc.oneof(
    { weight: 6, arbitrary: here },
    { weight: 2, arbitrary: valid(schema) },
    { weight: 1, arbitrary: more },
    { weight: 1, arbitrary: schema.type === 'string' ? hostileText : hostileJson },
  )
}
