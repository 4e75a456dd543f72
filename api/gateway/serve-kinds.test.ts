import { RateLimitError, type OpenAI } from 'openai'
import { expect, test } from 'vitest'
import type { GivenProvider } from '#schemas/gateway/providers.ts'
import { useGateway } from '#test/harness/gateway.ts'
import { geminiEvents, geminiWell } from '#test/harness/upstream-gemini.ts'
import { json, words, well } from '#test/harness/upstream.ts'

const { gateway, google, upstream } = await useGateway({ google: geminiWell, upstream: well })

const tenant = (provider: Omit<GivenProvider, 'name'>, model: string) =>
  gateway.tenant([{ name: 'one', ...provider }], [{ provider: 'one', model }])
const gemini = () => tenant({ kind: 'gemini', baseUrl: google.url, apiKey: 'AIza-key' }, 'gemini-2.5-flash')

const content = 'What is on the lot?'
const parameters = { type: 'object', properties: { z: { type: 'number' } } }
const question = {
  model: 'fast',
  messages: [
    { role: 'system', content: 'You sell cars.' },
    { role: 'user', content },
  ],
  tools: [{ type: 'function', function: { name: 'stock', parameters } }],
  max_completion_tokens: 300,
} satisfies OpenAI.ChatCompletionCreateParams
const asMessage = { model: 'fast', max_tokens: 300, messages: [{ role: 'user' as const, content }] }

test('OpenAI’s client asks Gemini, whole and as a stream, with tools, thoughts, usage and cost', async () => {
  const { openai, ctx } = await gemini()
  const { choices, model } = await openai.chat.completions.create(question)
  expect([choices[0]?.finish_reason, model]).toEqual(['tool_calls', 'gemini-2.5-flash'])
  expect(choices[0]?.message).toMatchObject({
    content: 'A cat.',
    reasoning_content: 'Hm.',
    tool_calls: [{ function: { name: 'stock', arguments: '{"z":1}' } }],
  })
  expect(google.asked[0]).toMatchObject({
    path: '/v1/models/gemini-2.5-flash:generateContent',
    headers: { 'x-goog-api-key': 'AIza-key' },
    body: {
      systemInstruction: { parts: [{ text: 'You sell cars.' }] },
      contents: [{ role: 'user', parts: [{ text: content }] }],
      generationConfig: { maxOutputTokens: 300 },
    },
  })
  const streamed = await openai.chat.completions.stream(question).finalChatCompletion()
  expect(streamed.choices[0]?.message).toMatchObject({
    content: 'A cat.',
    tool_calls: [{ function: { name: 'stock', arguments: '{"z":1}' } }],
  })
  expect(google.asked[1]?.path).toBe('/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse')
  const row = { outcome: 'ok', input_tokens: 100, cached_tokens: 60, output_tokens: 50, reasoning_tokens: 30 }
  const rows = await gateway.written(ctx)
  expect(rows).toMatchObject([row, { ...row, stream: true, estimated: false }])
  expect(rows[0]?.cost_nano).toBe(rows[1]?.cost_nano)
  expect(Number(rows[0]?.cost_nano)).toBeGreaterThan(0)
})

test('Anthropic’s client asks Gemini, whole and as a stream', async () => {
  const { anthropic } = await gemini()
  const said = [
    { type: 'thinking', thinking: 'Hm.' },
    { type: 'text', text: 'A cat.' },
    { type: 'tool_use', name: 'stock', input: { z: 1 } },
  ]
  expect((await anthropic.messages.create(asMessage)).content).toMatchObject(said)
  expect((await anthropic.messages.stream(asMessage).finalMessage()).content).toMatchObject(said)
})

test('a stream of Gemini’s that is cut is an error to who reads it; what it told so far is counted', async () => {
  const { openai, ctx } = await gemini()
  google.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(geminiEvents.slice(0, 2).join(''))
  })
  const reading = openai.chat.completions.stream(question).finalChatCompletion()
  await expect(reading).rejects.toThrow('The stream was cut before the answer had come to its end.')
  expect(await gateway.written(ctx)).toMatchObject([
    { outcome: 'cut', input_tokens: 100, output_tokens: 2, estimated: true },
  ])
})

test('what Gemini refuses is told to OpenAI’s client as OpenAI would, with how long to wait', async () => {
  const { openai } = await gemini()
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '13s' }]
  google.next(json(429, { error: { code: 429, message: 'Quota exceeded.', status: 'RESOURCE_EXHAUSTED', details } }))
  const refused = (await openai.chat.completions.create(question).catch((error: unknown) => error)) as RateLimitError
  expect(refused).toBeInstanceOf(RateLimitError)
  expect([refused.code, refused.headers?.get('retry-after')]).toEqual(['rate_limit_exceeded', '13'])
})

test('Mistral is asked in its own words, whole and as a stream', async () => {
  const { openai, ctx } = await tenant(
    { kind: 'mistral', baseUrl: upstream.url, apiKey: 'mis' },
    'mistral-small-latest',
  )
  const { choices } = await openai.chat.completions.create({ ...question, seed: 7, tool_choice: 'required' })
  expect(choices[0]?.message.content).toBe(words.join(''))
  expect(upstream.asked[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer mis' } })
  expect(upstream.asked[0]?.body).toEqual({
    model: 'mistral-small-latest',
    messages: question.messages,
    tools: question.tools,
    tool_choice: 'any',
    max_tokens: 300,
    random_seed: 7,
  })
  let text = ''
  const stream = await openai.chat.completions.create({ ...question, stream: true })
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  expect(text).toBe(words.join(''))
  expect(upstream.asked[1]?.body).not.toHaveProperty('stream_options')
  expect((await gateway.written(ctx)).map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
})

test('Azure is asked with its own header for the key, and the bytes of a question are passed on', async () => {
  const { secret } = await tenant({ kind: 'azure', baseUrl: upstream.url, apiKey: 'azure-key' }, 'our-deployment')
  const text = '{ "model":"fast", "messages":[{"role":"user","content":"caf\\u00e9"}] }'
  const headers = { authorization: `Bearer ${secret}` }
  const reply = await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body: text })
  expect(reply.status).toBe(200)
  expect(upstream.asked[0]?.text).toBe(text.replace('"fast"', '"our-deployment"'))
  expect(upstream.asked[0]?.headers).toMatchObject({ 'api-key': 'azure-key' })
  expect(upstream.asked[0]?.headers).not.toHaveProperty('authorization')
})

test.each([
  ['vllm', 'reasoning_content'],
  ['ollama', 'reasoning'],
] as const)('Anthropic’s client hears what a model at %s thinks', async (kind, member) => {
  const { anthropic } = await tenant({ kind, baseUrl: upstream.url }, 'qwen3')
  const message = { role: 'assistant', content: 'Two.', [member]: 'Let me count.' }
  upstream.next(
    json(200, { id: 'a', model: 'qwen3', choices: [{ index: 0, message, finish_reason: 'stop' }] }),
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const pieces = [{ [member]: 'Let me ' }, { [member]: 'count.' }, { content: 'Two.' }]
      for (const delta of pieces)
        response.write(`data: {"id":"a","model":"qwen3","choices":[{"index":0,"delta":${JSON.stringify(delta)}}]}\n\n`)
      response.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    },
  )
  const said = [
    { type: 'thinking', thinking: 'Let me count.' },
    { type: 'text', text: 'Two.' },
  ]
  expect((await anthropic.messages.create(asMessage)).content).toMatchObject(said)
  expect((await anthropic.messages.stream(asMessage).finalMessage()).content).toMatchObject(said)
})
