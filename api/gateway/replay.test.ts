import { afterAll, expect, test } from 'vitest'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { apiOf, bodyOf } from '#test/harness/playground.ts'
import { setRecording, recordedOf } from '#test/harness/recording.ts'
import { until } from '#test/harness/until.ts'

const { gateway, gpt, claude, tenant } = await useBothWires()
const api = await apiOf(gateway)
afterAll(() => api[Symbol.asyncDispose]())

const recorded = async (providers: Parameters<typeof tenant>[0] = ['gpt']) => {
  const asker = await tenant(providers)
  await setRecording(gateway, asker.ctx)
  return { ...asker, ...(await api.as('admin', asker.ctx)) }
}
const chat = (asker: Asker, content = 'Which lot has two?') =>
  asker.openai.chat.completions.create({
    model: 'fast',
    temperature: 0.25,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ],
  })
const first = async (asker: Asker) => (await gateway.written(asker.ctx))[0]!
const second = async (asker: Asker) => {
  await until('the second is written down', async () => (await gateway.written(asker.ctx)).length === 2)
  return (await gateway.written(asker.ctx))[1]!
}
const replayOf = (id: string) => `POST /v1/gateway/requests/${id}/replay`

test('a request is sent again byte by byte, in the name of who presses; both know of each other', async () => {
  const one = await recorded()
  await chat(one)
  const before = await first(one)
  const reply = await one.send(replayOf(before.id), {})
  expect(reply.status).toBe(202)
  const { modelRequest } = (await reply.json()) as { modelRequest: string }
  const again = await second(one)
  expect(again).toMatchObject({
    id: modelRequest,
    replay_of: before.id,
    person_id: one.user,
    key_id: null,
    tags: { replay: '' },
    outcome: 'ok',
  })
  expect(gpt.asked[1]!.text).toBe(gpt.asked[0]!.text)
  const told = await bodyOf(await one.send(`GET /v1/gateway/requests/${modelRequest}`))
  expect(told).toMatchObject({ replayOf: before.id, person: { id: one.user } })
  const back = await bodyOf(await one.send(`GET /v1/gateway/requests?replayOf=${before.id}`))
  expect(back.items.map(({ id }: { id: string }) => id)).toEqual([modelRequest])
  const events = await bodyOf(await one.send('GET /v1/events?type=model_request_replayed'))
  expect(events.items).toMatchObject([{ subject: before.id, data: { as: modelRequest, model: null } }])
})

test('to another model only that changes, whatever the body looks like', async () => {
  const one = await recorded()
  await chat(one, 'Say "model": "fast" – twice.')
  expect((await one.send(replayOf((await first(one)).id), { model: 'other' })).status).toBe(202)
  const again = await second(one)
  expect(again).toMatchObject({ asked: 'other', outcome: 'refused', failure: 'not_found' })
  const [, kept] = await recordedOf(gateway, one.ctx)
  expect(JSON.parse(kept!.asked.text!)).toEqual({ ...gpt.asked[0]!.body, model: 'other' })
})

test.each([
  ['messages', () => claude],
  ['responses', () => gpt],
] as const)('one of the wire of %s is sent in its own wire', async (wire, upstream) => {
  const one = await recorded([wire === 'messages' ? 'claude' : 'gpt'])
  if (wire === 'messages')
    await one.anthropic.messages.create({
      model: 'fast',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Lot?' }],
    })
  else await one.openai.responses.create({ model: 'fast', input: 'Lot?' }).catch(() => {})
  const before = await first(one)
  expect((await one.send(replayOf(before.id), {})).status).toBe(202)
  expect(await second(one)).toMatchObject({ operation: wire, replay_of: before.id, outcome: before.outcome })
  const [asked, again] = upstream().asked
  expect([again!.path, again!.text]).toEqual([asked!.path, asked!.text])
})

test('pressed twice under one key it is one', async () => {
  const one = await recorded()
  await chat(one)
  const { id } = await first(one)
  const press = () => one.send(replayOf(id), {}, { headers: { 'idempotency-key': 'once' } })
  const replies = [await press(), await press()]
  const ids = await Promise.all(replies.map(async (reply) => (await bodyOf(reply)).modelRequest))
  expect(new Set(ids).size).toBe(1)
  await second(one)
  expect(gpt.asked).toHaveLength(2)
})

test('it is recorded as the one that it repeats, though others are not', async () => {
  const one = await recorded()
  await setRecording(gateway, one.ctx, { of: 'some', keys: [one.key] })
  await chat(one)
  await one.send(replayOf((await first(one)).id), {})
  await second(one)
  const sent = JSON.stringify({ ...gpt.asked[0]!.body, model: 'fast' })
  const both = await recordedOf(gateway, one.ctx)
  expect(both.map((body) => body?.asked.text)).toEqual([sent, sent])
})

test('what was not recorded, or not whole, cannot be sent again, and says so', async () => {
  const one = await recorded()
  await chat(one, 'word '.repeat(200_000))
  const long = await one.send(replayOf((await first(one)).id), {})
  expect([long.status, (await bodyOf(long)).detail]).toEqual([409, expect.stringMatching(/^Not all of what/)])
  const other = await tenant(['gpt'])
  await chat(other)
  const { send } = await api.as('admin', other.ctx)
  expect((await send(replayOf((await first(other)).id), {})).status).toBe(404)
  expect(gpt.asked).toHaveLength(2)
})

test('who may ask and not read, and who is of another tenant, sends nothing', async () => {
  const one = await recorded()
  await chat(one)
  const { id } = await first(one)
  const operator = await api.as('operator', one.ctx)
  const refused = await operator.send(replayOf(id), {})
  expect([refused.status, (await bodyOf(refused)).detail]).toEqual([403, 'This needs the scope bodies:read.'])
  const stranger = await recorded()
  expect((await stranger.send(replayOf(id), {})).status).toBe(404)
  expect(gpt.asked).toHaveLength(1)
})

test('what a request asked opens in the playground with all that it held, from any wire', async () => {
  const one = await recorded(['claude'])
  await one.anthropic.messages.create({
    model: 'fast',
    max_tokens: 50,
    system: 'Be brief.',
    tools: [{ name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: {} } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: { lot: 2 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'A car.' }] },
    ],
  })
  const { id } = await first(one)
  const made = await one.send('POST /v1/gateway/playgrounds', { request: id })
  expect(made.status).toBe(201)
  const { id: kept } = await bodyOf(made)
  const { content } = await bodyOf(await one.send(`GET /v1/gateway/playgrounds/${kept}`))
  expect(content).toMatchObject({
    system: 'Be brief.',
    models: ['fast'],
    parameters: { temperature: null, maxTokens: 50 },
    turns: [
      {
        text: 'What is this?',
        images: ['data:image/png;base64,AAAA'],
        answers: [{ calls: [{ id: 'toolu_1', name: 'look', result: 'A car.' }] }],
      },
    ],
  })
  expect(JSON.parse(content.tools)).toMatchObject([{ type: 'function', function: { name: 'look' } }])
  const events = await bodyOf(await one.send('GET /v1/events?type=bodies_opened'))
  expect(events.items).toHaveLength(1)
})
