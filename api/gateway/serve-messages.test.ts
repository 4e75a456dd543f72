import type { ServerResponse } from 'node:http'
import { APIError, APIUserAbortError } from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import * as golden from '#schemas/gateway/wires/fixtures/messages.ts'
import { useGateway } from '#test/harness/gateway.ts'
import { until } from '#test/harness/until.ts'
import { messagesEvents, messagesUntil, messagesWell } from '#test/harness/upstream-messages.ts'
import { json } from '#test/harness/upstream.ts'

const { gateway, first, second } = await useGateway({ first: messagesWell, second: messagesWell })

/** A tenant with a route `fast` to Claude at the first provider, and at the second when that fails. */
const tenant = async () => {
  const { anthropic: client, ...asker } = await gateway.tenant(
    [
      { kind: 'anthropic', name: 'one', baseUrl: first.url, apiKey: 'sk-ant-first' },
      { kind: 'anthropic', name: 'two', baseUrl: second.url, apiKey: 'sk-ant-second' },
    ],
    ['one', 'two'].map((provider) => ({ provider, model: 'claude-sonnet-4-5' })),
  )
  return { ...asker, client }
}
const question = {
  model: 'fast',
  max_tokens: 300,
  messages: [{ role: 'user' as const, content: 'What is on the lot?' }],
}

test('Anthropic’s own client gets a whole answer, and it is written down with tokens and cost', async () => {
  const { client, ctx } = await tenant()
  const { data, response } = await client.messages.create(question).withResponse()
  expect(data).toMatchObject(golden.reply)
  expect(response.headers.get('x-auterity-provider')).toBe('one')
  expect(first.asked).toMatchObject([
    {
      path: '/v1/messages',
      headers: { 'x-api-key': 'sk-ant-first' },
      body: { model: 'claude-sonnet-4-5' },
    },
  ])
  expect(await gateway.written(ctx)).toMatchObject([
    {
      id: response.headers.get('request-id'),
      operation: 'messages',
      provider: 'one',
      model: 'claude-sonnet-4-5',
      outcome: 'ok',
      input_tokens: 1112,
      cached_tokens: 1000,
      cache_write_tokens: 100,
      output_tokens: 46,
      reasoning_tokens: 20,
      // 12 × $3 + 1000 × $0.30 + 100 × $3.75 + 46 × $15, a million each
      cost_nano: '1401000',
    },
  ])
})

test('the bytes of a question are passed on as they came, but for the model’s name, with the headers of its wire', async () => {
  const { secret } = await tenant()
  const { model: _, ...said } = golden.request
  const text = `{ "messages_":1e2, ${JSON.stringify(said).slice(1, -1)} ,\n"model" : "fast"}`
  const headers = { 'x-api-key': secret, 'anthropic-beta': 'context-1m-2025-08-07', 'anthropic-version': '2024-01-01' }
  const reply = await fetch(`${gateway.anthropic}/v1/messages?beta=true`, { method: 'POST', headers, body: text })
  expect(await reply.text()).toBe(messagesEvents.join(''))
  expect(first.asked[0]?.text).toBe(text.replace('"fast"', '"claude-sonnet-4-5"'))
  expect(first.asked[0]?.headers).toMatchObject({
    'anthropic-beta': 'context-1m-2025-08-07',
    'anthropic-version': '2024-01-01',
  })
})

test('a stream comes as it was sent, with thoughts and calls, and its usage is known', async () => {
  const { client, ctx } = await tenant()
  const message = await client.messages.stream(question).finalMessage()
  expect(message.content).toMatchObject(golden.reply.content)
  expect(message.stop_reason).toBe('tool_use')
  expect(await gateway.written(ctx)).toMatchObject([
    { stream: true, outcome: 'ok', input_tokens: 1112, cached_tokens: 1000, output_tokens: 46, cost_nano: '1401000' },
  ])
})

test.each<[string, (response: ServerResponse) => void]>([
  ['is closed without its end', (response) => response.end()],
  ['breaks off', (response) => response.destroy()],
  ['brings a piece that is no JSON', (response) => response.end('event: message_stop\ndata: {"type"\n\n')],
  ['falls silent', () => {}],
  [
    'reports an error',
    (response) =>
      response.end(
        'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
      ),
  ],
])('a stream that %s in its midst is an error to who reads it, and in the log', async (_, after) => {
  const { client, ctx } = await tenant()
  first.next(messagesUntil('"A "', after))
  let text = ''
  const stream = client.messages.stream(question).on('text', (more) => (text += more))
  await expect(stream.finalMessage()).rejects.toThrow(APIError)
  expect(text).toBe('A ')
  expect(second.asked).toEqual([])
  // what was read is told at the beginning; what was said is counted by its characters
  expect(await gateway.written(ctx)).toMatchObject([
    { outcome: 'cut', provider: 'one', input_tokens: 1112, cached_tokens: 1000, output_tokens: 4 },
  ])
})

test('when who asked goes away the provider is told to stop, and what came is written down', async () => {
  const { client, ctx } = await tenant()
  first.next(messagesUntil('"A "', () => {}))
  const stream = client.messages.stream(question).on('text', () => stream.abort())
  await expect(stream.finalMessage()).rejects.toThrow(APIUserAbortError)
  await until('the provider is left', () => Promise.resolve(first.abandoned === 1))
  await until('it is written down', async () => (await gateway.written(ctx)).length === 1)
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'cancelled', input_tokens: 1112, output_tokens: 4 }])
})

test('when a provider is overloaded the next one answers; when all are, it is told in Anthropic’s words', async () => {
  const { client, ctx } = await tenant()
  const busy = json(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
  first.next(busy)
  const { response } = await client.messages.create(question).withResponse()
  expect(response.headers.get('x-auterity-provider')).toBe('two')
  first.next(busy)
  second.next((gone) => gone.destroy())
  const failed = await client.messages.create(question).catch((error: unknown) => error)
  expect(failed).toMatchObject({
    status: 502,
    error: { type: 'error', error: { type: 'api_error', message: 'The connection to the provider broke.' } },
  })
  expect((await gateway.written(ctx)).map(({ outcome, failure }) => [outcome, failure])).toEqual([
    ['ok', null],
    ['failed', 'broken'],
  ])
})

test.each([
  ['{"messages":', undefined, 400, 'invalid_request_error', 'The body is not a JSON object.'],
  ['{"model":"claude-9"}', undefined, 404, 'not_found_error', 'There is no model “claude-9” here.'],
  ['{}', 'sk-aut-unknown', 401, 'authentication_error', 'This key is unknown, revoked or has run out.'],
])('%s is refused in Anthropic’s words', async (body, key, status, type, message) => {
  const { secret } = await tenant()
  const headers = { 'x-api-key': key ?? secret }
  const reply = await fetch(`${gateway.anthropic}/v1/messages`, { method: 'POST', headers, body })
  expect([reply.status, await reply.json()]).toEqual([status, { type: 'error', error: { type, message } }])
  expect(first.asked).toEqual([])
})
