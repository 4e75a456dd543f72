import type { ServerResponse } from 'node:http'
import { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { APIError as OpenAIError, RateLimitError } from 'openai'
import { expect, test } from 'vitest'
import { useBothWires } from '#test/harness/gateway.ts'
import { toClaude, toGpt } from '#test/harness/questions.ts'
import { messagesUntil } from '#test/harness/upstream-messages.ts'
import { json, partly, words } from '#test/harness/upstream.ts'

const { gateway, claude, gpt, tenant } = await useBothWires()

const broken: [string, (response: ServerResponse) => void][] = [
  ['is closed without its end', (response) => response.end()],
  ['breaks off', (response) => response.destroy()],
  ['brings a piece that is no JSON', (response) => response.end('data: {"choices": [\n\n')],
  ['falls silent', () => {}],
]
test.each(broken)('a stream of Claude that %s is an error to OpenAI’s client, and in the log', async (_, after) => {
  const { openai, ctx } = await tenant(['claude', 'gpt'])
  claude.next(messagesUntil('"A "', after))
  const stream = await openai.chat.completions.create({ ...toClaude, stream: true })
  let text = ''
  const reading = (async () => {
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  })()
  await expect(reading).rejects.toThrow(OpenAIError)
  expect(text).toBe('A ')
  expect(gpt.asked).toEqual([])
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'cut', provider: 'claude', input_tokens: 1112 }])
})
test.each(broken)(
  'a stream of OpenAI’s that %s is an error to Anthropic’s client, and in the log',
  async (_, after) => {
    const { anthropic, ctx } = await tenant(['gpt', 'claude'])
    gpt.next(partly(4, after))
    let text = ''
    const stream = anthropic.messages.stream(toGpt).on('text', (more) => (text += more))
    await expect(stream.finalMessage()).rejects.toThrow(AnthropicError)
    expect(text).toBe('The north lot')
    expect(claude.asked).toEqual([])
    expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'cut', provider: 'gpt' }])
  },
)

test('who fails over from OpenAI to Claude and back sees nothing of it but the answer', async () => {
  const { openai, anthropic } = await tenant(['claude', 'gpt'])
  const busy = json(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
  claude.next(
    messagesUntil('message_start', (response) => response.destroy()),
    busy,
  )
  const stream = await openai.chat.completions.create({ ...toClaude, stream: true })
  let text = ''
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  expect(text).toBe(words.join(''))
  expect((await anthropic.messages.stream(toGpt).finalMessage()).content).toMatchObject([{ text: words.join('') }])
})

test('what Claude refuses is told to OpenAI’s client as OpenAI would', async () => {
  const said = (type: string, message: string) => ({ type: 'error', error: { type, message } })
  claude.next(
    json(400, said('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum')),
    json(529, said('overloaded_error', 'Overloaded')),
    json(429, said('rate_limit_error', 'Slow down.'), { 'retry-after': '7' }),
  )
  // each of a tenant of its own: who was told to slow down is not asked again at once
  const refused = async () => {
    const { openai } = await tenant(['claude'])
    return openai.chat.completions.create(toClaude).catch((error: unknown) => error)
  }
  expect(await refused()).toMatchObject({ status: 400, code: 'context_length_exceeded', type: 'invalid_request_error' })
  expect(await refused()).toMatchObject({ status: 503, type: 'server_error' })
  const limited = (await refused()) as RateLimitError
  expect(limited).toBeInstanceOf(RateLimitError)
  expect([limited.code, limited.headers?.get('retry-after')]).toEqual(['rate_limit_exceeded', '7'])
})

test('what a model of OpenAI’s wire refuses is told to Anthropic’s client as Anthropic would', async () => {
  const { anthropic } = await tenant(['gpt'])
  gpt.next(
    json(404, { error: { message: 'No such model.', type: 'invalid_request_error', code: 'model_not_found' } }),
    json(503, { error: { message: 'Busy.', type: 'server_error' } }),
  )
  const refused = () => anthropic.messages.create(toGpt).catch((error: unknown) => error)
  expect(await refused()).toMatchObject({
    status: 404,
    error: { type: 'error', error: { type: 'not_found_error', message: 'No such model.' } },
  })
  expect(await refused()).toMatchObject({ status: 529, error: { error: { type: 'overloaded_error' } } })
})

test('what a model cannot be asked goes to one that can, and is refused where there is none, unless it may be left out', async () => {
  const odd = { ...toClaude, seed: 7, n: 2, user: 'u-1' }
  const both = await tenant(['claude', 'gpt'])
  const { response } = await both.openai.chat.completions.create(odd).withResponse()
  expect(response.headers.get('x-auterity-provider')).toBe('gpt')
  expect(claude.asked).toEqual([])

  const { openai, ctx } = await tenant(['claude'])
  await expect(openai.chat.completions.create(odd)).rejects.toMatchObject({
    status: 400,
    code: 'cannot_be_said',
    message: expect.stringContaining('messages gives one answer. messages has no seed.'),
  })
  expect(claude.asked).toEqual([])
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'refused', failure: 'invalid', provider: null }])
  const left = await openai.chat.completions.create(odd, { headers: { 'x-auterity-unsaid': 'drop' } }).withResponse()
  expect(left.response.headers.get('x-auterity-unsaid')).toMatch(/^\/choices \/seed /)
  expect(claude.asked[0]?.body).not.toHaveProperty('seed')
})

test.each([
  ['{"model":"fast","messages":[{"role":"user"}]}', '/messages/0/content is missing.', 'messages.0.content'],
  ['{"model":"fast","messages":[tru]}', 'The body is not JSON.', null],
])('a question that cannot be read is refused with its mistake: %s', async (body, message, param) => {
  const { secret } = await tenant(['claude'])
  const headers = { authorization: `Bearer ${secret}` }
  const reply = await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body })
  expect([reply.status, await reply.json()]).toMatchObject([400, { error: { message, param } }])
  expect(claude.asked).toEqual([])
})
