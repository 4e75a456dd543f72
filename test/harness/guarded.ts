import { withTenant } from '#activities/database.ts'
import { addGuardrail } from '#activities/gateway/store-guardrails.ts'
import type { GuardKindName } from '#schemas/gateway/guardrails/kind.ts'
import type { Guardrail } from '#schemas/gateway/guardrails/index.ts'
import { optionsOf } from '#schemas/gateway/guardrails/kinds.ts'
import type { Guarding } from '#schemas/steering/actions.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { TestDatabase } from './database.ts'
import type { TestGateway } from './gateway.ts'
import { until } from './until.ts'
import type { Asked, Behaviour } from './upstream.ts'

type Given = [
  ctx: Context,
  kind: GuardKindName,
  everywhere: Guarding | null,
  options?: object,
  more?: { name?: string; sides?: ('input' | 'output')[] },
]

/** A guardrail that looks both ways where its kind can, named after its kind, and acts so on everything. */
export const addGuard = (
  { db }: Pick<TestDatabase, 'db'>,
  ...[ctx, kind, everywhere, options = {}, more = {}]: Given
): Promise<Guardrail> =>
  withTenant(db, ctx, (tx) =>
    addGuardrail(tx, ctx, {
      name: kind.replaceAll('_', '-'),
      kind,
      everywhere,
      options: optionsOf(kind).parse(options) as object,
      ...more,
    }),
  )

/** The same at a gateway, once that has heard of it. */
export async function guard(gateway: TestGateway, ...given: Given): Promise<Guardrail> {
  const added = await addGuard(gateway.database, ...given)
  const { knowledge } = gateway.relaying.relay
  await until('the gateway has heard of the guardrail', async () => {
    const { guards } = await knowledge.models(given[0].tenant)
    return guards?.named.has(added.name) === true
  })
  return added
}

type Said = { text?: string; args?: string; refusal?: string; thought?: string }

/** Says this on OpenAI's wire, whole or in pieces of so many characters; what it says may depend on what it was asked. */
export const saying =
  (say: (asked: Asked) => Said, pieces = 3): Behaviour =>
  (response, asked) => {
    const { text, args, refusal, thought } = say(asked)
    const base = { id: 'chatcmpl-1', created: 1_795_000_000, model: 'gpt-5-mini' }
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    const finish = args === undefined ? 'stop' : 'tool_calls'
    const call = (more: object) => ({ index: 0, id: 'call_1', type: 'function', function: { name: 'write', ...more } })
    if (asked.body['stream'] !== true) {
      const message = {
        role: 'assistant',
        content: text ?? null,
        ...(refusal === undefined ? {} : { refusal }),
        ...(thought === undefined ? {} : { reasoning_content: thought }),
        ...(args === undefined ? {} : { tool_calls: [call({ arguments: args })] }),
      }
      const body = {
        ...base,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: finish }],
        usage,
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const chunk = (choices: object[], more: object = {}) =>
      response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...more })}\n\n`)
    const delta = (delta: object) => chunk([{ index: 0, delta, finish_reason: null }])
    delta({ role: 'assistant', content: '' })
    for (const piece of piecesOf(thought, pieces)) delta({ reasoning_content: piece })
    for (const piece of piecesOf(text, pieces)) delta({ content: piece })
    for (const piece of piecesOf(refusal, pieces)) delta({ refusal: piece })
    if (args !== undefined) delta({ tool_calls: [call({ arguments: '' })] })
    for (const piece of piecesOf(args, pieces)) delta({ tool_calls: [{ index: 0, function: { arguments: piece } }] })
    chunk([{ index: 0, delta: {}, finish_reason: finish }])
    if ((asked.body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true)
      chunk([], { usage })
    response.end('data: [DONE]\n\n')
  }

export const piecesOf = (text = '', length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, n) => text.slice(n * length, (n + 1) * length))

/** What the last turn says, where that is a text. */
export const lastOf = ({ body }: Asked): string => {
  const turns = (body['messages'] ?? body['input']) as { content: unknown }[]
  return String(turns.at(-1)?.content)
}
