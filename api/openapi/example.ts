type Schema = {
  example?: unknown
  examples?: unknown[]
  default?: unknown
  const?: unknown
  enum?: unknown[]
  type?: string | string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  propertyNames?: { enum?: string[] }
  items?: Schema
  minimum?: number
  format?: string
}

const byFormat: Record<string, unknown> = {
  email: 'dana@example.com',
  uri: 'https://example.com',
  'date-time': '2026-11-21T10:15:00.000Z',
}

const plain = ({ type, format = '', minimum = 1 }: Schema): unknown => {
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return byFormat[format] ?? 'text'
    case 'integer':
    case 'number':
      return Math.max(minimum, 1)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return {}
  }
}

const givenIn = (schema: Schema): unknown =>
  [schema.example, schema.examples?.[0], schema.const, schema.default, schema.enum?.[0]].find(
    (one) => one !== undefined,
  )

/**
 * An example of a JSON schema: the one it carries, else one made of those of its parts. What may be left out is, unless it
 * says itself what it looks like: an example is sent as it stands.
 */
export function exampleOf(schema: Schema): unknown {
  const found = givenIn(schema)
  if (found !== undefined) return found
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice !== undefined) return exampleOf(choice)
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(exampleOf))
  if (schema.properties !== undefined)
    return Object.fromEntries(
      Object.entries(schema.properties)
        .filter(([name, part]) => schema.required?.includes(name) === true || givenIn(part) !== undefined)
        .map(([name, part]) => [name, exampleOf(part)]),
    )
  const { additionalProperties: each, propertyNames } = schema
  if (typeof each === 'object' && propertyNames?.enum !== undefined)
    return Object.fromEntries(propertyNames.enum.map((name) => [name, exampleOf(each)]))
  return schema.items === undefined ? plain(schema) : [exampleOf(schema.items)]
}
