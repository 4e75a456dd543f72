import { APIError, RateLimitError, type OpenAI } from 'openai'
import { expect, test } from 'vitest'
import { useGateway } from '#test/harness/gateway.ts'
import { authorizationOf, bedrockFrames, bedrockWell } from '#test/harness/upstream-bedrock.ts'
import { json } from '#test/harness/upstream.ts'

const { gateway, bedrock } = await useGateway({ bedrock: bedrockWell })

const model = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'
const tenant = (apiKey: string) =>
  gateway.tenant(
    [{ kind: 'bedrock', name: 'one', baseUrl: new URL(bedrock.url).origin, apiKey }],
    [{ provider: 'one', model }],
  )
const content = 'What is on the lot?'
const question = {
  model: 'fast',
  messages: [{ role: 'user', content }],
  tools: [{ type: 'function', function: { name: 'stock', parameters: { type: 'object' } } }],
  max_completion_tokens: 300,
} satisfies OpenAI.ChatCompletionCreateParams

test('a model at Bedrock is asked with an access key, which signs each request as AWS wants it', async () => {
  const { openai, ctx } = await tenant('AKIAEXAMPLE:wJalr/secret+key:a:token')
  const { choices, ...answer } = await openai.chat.completions.create(question)
  expect(choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      content: 'A cat.',
      tool_calls: [{ id: 'tooluse_1', function: { name: 'stock', arguments: '{"z":1}' } }],
    },
  })
  expect(answer).toMatchObject({ model, usage: { prompt_tokens: 1112, completion_tokens: 46 } })
  const [asked] = bedrock.asked
  expect(asked?.path).toBe(`/model/${encodeURIComponent(model)}/converse`)
  expect(asked?.headers['authorization']).toBe(authorizationOf(asked!, 'AKIAEXAMPLE', 'wJalr/secret+key'))
  expect(asked?.headers).toMatchObject({ 'x-amz-security-token': 'a:token' })
  expect(asked?.body).toMatchObject({
    messages: [{ role: 'user', content: [{ text: content }] }],
    inferenceConfig: { maxTokens: 300 },
  })
  expect(await gateway.written(ctx)).toMatchObject([
    { outcome: 'ok', model, input_tokens: 1112, cached_tokens: 1000, cache_write_tokens: 100, output_tokens: 46 },
  ])
})

test('its streams come in frames of AWS, and reach both clients as their own', async () => {
  const { openai, anthropic, ctx } = await tenant('AKIAEXAMPLE:secret')
  const streamed = await openai.chat.completions.stream(question).finalChatCompletion()
  expect(streamed).toMatchObject({ model })
  expect(streamed.choices[0]?.message).toMatchObject({
    content: 'A cat.',
    tool_calls: [{ function: { name: 'stock', arguments: '{"z":1}' } }],
  })
  const [asked] = bedrock.asked
  expect(asked?.path).toBe(`/model/${encodeURIComponent(model)}/converse-stream`)
  expect(asked?.headers['authorization']).toBe(authorizationOf(asked!, 'AKIAEXAMPLE', 'secret'))
  const asMessage = { model: 'fast', max_tokens: 300, messages: [{ role: 'user' as const, content }] }
  const message = await anthropic.messages.stream(asMessage).finalMessage()
  expect(message).toMatchObject({
    model,
    stop_reason: 'tool_use',
    content: [{ text: 'A cat.' }, { type: 'tool_use', name: 'stock', input: { z: 1 } }],
    usage: { input_tokens: 12, cache_read_input_tokens: 1000, output_tokens: 46 },
  })
  const row = { stream: true, outcome: 'ok', input_tokens: 1112, output_tokens: 46, estimated: false }
  const rows = await gateway.written(ctx)
  expect(rows).toMatchObject([row, row])
  expect(Number(rows[0]?.cost_nano)).toBeGreaterThan(0)
})

test('a key of Bedrock’s own is sent as it is', async () => {
  const { openai } = await tenant('ABSKQmVkcm9ja0FQSUtleQ==')
  await openai.chat.completions.create(question)
  expect(bedrock.asked[0]?.headers['authorization']).toBe('Bearer ABSKQmVkcm9ja0FQSUtleQ==')
})

test.each([
  ['is cut between two frames', () => bedrockFrames.slice(0, 2)],
  ['is cut within a frame', () => [...bedrockFrames.slice(0, 2), bedrockFrames[2]!.subarray(0, 20)]],
  [
    'has a frame with a bit wrong',
    () => [...bedrockFrames.slice(0, 2), bedrockFrames[2]!.map((byte, at) => (at === 30 ? byte ^ 1 : byte))],
  ],
] as const)('a stream that %s is an error to who reads it, and in the log', async (_, frames) => {
  const { openai, ctx } = await tenant('AKIAEXAMPLE:secret')
  bedrock.next((response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    for (const frame of frames()) response.write(frame)
    response.end()
  })
  let text = ''
  const stream = await openai.chat.completions.create({ ...question, stream: true })
  const reading = (async () => {
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  })()
  await expect(reading).rejects.toThrow(APIError)
  expect(text).toBe('A ')
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'cut', failure: 'broken', estimated: true }])
})

test('what Bedrock throttles is told as OpenAI would', async () => {
  const { openai } = await tenant('AKIAEXAMPLE:secret')
  bedrock.next(json(429, { message: 'Too many requests.' }, { 'x-amzn-errortype': 'ThrottlingException' }))
  await expect(openai.chat.completions.create(question)).rejects.toThrow(RateLimitError)
})
