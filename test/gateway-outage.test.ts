import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addBudget, findBudget } from '#activities/gateway/store-budgets.ts'
import { setCache } from './harness/cache.ts'
import { startGateway, type Asker, type TestGateway } from './harness/gateway.ts'
import { recordedOf, setRecording } from './harness/recording.ts'
import { ownServers, type OwnServers } from './harness/own-servers.ts'
import { startUpstream, type TestUpstream } from './harness/upstream.ts'
import { until } from './harness/until.ts'

/** So many requests memory holds, so that the others have to wait elsewhere. */
const mostWaiting = 100
/** And so many bytes of bodies: about a hundred requests. */
const mostRecorded = 400_000

let servers: OwnServers
let gateway: TestGateway
let upstream: TestUpstream
beforeAll(async () => {
  servers = await ownServers()
  ;[gateway, upstream] = await Promise.all([startGateway({ mostWaiting, mostRecorded }), startUpstream()])
}, 120_000)
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
  await servers[Symbol.asyncDispose]()
})

const someone = () =>
  gateway.tenant(
    [{ kind: 'openai', name: 'gpt', baseUrl: upstream.url, apiKey: 'sk-gpt' }],
    [{ provider: 'gpt', model: 'gpt-5-mini' }],
  )
const body = JSON.stringify({
  model: 'fast',
  max_completion_tokens: 100,
  messages: [{ role: 'user', content: 'word '.repeat(700) }],
})
const ask = async ({ secret }: Asker, asked = body) => {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  const reply = await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body: asked })
  return { reply, said: (await reply.json()) as { error?: { code: string; message: string } } }
}
const askMany = async (by: Asker, count: number): Promise<number> => {
  let answered = 0
  for (let left = count; left > 0; left -= 20) {
    const all = await Promise.all(Array.from({ length: Math.min(20, left) }, () => ask(by)))
    answered += all.filter(({ reply }) => reply.status === 200).length
  }
  return answered
}

test('while the database is away no cost is lost, memory has an end, and who has a budget spends what is lent and no more', async () => {
  const [free, held] = [await someone(), await someone()]
  const { id } = await withTenant(gateway.database.db, held.ctx, (tx) => {
    const given = { name: 'Desk', subject: { kind: 'tenant' }, unit: 'usd', zone: 'UTC' } as const
    return addBudget(tx, held.ctx, { ...given, limits: [{ per: 'ever', limit: 100 }] })
  })
  let count = { free: await askMany(free, 1), held: await askMany(held, 1) }
  expect(count).toEqual({ free: 1, held: 1 })
  await gateway.relaying.flush()

  await servers.kill('postgres')
  count = { held: count.held + (await askMany(held, 100)), free: count.free + (await askMany(free, 500)) }
  expect(count.free).toBe(501)
  // of what was lent before; and then it is said what is the matter
  expect(count.held).toBeGreaterThan(1)
  expect(count.held).toBeLessThan(101)
  const { reply, said } = await ask(held)
  expect([reply.status, said.error?.code, Number(reply.headers.get('retry-after')) > 0]).toEqual([
    503,
    'budget_unavailable',
    true,
  ])
  expect(said.error?.message).toMatch(/The budget “Desk” cannot be asked for: the database does not answer/)
  expect(gateway.relaying.figures().waiting).toBeLessThanOrEqual(mostWaiting)

  await servers.start('postgres')
  await until('all is written down', () => gateway.relaying.flush().then(() => true))
  const costs = (await gateway.written(held.ctx)).filter(({ outcome }) => outcome === 'ok')
  expect(costs).toHaveLength(count.held)
  expect((await gateway.written(free.ctx)).filter(({ cost_nano: cost }) => Number(cost) > 0)).toHaveLength(count.free)
  const { windows } = await withTenant(gateway.database.db, held.ctx, (tx) => findBudget(tx, held.ctx, id))
  const nano = costs.reduce((sum, row) => sum + Number(row.cost_nano), 0)
  expect(windows[0]!.spent).toBe(nano / 1e9)
  // and it goes on
  await until('it is lent again', async () => (await ask(held)).reply.status === 200)
})

test('while the database is away, what the process holds is given again, and all else is asked', async () => {
  const one = await someone()
  await setCache(gateway, one.ctx, { mode: 'exact' })
  const how = async (content: string) => {
    const { reply } = await ask(one, JSON.stringify({ model: 'fast', messages: [{ role: 'user', content }] }))
    return `${reply.status} ${reply.headers.get('x-auterity-cache')}`
  }
  expect(await how('Before?')).toBe('200 miss')
  await servers.kill('postgres')
  expect([await how('Before?'), await how('Meanwhile?'), await how('Meanwhile?')]).toEqual([
    '200 hit',
    '200 miss',
    '200 hit',
  ])
  await servers.start('postgres')
  await until('all is written down', () => gateway.relaying.flush().then(() => true))
  const told = (await gateway.written(one.ctx)).map(({ cache }) => cache)
  expect(told).toEqual(['miss', 'exact', 'miss', 'exact'])
})

test('while the database is away bodies are kept as far as there is room, costs all of them; what was not kept is told', async () => {
  const one = await someone()
  await setRecording(gateway, one.ctx)
  expect(await askMany(one, 1)).toBe(1)
  await gateway.relaying.flush()
  await servers.kill('postgres')
  expect(await askMany(one, 200)).toBe(200)
  expect(gateway.relaying.figures().unrecorded).toBeGreaterThan(0)

  await servers.start('postgres')
  await until('all is written down', () => gateway.relaying.flush().then(() => true))
  const rows = await gateway.written(one.ctx)
  expect(rows.filter(({ cost_nano: cost }) => Number(cost) > 0)).toHaveLength(201)
  const bodies = await recordedOf(gateway, one.ctx)
  const isWhole = bodies.map((both) => both?.asked.whole === true && both.answer.whole)
  expect(isWhole.filter(Boolean).length).toBeGreaterThan(50)
  expect(isWhole.filter(Boolean).length).toBeLessThan(201)
  for (const [n, both] of bodies.entries())
    if (!isWhole[n]) expect([both?.asked.withheld, both?.answer.withheld]).toContain('no_room')
  // and then there is room again
  expect(await askMany(one, 1)).toBe(1)
  await gateway.relaying.flush()
  expect((await recordedOf(gateway, one.ctx)).at(-1)).toMatchObject({ asked: { whole: true }, answer: { whole: true } })
})
