import { expect, test } from 'vitest'
import type { Accounted } from '#activities/gateway/relay/accounted.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { newId } from '#schemas/ids.ts'
import type { ListedModel } from '#schemas/gateway/price-list.ts'
import { accounted } from '#test/harness/accounted.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey } from '#test/harness/people.ts'

const api = ownApi()
const { send } = api

const tenant = async () => {
  const { ctx, authorization } = await withKey(api.db)
  const ask = (route: string, body?: unknown) => send(route, body, { authorization })
  const add = (kind: string, name: string, more = {}) => ask('POST /v1/gateway/providers', { kind, name, ...more })
  return { ctx, ask, add }
}
const own = { baseUrl: 'https://models.example.com/v1' }

test('a provider lists what the price book knows of it: by kind of token, with steps and dates', async () => {
  const { ask, add } = await tenant()
  await add('openai', 'main', { apiKey: 'sk-of-nobody-0000' })
  const { status, body } = await ask('GET /v1/gateway/providers/main/price-list')
  expect([status, body.book]).toEqual([200, expect.stringMatching(/^genai-prices \d/)])
  const named = new Map((body.items as ListedModel[]).map((one) => [one.model, one]))
  expect(named.get('gpt-4o-mini')?.periods[0]?.rates).toEqual(
    expect.arrayContaining([
      { of: 'input', per: 'million_tokens', price: 0.15, above: [] },
      { of: 'cache read', per: 'million_tokens', price: 0.075, above: [] },
      { of: 'output', per: 'million_tokens', price: 0.6, above: [] },
    ]),
  )
  const all = [...named.values()].flatMap(({ periods }) => periods)
  expect(all.some(({ from }) => from !== null)).toBe(true)
  expect(all.flatMap(({ rates }) => rates).some(({ above }) => above.length > 0)).toBe(true)
})

test('a provider without a book has no list, and one of somebody else is not there', async () => {
  const [ours, theirs] = [await tenant(), await tenant()]
  await ours.add('compatible', 'local', own)
  expect((await ours.ask('GET /v1/gateway/providers/local/price-list')).body).toEqual({ book: null, items: [] })
  expect((await theirs.ask('GET /v1/gateway/providers/local/price-list')).status).toBe(404)
})

test('what was asked at an unknown cost, or is led to, is missing until it has a price', async () => {
  const { ctx, ask, add } = await tenant()
  const other = await tenant()
  await add('compatible', 'local', own)
  await add('openai', 'main', { apiKey: 'sk-of-nobody-0000' })
  const targets = [
    { provider: 'local', model: 'llama', weight: 1, priority: 0 },
    { provider: 'main', model: 'gpt-4o-mini', weight: 1, priority: 0 },
  ]
  expect((await ask('POST /v1/gateway/routes', { alias: 'fast', targets })).status).toBe(201)
  const tokens = { input: 10, cached: 0, cacheWrite: 0, output: 5, reasoning: 0 }
  const row = (model: string): Accounted => ({
    ...accounted,
    id: newId('modelRequest'),
    tenant: ctx.tenant,
    provider: 'local',
    kind: 'compatible',
    model,
    tokens,
    price: null,
  })
  // that one had a price when it was asked
  const paid: Accounted = { ...row('gone'), price: { nano: 7, book: 'own price since 2026-01-01' } }
  await writeRequests(api.db, [row('phi'), row('phi'), row('llama'), paid])
  const missing = async () => (await ask('GET /v1/gateway/prices/missing')).body.items as object[]
  const lastAt = expect.stringMatching(/:00:00\.000Z$/) as string
  expect(await missing()).toEqual([
    { provider: 'local', model: 'phi', requests: 2, lastAt, routes: [] },
    { provider: 'local', model: 'llama', requests: 1, lastAt, routes: ['fast'] },
  ])
  const price = { provider: 'local', input: 0.1, output: 0.2 }
  await ask('POST /v1/gateway/prices', { ...price, model: 'phi' })
  // one that is still to come is none yet
  await ask('POST /v1/gateway/prices', { ...price, model: 'llama', since: '2999-01-01T00:00:00Z' })
  expect(await missing()).toEqual([{ provider: 'local', model: 'llama', requests: 1, lastAt, routes: ['fast'] }])
  expect((await other.ask('GET /v1/gateway/prices/missing')).body).toEqual({ items: [] })
})
