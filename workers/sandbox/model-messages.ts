import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { z } from 'zod'
import { answer, misbehaviourOf } from './model-answer.ts'
import type { Conversation } from './model-conversation.ts'
import { bearer, readJson } from './requests.ts'

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  name: z.string().optional(),
  content: z.unknown().optional(),
})
const Content = z.union([z.string(), z.array(Block)])

/** The part of Anthropic's Messages request that the sandbox model acts on. */
const MessagesRequest = z.object({
  model: z.string(),
  max_tokens: z.int().min(1),
  system: Content.optional(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: Content })).min(1),
  tools: z
    .array(z.object({ name: z.string().regex(/^[\w-]{1,64}$/), input_schema: z.record(z.string(), z.unknown()) }))
    .default([]),
  tool_choice: z
    .object({ type: z.enum(['auto', 'any', 'none', 'tool']), name: z.string().optional() })
    .default({ type: 'auto' }),
  output_config: z
    .object({
      format: z.object({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).optional(),
    })
    .default({}),
})
type MessagesRequest = z.output<typeof MessagesRequest>

const blocksOf = (content: z.output<typeof Content>): z.output<typeof Block>[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content

const textOf = (blocks: z.output<typeof Block>[]): string =>
  blocks
    .flatMap(({ type, text, content }) =>
      type === 'text'
        ? [text ?? '']
        : type === 'tool_result'
          ? [typeof content === 'string' ? content : JSON.stringify(content)]
          : [],
    )
    .join('\n')

const fromMessages = ({
  system,
  messages,
  tools,
  tool_choice: { type, name },
  output_config,
}: MessagesRequest): Conversation => {
  const all = messages.map(({ role, content }) => ({ role, blocks: blocksOf(content) }))
  return {
    turns: [
      ...(system === undefined ? [] : [{ role: 'system' as const, text: textOf(blocksOf(system)) }]),
      ...all.map(({ role, blocks }) => ({
        role: blocks.some((block) => block.type === 'tool_result') ? ('tool' as const) : role,
        text: textOf(blocks),
      })),
    ],
    tools: tools.map((tool) => ({ name: tool.name, schema: tool.input_schema })),
    called: all.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.type === 'tool_use' ? [block.name ?? ''] : [])),
    ),
    choice: type === 'tool' ? { name: name ?? '' } : type,
    shape: output_config.format?.schema ?? null,
  }
}

const refusal = (type: string, message: string) => ({ type: 'error', error: { type, message } })

/** The same model behind Anthropic's wire: `POST /v1/messages`, whole answers only. */
export const createMessages = (key: string, model: string): Hono => {
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('x-sandbox', 'true')
    if ((c.req.header('x-api-key') ?? bearer(c)) === key) return next()
    return c.json(refusal('authentication_error', 'invalid x-api-key'), 401)
  })
  app.post('/v1/messages', async (c) => {
    const parsed = MessagesRequest.safeParse(await readJson(c))
    if (!parsed.success) return c.json(refusal('invalid_request_error', z.prettifyError(parsed.error)), 400)
    const request = parsed.data
    if (request.model !== model) return c.json(refusal('not_found_error', `model: ${request.model}`), 404)
    const conversation = fromMessages(request)
    const wrong = misbehaviourOf(conversation)
    if (wrong === 'error') return c.json(refusal('api_error', 'Internal server error'), 500)
    if (wrong === 'slow') await sleep(2000)
    const said = answer(conversation)
    const id = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 24)
    const content =
      'text' in said
        ? [{ type: 'text', text: said.text }]
        : said.calls.map(({ name, input }, at) => ({ type: 'tool_use', id: `toolu_sandbox_${id}_${at}`, name, input }))
    return c.json({
      id: `msg_sandbox_${id}`,
      type: 'message',
      role: 'assistant',
      model,
      content,
      stop_reason: 'text' in said ? 'end_turn' : 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: JSON.stringify(request.messages).length, output_tokens: JSON.stringify(content).length },
    })
  })
  app.all('*', (c) => c.json(refusal('not_found_error', `Unknown path ${c.req.path}`), 404))
  return app
}
