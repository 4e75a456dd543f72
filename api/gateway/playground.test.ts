import { afterAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { changeProvider } from '#activities/gateway/store-providers.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { publish } from '#activities/steering/store-versions.ts'
import type { Context } from '#schemas/tenancy.ts'
import { useBothWires } from '#test/harness/gateway.ts'
import { withKey } from '#test/harness/people.ts'
import { apiOf, bodyOf } from '#test/harness/playground.ts'
import { until } from '#test/harness/until.ts'
import { chunksOf, partly, words } from '#test/harness/upstream.ts'

const { gateway, gpt, claude, tenant } = await useBothWires()
const api = await apiOf(gateway)
afterAll(() => api[Symbol.asyncDispose]())

const asking = 'POST /v1/gateway/playground/answers'
const question = (more: object = {}) => ({
  model: 'fast',
  messages: [{ role: 'user', content: 'Which lot?' }],
  ...more,
})
const streaming = question({ stream: true, stream_options: { include_usage: true } })
const person = async (providers: Parameters<typeof tenant>[0] = ['gpt']) => {
  const asker = await tenant(providers)
  return { ...asker, ...(await api.as('operator', asker.ctx)) }
}
/** What the events of a stream say. */
const eventsOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)) as Record<string, unknown>)
const saidIn = (text: string): string =>
  eventsOf(text)
    .map((event) => (event['choices'] as { delta?: { content?: string } }[])[0]?.delta?.content ?? '')
    .join('')

test('a person asks as themselves, without a key: streamed, written down in their name and priced', async () => {
  const { send, ctx, user } = await person()
  const reply = await send(asking, streaming)
  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect(reply.headers.get('x-auterity-model')).toBe('gpt-5-mini')
  const text = await reply.text()
  expect(saidIn(text)).toBe(words.join(''))
  expect(text).toMatch(/data: \[DONE\]\n\n$/)
  expect(eventsOf(text).at(-1)?.['usage']).toMatchObject({ prompt_tokens: 1000, completion_tokens: 100 })
  const [row] = await gateway.written(ctx)
  expect(row).toMatchObject({ key_id: null, person_id: user, outcome: 'ok', tags: { playground: '' }, stream: true })
  expect(Number(row!.cost_nano)).toBeGreaterThan(0)
  const told = await bodyOf(await send(`GET /v1/gateway/requests/${reply.headers.get('x-auterity-request')}`))
  expect(told).toMatchObject({ id: row!.id, person: { id: user, name: 'Test operator' }, key: null })
  expect(gpt.asked[0]!.headers.authorization).toBe('Bearer sk-gpt')
})

test('asked for whole it comes whole; a model of another wire says what it was not told', async () => {
  const whole = await person()
  const reply = await bodyOf(await whole.send(asking, question()))
  expect(reply.choices[0].message.content).toBe(words.join(''))
  const other = await person(['claude'])
  const left = await other.send(asking, question({ seed: 7, max_completion_tokens: 50 }))
  expect([left.status, left.headers.get('x-auterity-unsaid')]).toEqual([
    200,
    expect.stringMatching(/^\/seed /) as string,
  ])
  expect(claude.asked[0]!.body).toMatchObject({ max_tokens: 50 })
})

test('who goes away is not answered any more, and what was said until then is paid', async () => {
  const { send, ctx } = await person()
  gpt.next((response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of chunksOf(body).slice(0, 4)) response.write(event)
  })
  const left = new AbortController()
  const reply = await send(asking, streaming, { signal: left.signal })
  const reader = reply.body!.getReader()
  let heard = ''
  while (!heard.includes(words[2]!)) heard += Buffer.from((await reader.read()).value ?? []).toString()
  left.abort()
  await until('the provider is told', () => Promise.resolve(gpt.abandoned === 1))
  await until('it is written down', async () => (await gateway.written(ctx)).length === 1)
  const [row] = await gateway.written(ctx)
  expect(row).toMatchObject({ outcome: 'cancelled', estimated: true })
  expect(Number(row!.cost_nano)).toBeGreaterThan(0)
})

test('who goes away before the first word is not answered either', async () => {
  const { send, ctx } = await person()
  gpt.next(() => {})
  const left = new AbortController()
  const asked = send(asking, streaming, { signal: left.signal })
  asked.catch(() => {})
  await until('the provider is asked', () => Promise.resolve(gpt.asked.length === 1))
  left.abort()
  await until('the provider is told', () => Promise.resolve(gpt.abandoned === 1))
  await until('it is written down', async () => (await gateway.written(ctx))[0]?.outcome === 'cancelled')
})

test('a stream that breaks off is told as an error in it', async () => {
  const { send, ctx } = await person()
  gpt.next(partly(4, (response) => response.destroy()))
  const text = await (await send(asking, streaming)).text()
  expect(eventsOf(text).at(-1)).toMatchObject({ error: { message: expect.any(String) as string } })
  expect((await gateway.written(ctx))[0]).toMatchObject({ outcome: 'cut' })
})

const budgetOf = (ctx: Context, user: string) =>
  withTenant(gateway.database.db, ctx, (tx) =>
    addBudget(tx, ctx, {
      name: 'Dana',
      subject: { kind: 'user', user },
      unit: 'requests',
      limits: [{ per: 'day', limit: 1 }],
      zone: 'UTC',
    }),
  )

test('a budget of the person holds; the refusal says which, and names the request', async () => {
  const { send, ctx, user } = await person()
  await budgetOf(ctx, user)
  await until('the budget is known', async () => {
    return (await gateway.relaying.relay.knowledge.models(ctx.tenant)).budgets.size > 0
  })
  expect((await send(asking, question())).status).toBe(200)
  const refused = await send(asking, question())
  const body = await bodyOf(refused)
  expect(refused.status).toBe(422)
  expect(body).toMatchObject({ code: 'not_answered', detail: expect.stringContaining('Dana') as string })
  expect((await gateway.written(ctx)).find(({ id }) => id === body.modelRequest)).toMatchObject({ outcome: 'refused' })
  expect(gpt.asked).toHaveLength(1)
})

test('rules see who asks and that it is the playground', async () => {
  const { send, ctx, email } = await person()
  const rules = `name: T\nrules:\n  - id: not-here\n    when: 'user.email == "${email}" && "playground" in tags'\n    decide: { deny: { reason: Not in the playground. } }\n`
  await withTenant(gateway.database.db, ctx, async (tx) => {
    const { id } = await createPolicy(tx, ctx, rules)
    await publish(tx, ctx, id, { revision: 1 })
  })
  await until('the rule is known', async () => {
    return (await gateway.relaying.relay.knowledge.models(ctx.tenant)).steering?.everybody != null
  })
  expect(await (await send(asking, question())).json()).toMatchObject({
    detail: 'Not in the playground.',
    modelCode: 'denied_by_rule',
  })
})

test.each([
  ['no JSON', '{', 400, 'bad_request'],
  ['no object', '[]', 422, 'invalid'],
  ['nothing', '', 422, 'invalid'],
  ['no model', { messages: [{ role: 'user', content: 'x' }] }, 422, 'invalid'],
  ['no messages', { model: 'fast', messages: [] }, 422, 'invalid'],
  ['a stream that is no yes or no', question({ stream: 'yes' }), 422, 'invalid'],
  ['a model that is not there', question({ model: 'nobody' }), 422, 'not_answered'],
  ['far too much', question({ user: 'x'.repeat(33 * 1024 * 1024) }), 413, 'too_large'],
])('%s is refused, and asks nobody', async (_, body, status, code) => {
  const { send } = await person()
  const reply = await send(asking, body, { headers: { 'content-type': 'application/json' } })
  expect([reply.status, (await bodyOf(reply)).code]).toEqual([status, code])
  expect(gpt.asked).toHaveLength(0)
})

test('what a provider refuses is told in its words', async () => {
  const { send } = await person()
  gpt.next((response) =>
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end('{"error":{"message":"Unsupported temperature."}}'),
  )
  expect(await (await send(asking, streaming)).json()).toMatchObject({
    code: 'not_answered',
    detail: 'Unsupported temperature.',
    provider: 'gpt',
  })
})

test('another site, a role that only watches, and another tenant get nothing', async () => {
  const { send, ctx } = await person()
  const other = await person()
  expect((await send(asking, question(), { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  const viewer = await api.as('viewer', ctx)
  expect((await viewer.send(asking, question())).status).toBe(403)
  expect((await viewer.send('GET /v1/gateway/playground/models')).status).toBe(403)
  const { authorization } = await withKey(gateway.database.db, ['gateway:use'], ctx)
  const byKey = await send(asking, question(), { headers: { cookie: '', authorization } })
  expect(byKey.status).toBe(200)
  expect((await gateway.written(ctx))[0]).toMatchObject({ key_id: null, person_id: null, tags: { playground: '' } })
  expect(await gateway.written(other.ctx)).toEqual([])
})

test('the models are those of the tenant, with price and who answers', async () => {
  const { send, ctx } = await person(['gpt', 'claude'])
  const { items } = await bodyOf(await send('GET /v1/gateway/playground/models'))
  expect(items).toHaveLength(1)
  expect(items[0]).toMatchObject({
    alias: 'fast',
    targets: [
      { provider: 'gpt', kind: 'openai', model: 'gpt-5-mini', price: { input: 0.25, output: 2 }, capabilities: null },
      { provider: 'claude', kind: 'anthropic', price: { input: 3, output: 15 } },
    ],
  })
  await withTenant(gateway.database.db, ctx, (tx) => changeProvider(tx, ctx, 'gpt', { enabled: false }))
  await until('nobody offers who is switched off', async () => {
    const { items: now } = await bodyOf(await send('GET /v1/gateway/playground/models'))
    return now[0].targets.length === 1 && now[0].targets[0].provider === 'claude'
  })
})
