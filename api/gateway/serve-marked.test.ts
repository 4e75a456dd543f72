import type Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { useGateway } from '#test/harness/gateway.ts'
import { setLevers } from '#test/harness/levers.ts'
import { bedrockWell } from '#test/harness/upstream-bedrock.ts'
import { messagesKeeping } from '#test/harness/upstream-keeping.ts'
import { until } from '#test/harness/until.ts'
import { json, well } from '#test/harness/upstream.ts'

const { gateway, claude, bedrock, gpt } = await useGateway({
  claude: messagesKeeping(),
  bedrock: bedrockWell,
  gpt: well,
})

const sonnet = 'claude-sonnet-4-5'
const tenant = async (on = true) => {
  const asker = await gateway.tenant(
    [{ kind: 'anthropic', name: 'claude', baseUrl: claude.url, apiKey: 'sk-ant' }],
    [{ provider: 'claude', model: sonnet }],
  )
  if (on) await setLevers(gateway, asker.ctx, { marks: true })
  return asker
}
let drawn = 0
/** A text of so many tokens about, that nobody has sent before. */
const long = (tokens: number) => `${++drawn} ${'The car on the lot is red. '.repeat(Math.ceil(tokens / 6.75))}`.trim()
const asking = (system: string, ...said: string[]): Anthropic.MessageCreateParamsNonStreaming => ({
  model: 'fast',
  max_tokens: 300,
  system,
  messages: said.map((content, n) => ({ role: n % 2 === 0 ? 'user' : 'assistant', content })),
})
const marksIn = (text: string) => text.split('"cache_control"').length - 1

test('instructions that come again are kept by the provider, and what that saved is booked to the marks', async () => {
  const { anthropic, ctx } = await tenant()
  const system = long(2000)
  for (const question of ['Which is red?', 'Which is blue?', 'Which is new?'])
    await anthropic.messages.create(asking(system, question))
  const [one, two, three] = await gateway.written(ctx)
  // new, so not marked; come again, so written; read
  expect(one).toMatchObject({
    cached_tokens: 0,
    cache_write_tokens: 0,
    saved: null,
    attempts: [{ provider: 'claude' }],
  })
  expect(one?.attempts[0]).not.toHaveProperty('marked')
  expect(two?.attempts).toMatchObject([{ marked: true }])
  expect(two?.cache_write_tokens).toBeGreaterThan(1900)
  expect(three?.cached_tokens).toBe(two?.cache_write_tokens)
  // $3 for a million tokens: writing costs a quarter of that more, reading nine tenths less
  expect(two?.saved).toEqual({
    cache: 0,
    promptCache: 0,
    routing: 0,
    trimming: 0,
    marks: Math.round(-0.25 * 3000 * two!.cache_write_tokens!),
  })
  expect(three?.saved).toMatchObject({ promptCache: 0, marks: Math.round(0.9 * 3000 * three!.cached_tokens!) })
  expect(Number(three?.list_nano)).toBe(Number(three?.cost_nano) + three!.saved!.marks!)
  expect(claude.asked.map(({ text }) => marksIn(text))).toEqual([0, 1, 1])
  expect(claude.asked[2]?.body['system']).toEqual([
    { type: 'text', text: system, cache_control: { type: 'ephemeral' } },
  ])
})

test('a conversation that goes on is read where it ended before, and written to its end', async () => {
  const { anthropic, ctx } = await tenant()
  const said = [long(2000), 'It is.', long(800), 'So it is.', 'And the blue one?', 'Sold.', long(600)]
  for (const turns of [1, 3, 5, 7]) await anthropic.messages.create(asking('Be brief.', ...said.slice(0, turns)))
  const rows = await gateway.written(ctx)
  expect(rows.map((row) => Math.sign(row.cached_tokens ?? 0))).toEqual([0, 0, 1, 1])
  expect(rows[3]?.cached_tokens).toBe((rows[2]?.cached_tokens ?? 0) + (rows[2]?.cache_write_tokens ?? 0))
  expect(rows[3]?.input_tokens).toBe((rows[3]?.cached_tokens ?? 0) + (rows[3]?.cache_write_tokens ?? 0))
})

test('off, or where the request marks itself, or is short, or is counted, the bytes go on as they came', async () => {
  const [off, on] = [await tenant(false), await tenant()]
  const system = long(2000)
  const one = asking(system, 'Which is red?')
  const own = {
    ...one,
    system: [{ type: 'text' as const, text: long(2000), cache_control: { type: 'ephemeral' as const } }],
  }
  for (let n = 0; n < 2; n++) {
    await off.anthropic.messages.create(one)
    await on.anthropic.messages.create(own)
    await on.anthropic.messages.create(asking('Be brief.', 'Which is red?'))
    await on.anthropic.messages.countTokens({ model: 'fast', system, messages: one.messages })
  }
  const { max_tokens: _, ...counted } = one
  const sent = [one, own, asking('Be brief.', 'Which is red?'), counted]
  expect(claude.asked.map(({ body }) => body)).toEqual([...sent, ...sent].map((body) => ({ ...body, model: sonnet })))
  expect((await gateway.written(on.ctx)).filter(({ saved }) => (saved?.marks ?? 0) !== 0)).toEqual([])
  // marks of its own are told as what prompt caches do
  expect(
    (await gateway.written(on.ctx)).find(({ cached_tokens: cached }) => (cached ?? 0) > 0)?.saved?.promptCache,
  ).toBeGreaterThan(0)
})

test('turned off again, prompts go as they are at once', async () => {
  const { anthropic, ctx } = await tenant()
  const system = long(2000)
  await anthropic.messages.create(asking(system, 'Which is red?'))
  await setLevers(gateway, ctx, { marks: false })
  await anthropic.messages.create(asking(system, 'Which is blue?'))
  expect(claude.asked.map(({ text }) => marksIn(text))).toEqual([0, 0])
})

test('all else in the body stays as it was written: numbers, spaces, order, members that nobody knows', async () => {
  const { secret } = await tenant()
  const headers = { 'x-api-key': secret, 'content-type': 'application/json' }
  const ask = (text: string) => fetch(`${gateway.anthropic}/v1/messages`, { method: 'POST', headers, body: text })
  const system = long(2000)
  const turn = `{ "role":"user" , "content":[ {"type":"text","text":"\\u00e9\\n"},{"type":"tool_result","tool_use_id":"t1", "content":"1e400"} ],"x":12345678901234567890}`
  const text = `{"model":"claude/${sonnet}", "max_tokens":3e2,"messages":[${turn}\n], "system" : ${JSON.stringify(system)},"of_later":{"a":[1,  2]}}`
  for (let n = 0; n < 2; n++) expect((await ask(text)).status).toBe(200)
  const whole = `[{"type":"text","text":${JSON.stringify(system)},"cache_control":{"type":"ephemeral"}}]`
  // the same request once more is a conversation that goes on, so its last block has the mark
  expect(claude.asked[1]?.text).toBe(
    text
      .replace(`claude/${sonnet}`, sonnet)
      .replace('{"type":"tool_result"', '{"cache_control":{"type":"ephemeral"},"type":"tool_result"'),
  )
  expect((await ask(text.replace('\\u00e9', 'another'))).status).toBe(200)
  expect(claude.asked[2]?.text).toContain(`"system" : ${whole},"of_later":{"a":[1,  2]}}`)
})

test('a request in OpenAI’s words is marked too, for Anthropic and for Claude at Bedrock, and for nobody else', async () => {
  const model = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'
  const asker = await gateway.tenant(
    [
      { kind: 'anthropic', name: 'claude', baseUrl: claude.url, apiKey: 'sk-ant' },
      { kind: 'bedrock', name: 'aws', baseUrl: new URL(bedrock.url).origin, apiKey: 'token' },
      { kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' },
    ],
    [{ provider: 'claude', model: sonnet }],
  )
  await setLevers(gateway, asker.ctx, { marks: true })
  const system = long(2000)
  const ask = (of: string, content: string) =>
    asker.openai.chat.completions.create({
      model: of,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content },
      ],
    })
  for (const of of [`claude/${sonnet}`, `aws/${model}`, 'aws/amazon.nova-pro-v1:0', 'gpt/gpt-5-mini'])
    for (const content of ['Which is red?', 'Which is blue?']) await ask(of, content)
  expect(claude.asked[1]?.body['system']).toEqual([
    { type: 'text', text: system, cache_control: { type: 'ephemeral' } },
  ])
  const point = { cachePoint: { type: 'default' } }
  expect(bedrock.asked.map(({ body }) => body['system'])).toEqual([
    [{ text: system }],
    [{ text: system }, point],
    [{ text: system }],
    [{ text: system }],
  ])
  expect(gpt.asked[1]?.body['messages']).toMatchObject([{ content: system }, {}])
  expect(gpt.asked[1]?.text).not.toContain('cache_')
})

const overloaded = json(
  529,
  { type: 'error', error: { type: 'overloaded_error', message: 'Full.' } },
  { 'retry-after': '0' },
)

test('who is asked again after a failure is sent the same: the first try is nothing that came before', async () => {
  const asker = await gateway.tenant(
    [{ kind: 'anthropic', name: 'claude', baseUrl: claude.url, apiKey: 'sk-ant' }],
    [{ provider: 'claude', model: sonnet }],
    { routing: { retries: 1 } },
  )
  await setLevers(gateway, asker.ctx, { marks: true })
  claude.next(overloaded)
  await asker.anthropic.messages.create(asking(long(2000), 'Which is red?'))
  expect(claude.asked.map(({ text }) => marksIn(text))).toEqual([0, 0])
})

test('another who is asked instead is sent marks for what it has had itself', async () => {
  const asker = await gateway.tenant(
    [
      { kind: 'anthropic', name: 'claude', baseUrl: claude.url, apiKey: 'sk-ant' },
      { kind: 'bedrock', name: 'aws', baseUrl: new URL(bedrock.url).origin, apiKey: 'token' },
    ],
    [
      { provider: 'claude', model: sonnet },
      { provider: 'aws', model: 'anthropic.claude-sonnet-4-5-20250929-v1:0' },
    ],
  )
  await setLevers(gateway, asker.ctx, { marks: true })
  const system = long(2000)
  await asker.anthropic.messages.create(asking(system, 'Which is red?'))
  claude.next(overloaded)
  await asker.anthropic.messages.create(asking(system, 'Which is blue?'))
  expect(claude.asked.map(({ text }) => marksIn(text))).toEqual([0, 1])
  expect(bedrock.asked.map(({ text }) => text.includes('cachePoint'))).toEqual([false])
})

test('a budget holds what writing may cost', async () => {
  // about 2,700 tokens at the most: $0.0081 to read, $0.0102 to write
  const limits = [{ per: 'day' as const, limit: 0.009 }]
  const budget = { name: 'All', subject: { kind: 'tenant' }, unit: 'usd', zone: 'UTC', limits } as const
  const ask = async (on: boolean) => {
    const { anthropic, ctx } = await tenant(on)
    await withTenant(gateway.database.db, ctx, (tx) => addBudget(tx, ctx, budget))
    await until('the budget is known', async () => {
      const { budgets } = await gateway.relaying.relay.knowledge.models(ctx.tenant)
      return budgets.size > 0
    })
    const { status } = await anthropic.messages
      .create({ ...asking(long(2000), 'Which is red?'), max_tokens: 1 })
      .asResponse()
      .catch((error: unknown) => error as { status: number })
    return status
  }
  expect([await ask(false), await ask(true)]).toEqual([200, 429])
})

test('what another tenant has sent is nothing that came before', async () => {
  const system = long(2000)
  for (const { anthropic } of [await tenant(), await tenant()])
    await anthropic.messages.create(asking(system, 'Which?'))
  expect(claude.asked.map(({ text }) => marksIn(text))).toEqual([0, 0])
})
