import type { Definition, Json, JsonObject, Variable } from './definition.ts'

type Held = Exclude<Variable['type'], 'any'>
const inWords: Record<Held, string> = {
  string: 'a text',
  number: 'a number',
  boolean: 'yes or no',
  object: 'an object',
  list: 'a list',
}
const typeOf = (value: Exclude<Json, null>): Held =>
  Array.isArray(value) ? 'list' : (typeof value as Exclude<Held, 'list'>)

/** Why a variable cannot hold a value, in a sentence; nothing where it can. Any may be empty. */
export function misfitOf({ name, type }: Pick<Variable, 'name' | 'type'>, value: Json): string | undefined {
  if (type === 'any' || value === null || typeOf(value) === type) return undefined
  return `“${name}” holds ${inWords[type]}, and this is ${inWords[typeOf(value)]}.`
}

/** What the variables of a run begin with. */
export const initialOf = ({ variables = [] }: Definition): JsonObject =>
  Object.fromEntries(variables.map(({ name, initial }) => [name, initial ?? null]))
