import { checker } from './document/sentences.ts'
import type { JsonObject, JsonSchema } from './json.ts'

/** What is wrong with a field of an input, by JSON pointer from `/input`. */
export type InputIssue = { path: string; message: string }

/** What of an input is not of the shape that the automation declares; nothing where it declares none. */
export function inputIssues(schema: JsonSchema | undefined, input: JsonObject): InputIssue[] {
  if (schema === undefined) return []
  return checkerOf(schema)(input).map(({ path, message }) => ({ path: `/input${path}`, message }))
}

/** A form asks on every key press. */
const checkers = new WeakMap<JsonSchema, ReturnType<typeof checker>>()
const checkerOf = (schema: JsonSchema): ReturnType<typeof checker> => {
  const made = checkers.get(schema) ?? checker(schema)
  checkers.set(schema, made)
  return made
}
