import type { ChatCompletionChunk } from 'openai/resources'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { askDirectly } from '#activities/gateway/relay/direct.ts'
import { addBudget, findBudget } from '#activities/gateway/store-budgets.ts'
import { emptyCache, readCourse } from '#activities/gateway/store-cache.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { setCache } from '#test/harness/cache.ts'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { until } from '#test/harness/until.ts'
import { json, words } from '#test/harness/upstream.ts'

const { gateway, gpt, claude, tenant } = await useBothWires()
const { db } = gateway.database

const cached = async (...[names = ['gpt'], more = {}]: Partial<Parameters<typeof tenant>>) => {
  const one = await tenant(names, more)
  await setCache(gateway, one.ctx, { mode: 'exact' })
  return one
}
const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'How many Corollas are on the lot?' }] }
const ask = async ({ openai }: Pick<Asker, 'openai'>, more: object = {}, headers: Record<string, string> = {}) => {
  const { data, response } = await openai.chat.completions
    .create({ ...question, ...more, stream: false }, { headers })
    .withResponse()
  return { said: data.choices[0]?.message.content, how: response.headers.get('x-auterity-cache'), response, data }
}
const streamed = async ({ openai }: Pick<Asker, 'openai'>, more: object = {}) => {
  const { data, response } = await openai.chat.completions.create({ ...question, ...more, stream: true }).withResponse()
  const chunks: ChatCompletionChunk[] = []
  for await (const chunk of data) chunks.push(chunk)
  const said = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
  return { chunks, said, how: response.headers.get('x-auterity-cache'), response }
}

test('off by default: the same request asks each time, and nothing is told or kept', async () => {
  const one = await tenant(['gpt'])
  expect((await ask(one)).how).toBeNull()
  expect((await ask(one)).how).toBeNull()
  expect(gpt.asked).toHaveLength(2)
  expect(await gateway.written(one.ctx)).toMatchObject([{ cache: null }, { cache: null }])
})

test('the same request again asks nobody, and is written down with what it saved', async () => {
  const one = await cached()
  const first = await ask(one)
  const again = await ask(one)
  expect([first.how, again.how]).toEqual(['miss', 'hit'])
  expect(first.response.headers.get('age')).toBeNull()
  expect(again.response.headers.get('age')).toBe('0')
  expect(again.data).toEqual(first.data)
  expect(again.response.headers.get('x-auterity-model')).toBe('gpt-5-mini')
  expect(gpt.asked).toHaveLength(1)
  const [asked, given] = await gateway.written(one.ctx)
  expect(asked).toMatchObject({ cache: 'miss', cache_of: null, outcome: 'ok' })
  expect(Number(asked!.cost_nano)).toBeGreaterThan(0)
  expect(given).toMatchObject({
    cache: 'exact',
    cache_of: asked!.id,
    outcome: 'ok',
    status: 200,
    attempts: [],
    cost_nano: '0',
    list_nano: asked!.cost_nano,
    provider: 'gpt',
    model: 'gpt-5-mini',
    input_tokens: 1000,
    output_tokens: 100,
    cache_similarity: null,
  })
  expect(again.response.headers.get('x-request-id')).toBe(given!.id)
  const { points } = await withTenant(db, one.ctx, (tx) => readCourse(tx, one.ctx, 1))
  expect(points).toMatchObject([{ exact: 1, semantic: 0, missed: 1, saved: Number(asked!.cost_nano) / 1e9 }])
})

test('the order of members, spaces, and labels that change no answer make no other request of it', async () => {
  const one = await cached()
  await ask(one, { user: 'ann', metadata: { desk: 'north' } })
  const body = `{ "messages" : [ {"content": "How many Corollas are on the lot?", "role":"user"} ],\n "model":"fast", "prompt_cache_key": "x" }`
  const reply = await fetch(`${gateway.openai}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${one.secret}`, 'content-type': 'application/json' },
    body,
  })
  expect(reply.headers.get('x-auterity-cache')).toBe('hit')
  expect(gpt.asked).toHaveLength(1)
})

test.each<[string, object]>([
  ['another word', { messages: [{ role: 'user', content: 'How many Corollas are on the lots?' }] }],
  ['a shorter answer', { max_completion_tokens: 10 }],
  ['a seed', { seed: 7 }],
  ['a system text', { messages: [{ role: 'system', content: 'Be brief.' }, ...question.messages] }],
])('%s makes another request of it', async (_, more) => {
  const one = await cached()
  await ask(one)
  expect((await ask(one, more)).how).toBe('miss')
  expect(gpt.asked).toHaveLength(2)
})

test('what was recorded whole is given as a stream, and the other way round, with its usage to who wants it', async () => {
  const one = await cached()
  const whole = await ask(one)
  const stream = await streamed(one, { stream_options: { include_usage: true } })
  expect([stream.how, stream.said]).toEqual(['hit', words.join('')])
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream')
  expect(stream.chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 1000, completion_tokens: 100 })
  expect(whole.said).toBe(words.join(''))

  const other = { messages: [{ role: 'user', content: 'And how many Camrys?' }] }
  const first = await streamed(one, other)
  expect([first.how, first.said]).toEqual(['miss', words.join('')])
  expect(first.chunks.every(({ usage }) => usage === undefined)).toBe(true)
  const again = await ask(one, other)
  expect([again.how, again.said]).toEqual(['hit', words.join('')])
  expect(again.data.usage).toMatchObject({ prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 })
  const plain = await streamed(one, other)
  expect([plain.how, plain.said, plain.chunks.some(({ usage }) => usage != null)]).toEqual([
    'hit',
    words.join(''),
    false,
  ])
  expect(gpt.asked).toHaveLength(2)
})

test("Anthropic's clients are answered in their words, whole and streamed, whoever answered first", async () => {
  for (const [provider, upstream] of [
    ['claude', claude],
    ['gpt', gpt],
  ] as const) {
    const { anthropic } = await cached([provider])
    const given = { ...question, max_tokens: 64 }
    const first = await anthropic.messages.stream(given).finalMessage()
    const { data, response } = await anthropic.messages.create(given).withResponse()
    expect(response.headers.get('x-auterity-cache')).toBe('hit')
    expect(data.content).toEqual(first.content)
    expect(data.stop_reason).toBe(first.stop_reason)
    expect(data.usage.output_tokens).toBe(first.usage.output_tokens)
    const again = await anthropic.messages.stream(given).finalMessage()
    expect(again.content).toEqual(first.content)
    expect(upstream.asked).toHaveLength(1)
  }
})

test('embeddings are kept too', async () => {
  const one = await cached()
  const given = { model: 'fast', input: 'the north lot', encoding_format: 'float' as const }
  const first = await one.openai.embeddings.create(given)
  const { data, response } = await one.openai.embeddings.create(given).withResponse()
  expect(response.headers.get('x-auterity-cache')).toBe('hit')
  expect(data).toEqual(first)
})

test('no answer goes to another tenant, and where it is so set none to another key', async () => {
  const [one, two] = [await cached(), await cached()]
  await ask(one)
  expect((await ask(two)).how).toBe('miss')
  const { key } = await withTenant(db, one.ctx, (tx) =>
    createVirtualKey(tx, one.ctx, { name: 'Web', models: null, tags: {} }),
  )
  const web = { openai: one.openai.withOptions({ apiKey: key }) }
  expect((await ask(web)).how).toBe('hit')
  await setCache(gateway, one.ctx, { scope: 'key' })
  expect((await ask(web)).how).toBe('miss')
  expect((await ask(one)).how).toBe('miss')
  expect((await ask(web)).how).toBe('hit')
  await setCache(gateway, one.ctx, { scope: 'user' })
  expect((await ask(one, { user: 'ann' })).how).toBe('miss')
  expect((await ask(one, { user: 'bob' })).how).toBe('miss')
  expect((await ask(one, { user: 'ann' })).how).toBe('hit')
})

test('who asks may refuse it: to be kept, to be given what is kept, or what is too old', async () => {
  const one = await cached()
  expect((await ask(one, {}, { 'cache-control': 'no-store' })).how).toBeNull()
  expect((await ask(one)).how).toBe('miss')
  gpt.next(json(200, { ...(await ask(one)).data, id: 'fresh' }))
  expect((await ask(one, {}, { 'cache-control': 'no-cache' })).data.id).toBe('fresh')
  const after = await ask(one)
  expect([after.how, after.data.id]).toEqual(['hit', 'fresh'])
  expect((await ask(one, {}, { 'cache-control': 'max-age=0' })).how).toBe('miss')
  expect((await ask(one, {}, { 'cache-control': 'max-age=60' })).how).toBe('hit')
})

test('an answer that has had its time is asked for again', async () => {
  const one = await cached()
  await setCache(gateway, one.ctx, { ttl: 1 })
  await until('it is given again', async () => (await ask(one)).how === 'hit')
  await until('its second is over', async () => (await ask(one)).how === 'miss')
})

test('another process finds what this one has kept, sealed, and none once it is emptied', async () => {
  const one = await cached()
  const body = { ...question, temperature: 0 }
  // as steps of the platform itself ask
  const dropping = { 'x-auterity-unsaid': 'drop' }
  await ask(one, { temperature: 0 }, dropping)
  await using other = await gateway.another()
  const { relay } = other
  const caller = (await relay.knowledge.caller(one.secret))!
  const asking = { headers: {}, signal: AbortSignal.timeout(20_000) }
  const kept = () =>
    db.system.selectFrom('gateway_cache_entry').selectAll().where('tenant_id', '=', one.ctx.tenant).execute()
  const [row] = await until('it is kept', async () => ((await kept()).length > 0 ? await kept() : undefined))
  expect(row!.sealed.includes('lot')).toBe(false)
  const { header } = await askDirectly(relay, caller, body, asking)
  expect(header('x-auterity-cache')).toBe('hit')
  expect(gpt.asked).toHaveLength(1)

  const emptied = await withTenant(db, one.ctx, (tx) => emptyCache(tx, one.ctx))
  expect(emptied).toEqual({ entries: 1, bytes: row!.bytes })
  await until(
    'this process gives it no more',
    async () => (await ask(one, { temperature: 0 }, dropping)).how === 'miss',
  )
})

test('a hit holds no budget of money or tokens, and counts for limits of requests', async () => {
  const one = await cached()
  const first = await ask(one, { max_completion_tokens: 50 })
  expect(first.how).toBe('miss')
  const add = (name: string, unit: 'usd' | 'tokens' | 'requests', limit: number) =>
    withTenant(db, one.ctx, (tx) =>
      addBudget(tx, one.ctx, { name, subject: { kind: 'tenant' }, unit, limits: [{ per: 'day', limit }], zone: 'UTC' }),
    )
  await add('Money', 'usd', 0.000001)
  const tokens = await add('Tokens', 'tokens', 5)
  const requests = await add('Rate', 'requests', 2)
  const isHeard = () => Promise.resolve(gateway.relaying.relay.knowledge.models(one.ctx.tenant))
  await until(
    'the budgets are heard of',
    async () => (await isHeard()).budgets.size > 0 && (await isHeard()).budgets.get('tenant:')?.length === 3,
  )
  const again = await ask(one, { max_completion_tokens: 50 })
  expect([again.how, again.response.headers.get('x-ratelimit-limit-requests')]).toEqual(['hit', '2'])
  expect((await ask(one, { max_completion_tokens: 50 })).how).toBe('hit')
  await expect(ask(one, { max_completion_tokens: 50 })).rejects.toMatchObject({ status: 429, code: 'budget_exceeded' })
  await gateway.written(one.ctx)
  const spent = (id: string) =>
    withTenant(db, one.ctx, async (tx) => (await findBudget(tx, one.ctx, id)).windows[0]?.spent)
  expect([await spent(tokens.id), await spent(requests.id)]).toEqual([0, 2])
  expect(gpt.asked).toHaveLength(1)
})
