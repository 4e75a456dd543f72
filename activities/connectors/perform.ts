import type { Call } from '#schemas/automation/call.ts'
import { checker } from '#schemas/automation/document/sentences.ts'
import type { Json, JsonObject } from '#schemas/automation/json.ts'
import { operations, type OperationId } from '#schemas/connectors/operations.ts'
import { Fault } from '#schemas/errors.ts'

export type OperationCall = Call<{ input: JsonObject }>
export type Perform = (call: OperationCall) => Promise<Json>

const checkers = new Map<string, ReturnType<typeof checker>>()

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
  const check = checkers.get(id) ?? checker(schema)
  checkers.set(id, check)
  const misfits = check(given)
  if (misfits.length === 0) return given
  const issues = misfits.map(({ path, message }) => ({ path, message }))
  throw new Fault('invalid', `“${operations[id]?.title}” cannot work with this input. ${issues[0]?.message}`, {
    issues,
  })
}

/** What makes a write safe to repeat: the same for every try of a step, and for a run that repeats another. */
export const keyOf = ({ origin, path = '', step, part }: OperationCall): string =>
  part === undefined ? `${origin}:${path}${step}` : `${origin}:${path}${step}:${part}`
