import type { ServerResponse } from 'node:http'
import { APIError as AnthropicError, type Anthropic } from '@anthropic-ai/sdk'
import { APIError as OpenAIError, RateLimitError, type OpenAI } from 'openai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as chatGolden from '#schemas/gateway/wires/fixtures/chat.ts'
import { startGateway, type TestGateway } from '#test/harness/gateway.ts'
import { messagesUntil, messagesWell } from '#test/harness/upstream-messages.ts'
import { json, partly, startUpstream, words, type Behaviour, type TestUpstream } from '#test/harness/upstream.ts'

let gateway: TestGateway
let claude: TestUpstream
let gpt: TestUpstream

beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(async () => {
  ;[claude, gpt] = await Promise.all([startUpstream(messagesWell), startUpstream()])
  return async () => {
    await claude[Symbol.asyncDispose]()
    await gpt[Symbol.asyncDispose]()
  }
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** A tenant whose route `fast` leads to these, in turn. */
const tenant = (...names: ('claude' | 'gpt' | 'local')[]) =>
  gateway.tenant(
    [
      { kind: 'anthropic', name: 'claude', baseUrl: claude.url, apiKey: 'sk-ant' },
      { kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' },
      { kind: 'compatible', name: 'local', baseUrl: gpt.url },
    ],
    names.map((provider) => ({ provider, model: provider === 'claude' ? 'claude-sonnet-4-5' : 'gpt-5-mini' })),
  )
const content = 'What is on the lot?'
const parameters = { type: 'object', properties: { z: { type: 'number' } }, required: ['z'] }
const pixel = 'iVBORw0KGgo='

const toClaude = {
  model: 'fast',
  messages: [
    { role: 'system', content: 'You sell cars.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: content },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'stock', arguments: '{"z":2}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'two' },
  ],
  tools: [{ type: 'function', function: { name: 'stock', description: 'How many are left', parameters } }],
  tool_choice: 'auto',
  max_completion_tokens: 300,
  temperature: 0.2,
  stop: ['END'],
} satisfies OpenAI.ChatCompletionCreateParams

test('OpenAI’s client asks Claude: system, image, tools and results go there, thought, text, call and usage come back', async () => {
  const { openai, ctx } = await tenant('claude')
  const { data, response } = await openai.chat.completions.create(toClaude).withResponse()
  const [asked] = claude.asked
  expect(asked).toMatchObject({
    path: '/v1/messages',
    headers: { 'x-api-key': 'sk-ant', 'anthropic-version': '2023-06-01' },
  })
  expect(asked?.body).toEqual({
    model: 'claude-sonnet-4-5',
    max_tokens: 300,
    system: 'You sell cars.',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: content },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'stock', input: { z: 2 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'two' }] },
    ],
    tools: [{ name: 'stock', description: 'How many are left', input_schema: parameters }],
    tool_choice: { type: 'auto' },
    temperature: 0.2,
    stop_sequences: ['END'],
  })
  const [choice] = data.choices
  expect(choice?.finish_reason).toBe('tool_calls')
  expect(choice?.message).toMatchObject({
    content: 'A cat.',
    reasoning_content: 'Let me see.',
    tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'stock', arguments: '{"z":1}' } }],
  })
  expect(Math.abs(data.created - Date.now() / 1000)).toBeLessThan(60)
  expect(data.usage).toMatchObject({ prompt_tokens: 1112, completion_tokens: 46 })
  expect(data.usage?.prompt_tokens_details).toMatchObject({ cached_tokens: 1000, cache_write_tokens: 100 })
  expect(await gateway.written(ctx)).toMatchObject([
    {
      id: response.headers.get('x-request-id'),
      operation: 'chat',
      provider: 'claude',
      outcome: 'ok',
      input_tokens: 1112,
      cached_tokens: 1000,
      cost_nano: '1401000',
    },
  ])
})

test.each([true, false])(
  'a stream of Claude comes as OpenAI’s, with its usage if that is asked for: %s',
  async (told) => {
    const { openai, ctx } = await tenant('claude')
    const stream = openai.chat.completions.stream({
      model: 'fast',
      messages: [{ role: 'user', content }],
      max_tokens: 300,
      ...(told ? { stream_options: { include_usage: true } } : {}),
    })
    const chunks: OpenAI.ChatCompletionChunk[] = []
    stream.on('chunk', (chunk) => void chunks.push(chunk))
    const { choices, usage, created } = await stream.finalChatCompletion()
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'A cat.',
        tool_calls: [{ id: 'toolu_1', function: { name: 'stock', arguments: '{"z":1}' } }],
      },
    })
    expect(created).toBeGreaterThan(1_700_000_000)
    if (told) expect(usage).toMatchObject({ prompt_tokens: 1112, completion_tokens: 46 })
    else for (const chunk of chunks) expect(chunk.usage ?? null).toBeNull()
    expect(claude.asked[0]?.body).toMatchObject({ stream: true })
    expect(await gateway.written(ctx)).toMatchObject([
      { stream: true, outcome: 'ok', input_tokens: 1112, output_tokens: 46, cost_nano: '1401000' },
    ])
  },
)

const toGpt = {
  model: 'fast',
  max_tokens: 300,
  system: 'You sell cars.',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: content, cache_control: { type: 'ephemeral' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_7', name: 'stock', input: { z: 2 } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_7', content: 'two' }] },
  ],
  tools: [
    { name: 'stock', description: 'How many are left', input_schema: { ...parameters, type: 'object' as const } },
  ],
  tool_choice: { type: 'any' },
  output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
  stop_sequences: ['END'],
} satisfies Anthropic.MessageCreateParams

const calls: Behaviour = (response, { body }) => {
  if (body['stream'] !== true) return json(200, chatGolden.reply)(response)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chatGolden.chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  return response.end('data: [DONE]\n\n')
}

test('Anthropic’s client asks a model of OpenAI’s wire: tools, images and the shape of the answer go there', async () => {
  const { anthropic, ctx } = await tenant('local')
  gpt.next(calls)
  const { data, response } = await anthropic.messages.create(toGpt).withResponse()
  expect(gpt.asked[0]).toMatchObject({ path: '/v1/chat/completions' })
  expect(gpt.asked[0]?.body).toEqual({
    model: 'gpt-5-mini',
    messages: [
      { role: 'system', content: 'You sell cars.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: content },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'toolu_7', type: 'function', function: { name: 'stock', arguments: '{"z":2}' } }],
      },
      { role: 'tool', tool_call_id: 'toolu_7', content: 'two' },
    ],
    tools: [{ type: 'function', function: { name: 'stock', description: 'How many are left', parameters } }],
    tool_choice: 'required',
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
    max_tokens: 300,
    stop: ['END'],
  })
  expect(data).toMatchObject({
    type: 'message',
    role: 'assistant',
    stop_reason: 'tool_use',
    content: [
      { type: 'text', text: 'A cat.' },
      { type: 'tool_use', id: 'call_1', name: 'stock', input: { z: 1 } },
    ],
    usage: { input_tokens: 17, cache_read_input_tokens: 1000, cache_creation_input_tokens: 100, output_tokens: 46 },
  })
  expect(response.headers.get('x-auterity-unsaid')).toContain('/turns/1/parts/0/cache')
  expect(await gateway.written(ctx)).toMatchObject([
    {
      id: response.headers.get('request-id'),
      operation: 'messages',
      provider: 'local',
      outcome: 'ok',
      input_tokens: 1117,
      cached_tokens: 1000,
      output_tokens: 46,
    },
  ])
})

test('a stream of OpenAI’s wire comes as Anthropic’s, calls that took turns one after another', async () => {
  const { anthropic, ctx } = await tenant('gpt')
  gpt.next(calls)
  const { model, max_tokens } = toGpt
  const stream = anthropic.messages.stream({ model, max_tokens, messages: [{ role: 'user', content }] })
  const message = await stream.finalMessage()
  expect(gpt.asked[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  expect(message).toMatchObject({
    stop_reason: 'tool_use',
    content: [
      { type: 'text', text: 'A cat.' },
      { type: 'tool_use', id: 'call_1', name: 'stock', input: { z: 1 } },
      { type: 'tool_use', id: 'call_2', name: 'price', input: {} },
    ],
    usage: { input_tokens: 4, cache_read_input_tokens: 5, output_tokens: 4 },
  })
  expect(await gateway.written(ctx)).toMatchObject([
    { stream: true, outcome: 'ok', input_tokens: 9, cached_tokens: 5, output_tokens: 4 },
  ])
})

const broken: [string, (response: ServerResponse) => void][] = [
  ['is closed without its end', (response) => response.end()],
  ['breaks off', (response) => response.destroy()],
  ['brings a piece that is no JSON', (response) => response.end('data: {"choices": [\n\n')],
  ['falls silent', () => {}],
]
test.each(broken)('a stream of Claude that %s is an error to OpenAI’s client, and in the log', async (_, after) => {
  const { openai, ctx } = await tenant('claude', 'gpt')
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
    const { anthropic, ctx } = await tenant('gpt', 'claude')
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
  const { openai, anthropic } = await tenant('claude', 'gpt')
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
  const { openai } = await tenant('claude')
  const said = (type: string, message: string) => ({ type: 'error', error: { type, message } })
  claude.next(
    json(400, said('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum')),
    json(529, said('overloaded_error', 'Overloaded')),
    json(429, said('rate_limit_error', 'Slow down.'), { 'retry-after': '7' }),
  )
  const refused = () => openai.chat.completions.create(toClaude).catch((error: unknown) => error)
  expect(await refused()).toMatchObject({ status: 400, code: 'context_length_exceeded', type: 'invalid_request_error' })
  expect(await refused()).toMatchObject({ status: 503, type: 'server_error' })
  const limited = (await refused()) as RateLimitError
  expect(limited).toBeInstanceOf(RateLimitError)
  expect([limited.code, limited.headers?.get('retry-after')]).toEqual(['rate_limit_exceeded', '7'])
})

test('what a model of OpenAI’s wire refuses is told to Anthropic’s client as Anthropic would', async () => {
  const { anthropic } = await tenant('gpt')
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
  const both = await tenant('claude', 'gpt')
  const { response } = await both.openai.chat.completions.create(odd).withResponse()
  expect(response.headers.get('x-auterity-provider')).toBe('gpt')
  expect(claude.asked).toEqual([])

  const { openai, ctx } = await tenant('claude')
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
  const { secret } = await tenant('claude')
  const headers = { authorization: `Bearer ${secret}` }
  const reply = await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body })
  expect([reply.status, await reply.json()]).toMatchObject([400, { error: { message, param } }])
  expect(claude.asked).toEqual([])
})
