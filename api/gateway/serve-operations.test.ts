import { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { APIError, type OpenAI } from 'openai'
import { expect, test } from 'vitest'
import * as golden from '#schemas/gateway/wires/fixtures/responses.ts'
import { useBothWires } from '#test/harness/gateway.ts'
import { completionsWell, responsesEvents, responsesWell } from '#test/harness/upstream-responses.ts'
import { json, words } from '#test/harness/upstream.ts'

const { gateway, claude, gpt, tenant } = await useBothWires()

const stock = { type: 'object', properties: { z: { type: 'number' } } }
const question = {
  model: 'fast',
  instructions: 'You sell cars.',
  input: 'What is on the lot?',
  tools: [{ type: 'function', name: 'stock', parameters: stock, strict: false }],
  max_output_tokens: 300,
} satisfies OpenAI.Responses.ResponseCreateParams

test('responses are passed on to OpenAI as they are, whole and as a stream, and their usage is known', async () => {
  const { openai, ctx } = await tenant(['gpt'])
  gpt.next(responsesWell, responsesWell)
  const whole = await openai.responses.create(question)
  expect(whole).toMatchObject({ id: 'resp_1', output_text: 'A cat.', output: golden.output })
  expect(gpt.asked[0]).toMatchObject({ path: '/v1/responses', body: { ...question, model: 'gpt-5-mini' } })
  const streamed = await openai.responses.stream(question).finalResponse()
  expect(streamed.output_text).toBe('A cat.')
  const row = { operation: 'responses', outcome: 'ok', input_tokens: 36, cached_tokens: 20, output_tokens: 87 }
  expect(await gateway.written(ctx)).toMatchObject([row, { ...row, stream: true, reasoning_tokens: 40 }])
})

test('a stream of responses that breaks off is an error to who reads it, and in the log', async () => {
  const { openai, ctx } = await tenant(['gpt'])
  gpt.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const first = responsesEvents.findIndex((event) => event.includes('output_text.delta'))
    for (const event of responsesEvents.slice(0, first + 1)) response.write(event)
    response.write(': \n\n', () => response.destroy())
  })
  const stream = await openai.responses.create({ ...question, stream: true })
  let text = ''
  const reading = (async () => {
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
  })()
  await expect(reading).rejects.toThrow(APIError)
  expect(text).toBe('A ')
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'cut', failure: 'broken' }])
})

test.each(['claude', 'local'] as const)('responses of %s come in the form of OpenAI’s', async (provider) => {
  const { openai, ctx } = await tenant([provider])
  const whole = await openai.responses.create(question)
  const text = provider === 'claude' ? 'A cat.' : words.join('')
  expect(whole).toMatchObject({ object: 'response', status: 'completed', output_text: text })
  expect(Math.abs(whole.created_at - Date.now() / 1000)).toBeLessThan(provider === 'claude' ? 60 : Infinity)
  const streamed = await openai.responses.stream(question).finalResponse()
  expect(streamed.output_text).toBe(text)
  if (provider === 'claude') {
    const call = { type: 'function_call', call_id: 'toolu_1', name: 'stock', arguments: '{"z":1}' }
    expect(whole.output).toContainEqual(expect.objectContaining(call))
    expect(streamed.output).toContainEqual(expect.objectContaining(call))
    expect(claude.asked[0]?.body).toMatchObject({ system: 'You sell cars.', tools: [{ name: 'stock' }] })
  }
  const row = { operation: 'responses', outcome: 'ok', provider }
  expect(await gateway.written(ctx)).toMatchObject([row, { ...row, stream: true }])
})

test('an answer that only OpenAI keeps cannot be gone on with elsewhere, and that is said', async () => {
  const { openai } = await tenant(['claude'])
  await expect(openai.responses.create({ ...question, previous_response_id: 'resp_1' })).rejects.toMatchObject({
    status: 400,
    code: 'cannot_be_said',
    param: 'previous_response_id',
  })
})

test('completions are passed on to who has them, and asked as a chat of who has not', async () => {
  const { openai, ctx } = await tenant(['local'])
  gpt.next(completionsWell, completionsWell)
  const asked = { model: 'fast', prompt: 'On the lot there are', max_tokens: 9 }
  expect((await openai.completions.create(asked)).choices[0]?.text).toBe(' two.')
  const chunks: OpenAI.Completion[] = []
  for await (const chunk of await openai.completions.create({ ...asked, stream: true })) chunks.push(chunk)
  expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual([' two.'])
  expect(gpt.asked[1]).toMatchObject({ path: '/v1/completions', body: { stream_options: { include_usage: true } } })
  const row = { operation: 'completions', outcome: 'ok', input_tokens: 5, output_tokens: 3 }
  expect(await gateway.written(ctx)).toMatchObject([row, { ...row, stream: true }])

  const other = await tenant(['claude'])
  expect((await other.openai.completions.create(asked)).choices[0]).toMatchObject({ text: 'A cat.' })
  let text = ''
  for await (const { choices } of await other.openai.completions.create({ ...asked, stream: true }))
    text += choices[0]?.text ?? ''
  expect(text).toBe('A cat.')
})

test('embeddings are not asked of who has none', async () => {
  const { openai } = await tenant(['claude'])
  await expect(openai.embeddings.create({ model: 'fast', input: 'red' })).rejects.toMatchObject({ status: 404 })
  expect(claude.asked).toEqual([])
})

test('tokens are counted by Anthropic for its models, and for others about, which is said', async () => {
  const counted = { model: 'fast', messages: [{ role: 'user' as const, content: 'What is on the north lot today?' }] }
  const { anthropic, ctx } = await tenant(['claude'])
  expect(await anthropic.messages.countTokens(counted)).toEqual({ input_tokens: 2095 })
  expect(claude.asked[0]).toMatchObject({ path: '/v1/messages/count_tokens', body: { model: 'claude-sonnet-4-5' } })
  expect(await gateway.written(ctx)).toMatchObject([{ operation: 'count_tokens', outcome: 'ok', input_tokens: null }])

  const other = await tenant(['gpt'])
  expect(await other.anthropic.messages.countTokens(counted)).toEqual({ input_tokens: 12, estimated: true })
  expect(gpt.asked).toEqual([])
  expect(await gateway.written(other.ctx)).toMatchObject([{ operation: 'count_tokens', outcome: 'ok', provider: null }])
  await expect(other.anthropic.messages.countTokens({ ...counted, messages: [{}] as never })).rejects.toMatchObject({
    status: 400,
    error: { error: { type: 'invalid_request_error', message: '/messages/0/role is missing.' } },
  })
})

test('both clients are told which models there are, and of one that there is not', async () => {
  const { openai, anthropic } = await tenant(['gpt'])
  expect((await openai.models.list()).data).toMatchObject([{ id: 'fast', object: 'model' }])
  expect(await openai.models.retrieve('fast')).toMatchObject({ id: 'fast', object: 'model' })
  await expect(openai.models.retrieve('slow')).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  const { data, has_more } = await anthropic.models.list()
  expect([data, has_more]).toMatchObject([[{ id: 'fast', type: 'model', display_name: 'fast' }], false])
  expect((await anthropic.models.retrieve('fast')).id).toBe('fast')
  await expect(anthropic.models.retrieve('slow')).rejects.toThrow(AnthropicError)
  const bound = await tenant(['gpt'], { models: ['other'] })
  expect((await bound.anthropic.models.list()).data).toEqual([])
})

test('what is not there is said in the words of its wire', async () => {
  const { secret } = await tenant(['gpt'])
  const headers = { authorization: `Bearer ${secret}` }
  const at = async (url: string, method = 'POST') => {
    const reply = await fetch(url, { method, headers })
    return [reply.status, await reply.json()]
  }
  expect(await at(`${gateway.openai}/poems`)).toMatchObject([404, { error: { type: 'invalid_request_error' } }])
  expect(await at(`${gateway.anthropic}/v1/poems`)).toMatchObject([404, { type: 'error' }])
  expect(await at(`${gateway.anthropic}/v1/messages`, 'GET')).toMatchObject([405, { type: 'error' }])
})

test('a provider that answers well but says that it failed has failed', async () => {
  const { anthropic } = await tenant(['gpt'])
  gpt.next(json(200, { error: { message: 'Out of memory.' } }))
  const asked = { model: 'fast', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hello' }] }
  await expect(anthropic.messages.create(asked)).rejects.toMatchObject({ status: 502 })
})
