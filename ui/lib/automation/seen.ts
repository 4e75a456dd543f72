import type { JsonSchema } from '#schemas/automation/definition.ts'
import type { Names } from '#schemas/automation/expression.ts'
import { isObject, type Json } from '#schemas/automation/json.ts'

/** How deep a value is looked into, and how many names of an object are offered. */
const limits = { depth: 6, names: 60 }

const scalar = (value: unknown): string | undefined =>
  typeof value === 'number'
    ? Number.isInteger(value)
      ? 'integer'
      : 'number'
    : typeof value === 'string' || typeof value === 'boolean'
      ? typeof value
      : undefined

const open = (schema: JsonSchema, type: string): boolean =>
  schema.type === undefined || schema.type === type || (Array.isArray(schema.type) && schema.type.includes(type))

/** A schema with what a value of it shows besides: names it does not tell of, types it leaves open, the value as an example. */
function withValue(schema: JsonSchema, value: unknown, depth = limits.depth): JsonSchema {
  if (value === null || value === undefined || depth === 0) return schema
  if (Array.isArray(value))
    return open(schema, 'array')
      ? { ...schema, type: 'array', items: withValue(schema.items ?? {}, value[0], depth - 1) }
      : schema
  if (isObject(value)) {
    if (!open(schema, 'object')) return schema
    const told = schema.properties ?? {}
    const names = [...new Set([...Object.keys(told), ...Object.keys(value).slice(0, limits.names)])]
    const each = names.map((name) => [name, withValue(told[name] ?? {}, value[name], depth - 1)])
    return { ...schema, type: 'object', properties: Object.fromEntries(each) }
  }
  const type = scalar(value)
  return { ...schema, ...(schema.type === undefined && type !== undefined ? { type } : {}), examples: [value as Json] }
}

/** What an expression sees, with what it saw in a run; steps that are not in the scope stay out of it. */
export function withSeen(scope: JsonSchema, names: Names): JsonSchema {
  const properties = Object.entries(scope.properties ?? {}).map(([root, schema]) => {
    const value = names[root as keyof Names]
    if (root === 'now' || root === 'run') return [root, schema]
    if (root !== 'steps' && root !== 'errors') return [root, withValue(schema, value)]
    const held = isObject(value) ? value : {}
    const known = Object.entries(schema.properties ?? {}).map(([id, one]) => [id, withValue(one, held[id])])
    return [root, { ...schema, properties: Object.fromEntries(known) }]
  })
  return { ...scope, properties: Object.fromEntries(properties) }
}
