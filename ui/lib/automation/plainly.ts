import type { JsonSchema } from '#schemas/automation/json.ts'

/** A schema whose form takes values and no expressions, as an input is given by a person. */
export function plainly(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, plainly(one)] as const)
  // what has no fields of its own to show is written as JSON
  const open =
    (schema.type === 'object' && properties.length === 0) ||
    (schema.type === 'array' && !['object', 'string', 'number', 'integer'].includes(String(schema.items?.type)))
  return {
    ...schema,
    'x-plain': true,
    ...(open && schema['x-show'] === undefined ? { 'x-show': 'json' } : {}),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(schema.items === undefined ? {} : { items: plainly(schema.items) }),
  }
}

/** A first input to begin with: examples and defaults where the schema has them, else what is needed, empty. */
export function firstInput(schema: JsonSchema | undefined): unknown {
  if (schema === undefined) return {}
  const said = schema.examples?.[0] ?? schema.default ?? schema.enum?.[0]
  if (said !== undefined) return said
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {})
        // a switch that stands on “no” says no
        .filter(
          ([name, one]) =>
            schema.required?.includes(name) === true || one.examples !== undefined || one.type === 'boolean',
        )
        .map(([name, one]) => [name, firstInput(one)]),
    )
  const empty: Record<string, unknown> = { string: '', number: 0, integer: 0, boolean: false, array: [] }
  return empty[String(schema.type)] ?? null
}
