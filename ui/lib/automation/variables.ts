import type { JsonSchema, Variable } from '#schemas/automation/definition.ts'

type Type = Variable['type']

const empty: Partial<Record<Type, unknown>> = { string: '', number: 0, boolean: false, list: [], object: {} }
const types: Partial<Record<Type, string>> = { number: 'number', boolean: 'boolean', list: 'array', object: 'object' }

/** What a variable of a type begins as: with nothing in it, sums and conditions fail. */
export const emptyOf = (type: Type): unknown => empty[type]

/** How a value of a variable is written: lists and objects as JSON, what may be anything as a text. */
export const shapeOf = (type: Type): JsonSchema => ({
  type: types[type] ?? 'string',
  ...(type === 'list' || type === 'object' ? { 'x-show': 'json' } : {}),
})
