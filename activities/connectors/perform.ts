import { Validator, type Schema } from '@cfworker/json-schema'
import type { Call } from '#schemas/automation/call.ts'
import { isObject, type Json, type JsonObject, type JsonSchema } from '#schemas/automation/json.ts'
import { operations, type OperationId } from '#schemas/connectors/operations.ts'
import { Fault } from '#schemas/errors.ts'

export type OperationCall = Call<{ input: JsonObject }>
export type Perform = (call: OperationCall) => Promise<Json>

const validators = new Map<string, Validator>()

/**
 * An operation as an activity: its input is checked against its schema before anything outside hears of it. The
 * schema is what `Input` says, so that is the one cast.
 */
export const performing =
  <Input>(id: OperationId, work: (input: Input, call: OperationCall) => Promise<Json> | Json): Perform =>
  async (call) =>
    work(checked(id, call.input) as Input, call)

/** What was given, without what stands empty and may: a form leaves `''`, an expression gives null. */
const checked = (id: OperationId, input: JsonObject): JsonObject => {
  const schema = operations[id]?.input ?? {}
  const given = Object.fromEntries(
    Object.entries(input).filter(
      ([name, value]) => (value !== null && value !== '') || schema.required?.includes(name) === true,
    ),
  )
  const validator = validators.get(id) ?? new Validator(schema as Schema, '2020-12', false)
  validators.set(id, validator)
  const { valid, errors } = validator.validate(given)
  if (valid) return given
  const issues = errors
    .filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items')
    .map(({ instanceLocation, error }) => ({ path: instanceLocation.slice(1), message: error }))
  const [first] = issues
  const what = first === undefined ? '' : ` ${nameOf(schema, first.path)} ${first.message}`
  throw new Fault('invalid', `“${operations[id]?.title}” cannot work with this input.${what}`, { issues })
}

/** The title of the field that a pointer names, as deep as titles go. */
const nameOf = (schema: JsonSchema, pointer: string): string => {
  let at: unknown = schema
  let title = 'Input'
  for (const part of pointer.split('/').slice(1)) {
    const inside = isObject(at) ? (isObject(at['properties']) ? at['properties'][part] : at['items']) : undefined
    if (isObject(inside) && typeof inside['title'] === 'string') title = inside['title']
    at = inside
  }
  return `“${title}”:`
}

/** What makes a write safe to repeat: the same for every try of a step, and for a run that repeats another. */
export const keyOf = ({ origin, path = '', step, part }: OperationCall): string =>
  part === undefined ? `${origin}:${path}${step}` : `${origin}:${path}${step}:${part}`
