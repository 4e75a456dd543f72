import type { ServerResponse } from 'node:http'
import { APIError, AuthenticationError, RateLimitError, type OpenAI } from 'openai'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { revokeVirtualKey, rotateVirtualKey } from '#activities/gateway/store-keys.ts'
import { useGateway, type TestGateway } from '#test/harness/gateway.ts'
import { until } from '#test/harness/until.ts'
import { chunksOf, json, partly, words, well } from '#test/harness/upstream.ts'

const { gateway, first, second } = await useGateway({ first: well, second: well })

/** A tenant with a route `fast` to the first provider, and to the second when that fails. */
const tenant = async (models: string[] | null = null) => {
  const { openai: client, ...asker } = await gateway.tenant(
    [
      { kind: 'openai', name: 'one', baseUrl: first.url, apiKey: 'sk-first-provider' },
      { kind: 'compatible', name: 'two', baseUrl: second.url },
    ],
    ['one', 'two'].map((provider) => ({ provider, model: 'gpt-5-mini' })),
    { models },
  )
  return { ...asker, client }
}
const written = (ctx: Parameters<TestGateway['written']>[0]) => gateway.written(ctx)
const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'What is on the lot?' }] }

test('OpenAI’s own client gets a whole answer, and it is written down with tokens and cost', async () => {
  const { client, ctx, key } = await tenant()
  const { data, response } = await client.chat.completions.create(question).withResponse()
  expect(data.choices[0]?.message.content).toBe(words.join(''))
  expect(response.headers.get('x-auterity-provider')).toBe('one')
  expect(first.asked).toMatchObject([
    {
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-first-provider' },
      body: { model: 'gpt-5-mini' },
    },
  ])
  expect(await written(ctx)).toMatchObject([
    {
      id: response.headers.get('x-request-id'),
      key_id: key,
      asked: 'fast',
      alias: 'fast',
      provider: 'one',
      model: 'gpt-5-mini',
      outcome: 'ok',
      status: 200,
      input_tokens: 1000,
      cached_tokens: 500,
      output_tokens: 100,
      reasoning_tokens: 20,
      // 500 × $0.25 + 500 × $0.025 + 100 × $2, a million each
      cost_nano: '337500',
      tags: { store: 'north' },
    },
  ])
})

test('the bytes of a question are passed on as they came, but for the model’s name', async () => {
  const { client } = await tenant()
  const text = '{ "messages" :[{"role":"user","content":"caf\\u00e9 \\ud83d"}],\n"model":"fast","odd":1e2, "seed": 7}'
  const headers = { authorization: `Bearer ${client.apiKey}`, 'content-type': 'application/json' }
  expect((await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body: text })).status).toBe(200)
  expect(first.asked[0]?.text).toBe(text.replace('"fast"', '"gpt-5-mini"'))
})

test('a stream comes as it was sent; its usage is known here, and told only to who asks for it', async () => {
  const { client, ctx } = await tenant()
  const read = async (more: object) => {
    const chunks: OpenAI.ChatCompletionChunk[] = []
    const stream = await client.chat.completions.create({ ...question, ...more, stream: true })
    for await (const chunk of stream) chunks.push(chunk)
    return chunks
  }
  const plain = await read({})
  expect(plain.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(words.join(''))
  for (const chunk of plain) expect(chunk).not.toHaveProperty('usage')
  const told = await read({ stream_options: { include_usage: true } })
  expect(told.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 1000 } })
  expect((await written(ctx)).map((row) => [row.stream, row.output_tokens, row.cost_nano])).toEqual([
    [true, 100, '337500'],
    [true, 100, '337500'],
  ])
})

test('embeddings are answered too', async () => {
  const { client, ctx } = await tenant()
  const { data } = await client.embeddings.create({
    model: 'one/text-embedding-3-small',
    input: 'red',
    encoding_format: 'float',
  })
  expect(data[0]?.embedding).toEqual([0.25, -0.5])
  expect(await written(ctx)).toMatchObject([{ operation: 'embeddings', input_tokens: 8, cost_nano: '160' }])
})

test.each([
  ['is overloaded', json(503, { error: { message: 'Busy.', type: 'server_error' } })],
  [
    'allows no more for now',
    json(429, { error: { message: 'Slow down.', code: 'rate_limit_exceeded' } }, { 'retry-after': '7' }),
  ],
  ['sends what is no JSON', (response: ServerResponse): void => void response.end('{"choices": [')],
  ['hangs up', (response: ServerResponse): void => void response.destroy()],
] as const)('when a provider %s, the next one answers', async (_, behaviour) => {
  const { client, ctx } = await tenant()
  first.next(behaviour)
  const { response } = await client.chat.completions.create(question).withResponse()
  expect(response.headers.get('x-auterity-provider')).toBe('two')
  const [row] = await written(ctx)
  expect(row).toMatchObject({ outcome: 'ok', provider: 'two', attempts: [{ provider: 'one' }, { provider: 'two' }] })
  const [one, two] = row!.attempts
  expect(two!.at).toBeGreaterThanOrEqual(one!.at + one!.ms)
})

test('a stream that dies before its first word fails over; the caller sees nothing of it', async () => {
  const { client } = await tenant()
  first.next(partly(0, (response) => response.destroy()))
  const stream = await client.chat.completions.create({ ...question, stream: true })
  let text = ''
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  expect(text).toBe(words.join(''))
  expect(second.asked).toHaveLength(1)
})

test.each<[string, (response: ServerResponse) => void]>([
  ['is closed without its end', (response) => response.end()],
  ['breaks off', (response) => response.destroy()],
  ['brings a piece that is no JSON', (response) => response.end('data: {"choices": [\n\ndata: [DONE]\n\n')],
  ['falls silent', () => {}],
  [
    'reports an error',
    (response) => response.end('data: {"error":{"message":"Out of memory.","type":"server_error"}}\n\n'),
  ],
])('a stream that %s in its midst is an error to who reads it, and in the log', async (_, after) => {
  const { client, ctx } = await tenant()
  first.next(partly(4, after))
  const stream = await client.chat.completions.create({ ...question, stream: true })
  let text = ''
  const reading = (async () => {
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  })()
  await expect(reading).rejects.toThrow(APIError)
  expect(text).toBe('The north lot')
  expect(second.asked).toEqual([])
  const [row] = await written(ctx)
  // nobody has told them: four characters make a token
  expect(row).toMatchObject({ outcome: 'cut', provider: 'one', input_tokens: 9, output_tokens: 4, estimated: true })
  expect(row!.cost_nano).toBe(String(9 * 250 + 4 * 2000))
})

test('a stream that ends well and tells no usage is billed by what was asked and what came, which is said', async () => {
  const { client, ctx } = await tenant()
  first.next((response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`${chunksOf(body).slice(0, -1).join('')}data: [DONE]\n\n`)
  })
  for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) void chunk
  expect(await written(ctx)).toMatchObject([{ outcome: 'ok', input_tokens: 9, output_tokens: 6, estimated: true }])
})

test('when who asked goes away the provider is told to stop, and what came is written down', async () => {
  const { client, ctx } = await tenant()
  first.next(partly(4, () => {}))
  const stream = await client.chat.completions.create({ ...question, stream: true })
  for await (const { choices } of stream) if (choices[0]?.delta.content === ' lot') break
  await until('the provider is left', () => Promise.resolve(first.abandoned === 1))
  await until('it is written down', async () => (await written(ctx)).length === 1)
  expect((await written(ctx))[0]).toMatchObject({ outcome: 'cancelled', output_tokens: 4 })
})

test('what a provider refuses for good is passed on in its own words, and nobody else is asked', async () => {
  const { client, ctx } = await tenant()
  const error = { message: 'max_tokens is too large', type: 'invalid_request_error', param: 'max_tokens', code: 'odd' }
  first.next(json(400, { error }))
  await expect(client.chat.completions.create(question)).rejects.toMatchObject({ status: 400, error })
  expect(second.asked).toEqual([])
  expect(await written(ctx)).toMatchObject([{ outcome: 'failed', status: 400, failure: 'invalid', cost_nano: null }])
})

test('when all fail, the last failure is the answer, with how long to wait', async () => {
  const { client } = await tenant()
  const busy = json(429, { error: { message: 'Slow down.' } }, { 'retry-after': '7' })
  first.next(busy)
  second.next(busy)
  const failed = await client.chat.completions.create(question).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(RateLimitError)
  expect((failed as RateLimitError).headers?.get('retry-after')).toBe('7')
})

test('a key asks for what it may, and is told what that is', async () => {
  const { client } = await tenant(['other'])
  await expect(client.chat.completions.create(question)).rejects.toMatchObject({
    status: 403,
    code: 'model_not_allowed',
  })
  expect((await client.models.list()).data).toEqual([])
  const all = await tenant()
  expect((await all.client.models.list()).data.map(({ id }) => id)).toEqual(['fast'])
  await expect(all.client.chat.completions.create({ ...question, model: 'gpt-9' })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  })
})

test('a revoked key is refused from then on, a rotated one goes on for its overlap', async () => {
  const { client, ctx, key } = await tenant()
  const { db } = gateway.database
  const next = await withTenant(db, ctx, (tx) => rotateVirtualKey(tx, ctx, key, 1))
  await client.chat.completions.create(question)
  await client.withOptions({ apiKey: next.key }).chat.completions.create(question)
  await withTenant(db, ctx, (tx) => revokeVirtualKey(tx, ctx, key))
  const refused = () =>
    client.chat.completions.create(question).then(
      () => false,
      (error: unknown) => error instanceof AuthenticationError,
    )
  await until('the key is refused', refused)
})

test.each([
  ['{"messages":', 400, 'The body is not a JSON object.'],
  ['[]', 400, 'The body is not a JSON object.'],
  ['{}', 400, 'Say which model you ask: `model` is a text.'],
  ['{"model":7}', 400, 'Say which model you ask: `model` is a text.'],
  ['{"model":"fast","stream":"yes"}', 400, '`stream` is true or false.'],
])('the body %s is answered with what is wrong with it', async (body, status, message) => {
  const { client } = await tenant()
  const headers = { authorization: `Bearer ${client.apiKey}` }
  const reply = await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body })
  expect([reply.status, await reply.json()]).toMatchObject([status, { error: { message } }])
  expect(first.asked).toEqual([])
})
