import type { JsonSchema } from '../automation/json.ts'

/** What a connected system can be asked to do: what an `action` node offers. Its id is also the activity's type. */
export type Operation = {
  title: string
  system: 'crm' | 'dms' | 'mail' | 'sms' | 'leads'
  about: string
  queue: 'main' | 'connectors'
  /** Changes nothing, so a model may call it on its own and a test may repeat it. */
  reads?: true
  input: JsonSchema
  output: JsonSchema
  /** The longest one try may take, in ms. */
  tryMs?: number
}

type More = Omit<JsonSchema, 'title'>

/** The fields of an input or an output: what is not named in `optional` is always there. */
export const fields = (properties: Record<string, JsonSchema>, optional: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})

export const text = (title: string, more: More = {}): JsonSchema => ({ type: 'string', title, ...more })
export const whole = (title: string, more: More = {}): JsonSchema => ({ type: 'integer', title, ...more })
export const amount = (title: string, more: More = {}): JsonSchema => ({ type: 'number', title, ...more })
export const yes = (title: string, more: More = {}): JsonSchema => ({ type: 'boolean', title, ...more })
export const list = (title: string, items: JsonSchema, more: More = {}): JsonSchema => ({
  type: 'array',
  title,
  items,
  ...more,
})
export const titled = (title: string, schema: JsonSchema, description?: string): JsonSchema => ({
  ...schema,
  title,
  ...(description === undefined ? {} : { description }),
})

/** The same, or null where it is not known. */
export const maybe = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  type: [...(typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])), 'null'],
  ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
})
