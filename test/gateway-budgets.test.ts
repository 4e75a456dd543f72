import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { readAsked, type Asked } from '#activities/gateway/relay/asked.ts'
import { mostTokens } from '#activities/gateway/relay/most.ts'
import { priceOf } from '#activities/gateway/relay/price.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import type { Budget, Limits, Unit } from '#schemas/gateway/budgets.ts'
import { testKey } from './harness/database.ts'
import { freePort, startPlatform, type Platform } from './harness/platform.ts'
import { startUpstream, well, type Asked as Heard, type TestUpstream } from './harness/upstream.ts'
import { until } from './harness/until.ts'

let platform: Platform
let upstream: TestUpstream
let key: string
let urls: string[]
/** While it is there, answers wait in it. */
let waiting: (() => void)[] | null = null

beforeAll(async () => {
  upstream = await startUpstream((response: ServerResponse, asked: Heard) => {
    if (waiting === null) well(response, asked)
    else waiting.push(() => well(response, asked))
  })
  platform = await startPlatform({
    processes: ['api'],
    env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32', AUTERITY_LOG: 'warn' },
  })
  const ports = [await freePort(), await freePort()]
  for (const port of ports) await platform.start('api', { AUTERITY_PORT: String(port) })
  urls = [platform.url, ...ports.map((port) => `http://127.0.0.1:${port}`)]
  const { ctx, database } = platform
  await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'gpt', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    const targets = [{ provider: 'gpt', model: 'gpt-5-mini', weight: 1, priority: 0 }]
    await addRoute(tx, ctx, { alias: 'fast', targets })
  })
}, 120_000)
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})
beforeEach(async () => {
  waiting = null
  const { ctx, database } = platform
  const made = await withTenant(database.db, ctx, (tx) =>
    createVirtualKey(tx, ctx, { name: 'Desk', models: null, tags: {} }),
  )
  key = made.key
  of = made.id
})
let of: string

const body = JSON.stringify({
  model: 'fast',
  max_completion_tokens: 100,
  messages: [{ role: 'user', content: 'word '.repeat(700) }],
})
/** At the most, in dollars: it comes to less, since half of what is read is from the provider's cache. */
const most = (): number => {
  const asked = readAsked('chat', Buffer.from(body)) as Asked
  return priceOf({ provider: 'gpt', kind: 'openai', model: 'gpt-5-mini' }, mostTokens(asked), Date.now())!.nano / 1e9
}

type Answered = { status: number; code?: string; message?: string }
const ask = async (url: string): Promise<Answered> => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  try {
    const reply = await fetch(`${url}/gateway/openai/v1/chat/completions`, { method: 'POST', headers, body })
    const { error } = (await reply.json()) as { error?: { code: string; message: string } }
    return { status: reply.status, ...error }
  } catch {
    return { status: 0 }
  }
}
const askMany = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => ask(urls[n % urls.length]!)))
const counted = (answers: readonly Answered[]) => Object.groupBy(answers, ({ status }) => status)

const given = async (unit: Unit, limits: Limits): Promise<string> =>
  (
    await platform.post<Budget>('/v1/gateway/budgets', {
      name: 'Desk',
      subject: { kind: 'key', key: of },
      unit,
      limits,
    })
  ).body.id
const stateOf = async (id: string) => (await platform.get<Budget>(`/v1/gateway/budgets/${id}`)).windows[0]!
const settled = (id: string) =>
  until('nothing is leased', async () => {
    const state = await stateOf(id)
    return state.leased === 0 && state
  })
/** What the requests of the key came to by their rows, in dollars. */
const costOfRows = async (): Promise<{ cost: number; lost: number; count: number }> => {
  const rows = await platform.database.db.system
    .selectFrom('gateway_request')
    .select(['cost_nano', 'outcome'])
    .where('key_id', '=', of)
    .where('outcome', '<>', 'refused')
    .execute()
  const nano = rows.reduce((sum, row) => sum + Number(row.cost_nano), 0)
  return { cost: nano / 1e9, lost: rows.filter(({ outcome }) => outcome === 'lost').length, count: rows.length }
}

test('of 200 requests at once to three processes, a budget for 10 lets 10 through', async () => {
  const id = await given('requests', [{ per: 'ever', limit: 10 }])
  const answers = counted(await askMany(200))
  expect(answers[200]).toHaveLength(10)
  expect(answers[429]).toHaveLength(190)
  expect(await settled(id)).toMatchObject({ limit: 10, spent: 10, left: 0 })
  // what is let in afterwards is let in, and no more than that
  await platform.patch(`/v1/gateway/budgets/${id}`, { limits: [{ per: 'ever', limit: 13 }] })
  await until('the others know', async () => (await askMany(3)).some(({ status }) => status === 200))
  await askMany(30)
  expect(await settled(id)).toMatchObject({ spent: 13, left: 0 })
})

test('a limit of requests is exact across processes', async () => {
  const id = await given('requests', [{ per: 'hour', limit: 60 }])
  expect(counted(await askMany(200))[200]).toHaveLength(60)
  expect(await settled(id)).toMatchObject({ spent: 60 })
})

test('a budget in dollars is never gone over, and holds nobody up while there is enough left', async () => {
  const id = await given('usd', [{ per: 'ever', limit: Math.round(most() * 10 * 1e6) / 1e6 }])
  await askMany(200)
  let state = await settled(id)
  expect(state.spent).toBeLessThanOrEqual(state.limit)
  // one after the other, each by another process, until one is refused
  for (let n = 0; (await ask(urls[n % urls.length]!)).status === 200; n++);
  state = await settled(id)
  expect(state.spent).toBeLessThanOrEqual(state.limit)
  expect(state.left).toBeLessThan(most())
  expect(state.spent).toBe((await costOfRows()).cost)
})

test('a process that is killed in the midst gives back what it held, and what it cost is known to the billionth', async () => {
  const id = await given('usd', [{ per: 'ever', limit: Math.round(most() * 60 * 1e6) / 1e6 }])
  waiting = []
  const asking = askMany(100)
  await until('many are under way', () => Promise.resolve(waiting!.length >= 45))
  // those that are answered are over, and not written down when it dies
  for (const answer of waiting.splice(0, 20)) answer()
  await platform.kill('api')
  const rest = waiting
  waiting = null
  for (const answer of rest) answer()
  await asking
  const { lost } = await until('what it left is written down', async () => {
    const rows = await costOfRows()
    return rows.lost > 0 && rows
  })
  expect(lost).toBeGreaterThan(0)
  let state = await settled(id)
  expect(state.spent).toBeLessThanOrEqual(state.limit)
  expect(state.spent).toBe((await costOfRows()).cost)
  for (let n = 0; (await ask(urls[n % 2]!)).status === 200; n++);
  state = await settled(id)
  expect(state.left).toBeLessThan(most())
  expect(state.spent).toBe((await costOfRows()).cost)
  expect(state.spent).toBeLessThanOrEqual(state.limit)
})
