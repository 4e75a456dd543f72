import type { ServerResponse } from 'node:http'
import type { Caller, Models } from '#activities/gateway/store-known.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'

/** The names that a key may ask for, in their order. */
const namesOf = ({ models: allowed }: Caller, { routes }: Models): string[] =>
  [...routes.keys()].filter((name) => allowed === null || allowed.includes(name)).toSorted()

const inOpenai = (id: string): object => ({ id, object: 'model', created: 0, owned_by: 'auterity' })
/** Of an alias nobody knows when it was made, nor what it can do: whom it leads to may be another one tomorrow. */
const inAnthropic = (id: string): object => ({
  type: 'model',
  id,
  display_name: id,
  created_at: '1970-01-01T00:00:00Z',
  capabilities: null,
  lifecycle: 'active',
  deprecated_at: null,
})

/** The models there are, or the one of the name that a path ends with, as clients of a wire know them. */
export const modelsIn = (
  wire: 'chat' | 'messages',
  caller: Caller,
  models: Models,
  named: string | undefined,
): { body: object } | Failure => {
  const names = namesOf(caller, models)
  const say = wire === 'chat' ? inOpenai : inAnthropic
  if (named !== undefined) {
    const name = names.find((one) => one === named || encodeURIComponent(one) === named)
    return name === undefined
      ? failure('not_found', `There is no model “${named}” here.`, { code: 'model_not_found', param: 'model' })
      : { body: say(name) }
  }
  const data = names.map(say)
  if (wire === 'chat') return { body: { object: 'list', data } }
  return { body: { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null } }
}

export const answerJson = (response: ServerResponse, body: object): void => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
