import type { OpenAI } from 'openai'
import { expect, test } from 'vitest'
import * as chatGolden from '#schemas/gateway/wires/fixtures/chat.ts'
import { useBothWires } from '#test/harness/gateway.ts'
import { content, parameters, pixel, toClaude, toGpt } from '#test/harness/questions.ts'
import { json, type Behaviour } from '#test/harness/upstream.ts'

const { gateway, claude, gpt, tenant } = await useBothWires()

test('OpenAI’s client asks Claude: system, image, tools and results go there, thought, text, call and usage come back', async () => {
  const { openai, ctx } = await tenant(['claude'])
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
    const { openai, ctx } = await tenant(['claude'])
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

const calls: Behaviour = (response, { body }) => {
  if (body['stream'] !== true) return json(200, chatGolden.reply)(response)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chatGolden.chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  return response.end('data: [DONE]\n\n')
}

test('Anthropic’s client asks a model of OpenAI’s wire: tools, images and the shape of the answer go there', async () => {
  const { anthropic, ctx } = await tenant(['local'])
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
  const { anthropic, ctx } = await tenant(['gpt'])
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
