import { Validator, type Schema } from '@cfworker/json-schema'
import type { JsonObject, JsonSchema } from './json.ts'

/** What is wrong with a field of an input, by JSON pointer from `/input`. */
export type InputIssue = { path: string; message: string }

/** What of an input is not of the shape that the automation declares; nothing where it declares none. */
export function inputIssues(schema: JsonSchema | undefined, input: JsonObject): InputIssue[] {
  if (schema === undefined) return []
  const { valid, errors } = new Validator(schema as Schema, '2020-12', false).validate(input)
  if (valid) return []
  return errors
    .filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items')
    .map(({ instanceLocation, error }) => ({ path: `/input${instanceLocation.slice(1)}`, message: error }))
}
