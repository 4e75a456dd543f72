import type { JsonSchema } from '../automation/json.ts'
import { budgetStruct, plainVariables, structs, type FieldType, type Struct } from './variables.ts'

/** The names that conditions see as a JSON Schema: what the editor of expressions completes from. */
export const conditionScope = (): JsonSchema => ({
  type: 'object',
  properties: {
    ...Object.fromEntries(Object.entries(structs).map(([name, struct]) => [name, objectOf(struct)])),
    tags: { ...typed['list<string>'], description: plainVariables.tags.about },
    headers: { type: 'object', additionalProperties: { type: 'string' }, description: plainVariables.headers.about },
  },
})

const objectOf = ({ about, fields }: Struct): JsonSchema => ({
  type: 'object',
  description: about,
  properties: Object.fromEntries(
    Object.entries(fields).map(([name, { type, about: description }]) => [
      name,
      type === 'Budget' ? { ...objectOf(budgetStruct), description } : { ...typed[type], description },
    ]),
  ),
})

const typed: Record<Exclude<FieldType, 'Budget'>, JsonSchema> = {
  string: { type: 'string' },
  double: { type: 'number' },
  bool: { type: 'boolean' },
  'list<string>': { type: 'array', items: { type: 'string' } },
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
}
