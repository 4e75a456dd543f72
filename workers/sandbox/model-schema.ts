type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Schema = { readonly [key: string]: unknown }

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value that a JSON schema (types, enum, const, anyOf, `$defs` by `$ref`) allows, keeping `wish` where it fits. */
export const fit = (schema: unknown, wish: unknown, root: unknown = schema): Json => {
  if (!isSchema(schema)) return null
  const ref = schema['$ref']
  if (typeof ref === 'string') {
    let target: unknown = root
    for (const key of ref.split('/').slice(1)) target = isSchema(target) ? target[key] : undefined
    return fit(target, wish, root)
  }
  if ('const' in schema) return schema['const'] as Json
  if (Array.isArray(schema['enum'])) return (schema['enum'].includes(wish) ? wish : schema['enum'][0]) as Json
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices)) return fit(choices[0], wish, root)
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  switch (type) {
    case 'object': {
      const wishes = isSchema(wish) ? wish : {}
      const properties = isSchema(schema['properties']) ? schema['properties'] : {}
      return Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, fit(part, wishes[key], root)]))
    }
    case 'array':
      return Array.isArray(wish) ? wish.map((item) => fit(schema['items'], item, root)) : []
    case 'string':
      return typeof wish === 'string' ? wish : ''
    case 'integer':
    case 'number':
      return typeof wish === 'number' ? wish : typeof schema['minimum'] === 'number' ? schema['minimum'] : 0
    case 'boolean':
      return wish === true
    default:
      return null
  }
}
