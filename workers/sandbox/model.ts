import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { answer, misbehaviourOf } from './model-answer.ts'
import { fromChat } from './model-conversation.ts'
import { ChatRequest } from './model-request.ts'
import { bearer, readJson } from './requests.ts'

/** The name it has behind either wire. */
export const MODEL = 'sandbox-lead-1'
const SLOW = 2000
const CREATED = Date.UTC(2026, 10, 1) / 1000

export const modelErrorBody = (
  message: string,
  type: string,
  code: string | null = null,
  param: string | null = null,
) => ({
  error: { message, type, param, code },
})

/** Tokens as the sandbox counts them: words and marks. No real tokenizer is meant. */
const split = (text: string): string[] => text.match(/\s*[\p{L}\p{N}]+|\s*[^\s\p{L}\p{N}]|\s+$/gu) ?? []

/** The same request always gets the same answer id. */
const idOf = (request: ChatRequest): string =>
  `chatcmpl-sandbox-${createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 24)}`

/** A language model behind OpenAI's wire that answers leads by rules: `GET /models`, `POST /chat/completions`. */
export const createModel = (key: string): Hono => {
  const app = new Hono()
  const card = { id: MODEL, object: 'model', created: CREATED, owned_by: 'sandbox' }
  app.use(async (c, next) => {
    c.header('x-sandbox', 'true')
    if (bearer(c) === key) return next()
    const body = modelErrorBody('Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key')
    return c.json(body, 401)
  })
  app.get('/models', (c) => c.json({ object: 'list', data: [card] }))
  app.get('/models/:model', (c) => {
    if (c.req.param('model') === MODEL) return c.json(card)
    return c.json(modelErrorBody('The model does not exist.', 'invalid_request_error', 'model_not_found', 'model'), 404)
  })

  app.post('/chat/completions', async (c) => {
    const parsed = ChatRequest.safeParse(await readJson(c))
    if (!parsed.success) {
      const param = parsed.error.issues[0]?.path.join('.') ?? null
      return c.json(modelErrorBody(z.prettifyError(parsed.error), 'invalid_request_error', null, param), 400)
    }
    const request = parsed.data
    if (request.model !== MODEL) {
      const message = `The model \`${request.model}\` does not exist or you do not have access to it.`
      return c.json(modelErrorBody(message, 'invalid_request_error', 'model_not_found', 'model'), 404)
    }
    const conversation = fromChat(request)
    const wrong = misbehaviourOf(conversation)
    if (wrong === 'error') return c.json(modelErrorBody('The server had an error.', 'server_error'), 500)
    if (wrong === 'slow') await sleep(SLOW)

    const limit = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY
    const said = answer(conversation)
    const calls = 'calls' in said ? said.calls : []
    const toolCalls = calls.map(({ name, input }, at) => ({
      id: `call_${idOf(request)}_${at}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
    }))
    const all = split('text' in said ? said.text : JSON.stringify(toolCalls))
    const tokens = all.slice(0, limit)
    const finish = tokens.length < all.length ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop'
    const prompt = request.messages.reduce((sum, { content }) => sum + split(JSON.stringify(content ?? '')).length, 0)
    const usage = { prompt_tokens: prompt, completion_tokens: tokens.length, total_tokens: prompt + tokens.length }
    const head = {
      id: idOf(request),
      created: Math.floor(Date.now() / 1000),
      model: MODEL,
      system_fingerprint: 'sandbox',
    }
    if (request.stream !== true) {
      const message = {
        role: 'assistant',
        ...(calls.length > 0 ? { content: null, tool_calls: toolCalls } : { content: tokens.join('') }),
        refusal: null,
      }
      const choices = [{ index: 0, message, logprobs: null, finish_reason: finish }]
      return c.json({ ...head, object: 'chat.completion', choices, usage })
    }
    const withUsage = request.stream_options?.include_usage === true
    return streamSSE(c, async (stream) => {
      const send = (delta: object, reason: string | null = null) => {
        const choices = [{ index: 0, delta, logprobs: null, finish_reason: reason }]
        const chunk = { ...head, object: 'chat.completion.chunk', choices, ...(withUsage ? { usage: null } : {}) }
        return stream.writeSSE({ data: JSON.stringify(chunk) })
      }
      await send({ role: 'assistant', content: '' })
      if (calls.length > 0) await send({ tool_calls: toolCalls.map((call, index) => ({ index, ...call })) })
      else for (const content of tokens) await send({ content })
      await send({}, finish)
      if (withUsage)
        await stream.writeSSE({
          data: JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage }),
        })
      await stream.writeSSE({ data: '[DONE]' })
    })
  })
  app.all('*', (c) =>
    c.json(modelErrorBody(`Unknown request URL: ${c.req.path}.`, 'invalid_request_error', 'unknown_url'), 404),
  )
  return app
}
