import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { priceOfRow } from '#activities/gateway/relay/books.ts'
import { readModels } from '#activities/gateway/store-known.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { newId } from '#schemas/ids.ts'
import { accounted } from '#test/harness/accounted.ts'
import { testDatabase, testKey, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { steeringActivities } from './index.ts'
import { createPolicy } from './store.ts'
import { findReplay, requestReplay, toReplay } from './store-replays.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const seal = createSeal([testKey])

/** What requests like these would have come to under these rules; ten of `count` are from a key called Desk. */
const replayed = async (rules: string, requests: Partial<typeof accounted>[]) => {
  const { db } = database
  const ctx = await testTenant(db)
  const key = await withTenant(db, ctx, async (tx) => {
    await addProvider(tx, ctx, seal, { kind: 'openai', name: 'openai', apiKey: 'sk-1' })
    const targets = [{ provider: 'openai', model: 'gpt-5-mini', weight: 1, priority: 0 }]
    await addRoute(tx, ctx, { alias: 'fast', targets })
    return (await createVirtualKey(tx, ctx, { name: 'Desk', models: null, tags: {} })).id
  })
  await writeRequests(
    db,
    requests.map((one) => {
      const row = { ...accounted, id: newId('modelRequest'), tenant: ctx.tenant, key, ...one }
      return { ...row, price: priceOfRow(row) }
    }),
  )
  const { policy, id } = await withTenant(db, ctx, async (tx) => {
    const made = await createPolicy(tx, ctx, `name: Test\nrules:\n${rules}`)
    const range = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 60_000) }
    return { policy: made.id, id: (await requestReplay(tx, ctx, made.id, { version: 'draft', ...range })).id }
  })
  const models = async (tenant: string) => ({ ...(await readModels(db.system, tenant, seal)), steering: null })
  const { replaySome } = steeringActivities({ db, models })
  while (await replaySome({ replay: id, tenant: ctx.tenant }));
  return withTenant(db, ctx, async (tx) => toReplay(await findReplay(tx, ctx, policy, id)))
}

test('what goes elsewhere is counted at the price and in the time of what it goes to', async () => {
  const told = await replayed(
    `
  - { id: large, when: prompt.tokens > 500, decide: { route: [{ provider: openai, model: gpt-5 }] } }`,
    [
      {},
      {},
      { tokens: { ...accounted.tokens!, input: 100, cached: 0 } },
      { model: 'gpt-5', alias: null, asked: 'openai/gpt-5', totalMs: 5000 },
    ],
  )
  // 500 × $1.25 + 500 × $0.125 + 100 × $10, a million each
  const large = (500 * 1250 + 500 * 125 + 100 * 10_000) / 1e9
  const [mini, small] = [0.0003375, (100 * 250 + 100 * 2000) / 1e9]
  expect(told).toMatchObject({ state: 'completed', total: 4, done: 4, changed: 2, unknown: { requests: 0, rules: [] } })
  expect(told.before.cost).toBeCloseTo(2 * mini + small + large, 9)
  expect(told.after.cost).toBeCloseTo(3 * large + small, 9)
  expect(told.before.models).toEqual([
    { model: 'openai/gpt-5-mini', requests: 3 },
    { model: 'openai/gpt-5', requests: 1 },
  ])
  expect(told.after.models).toEqual([
    { model: 'openai/gpt-5', requests: 3 },
    { model: 'openai/gpt-5-mini', requests: 1 },
  ])
  expect(told.before.p50Ms! / 900).toBeCloseTo(1, 1)
  expect(told.after.p50Ms! / 5000).toBeCloseTo(1, 1)
  expect(told.sample).toMatchObject([
    { asked: 'fast', from: { model: 'openai/gpt-5-mini', cost: mini }, to: { model: 'openai/gpt-5', cost: large } },
    {},
  ])
  expect(told.sample[0]!.rule).toMatch(/^pol_\w+@draft\/large$/)
})

test('what would be refused, and what was and would not be, is counted; nobody knows what that would cost', async () => {
  const refused = { outcome: 'refused' as const, provider: null, model: null, kind: null, tokens: null, status: 403 }
  const told = await replayed(
    `
  - { id: no, when: request.stream, decide: { deny: { reason: No streams. } } }`,
    [{ stream: true }, { stream: false }, refused],
  )
  expect(told).toMatchObject({ changed: 2, before: { refused: 1 }, after: { refused: 1, unpriced: 1 } })
  expect(told.after.cost).toBeCloseTo(0.0003375, 9)
})

test('what a classifier said of a request then is what other rules are told of it', async () => {
  const told = await replayed(
    `
  - { id: likely, when: prompt.easy > 0.8, decide: { route: [{ provider: openai, model: gpt-5 }] } }
  - { id: enough, when: prompt.suffices, decide: { deny: { reason: No. } } }`,
    [
      { verdict: { easy: 0.9, suffices: false } },
      { verdict: { easy: 0.7, suffices: true } },
      { verdict: { easy: 0.1, suffices: false } },
      {},
    ],
  )
  expect(told).toMatchObject({ changed: 2, after: { refused: 1 }, unknown: { requests: 1 } })
  expect(told.after.models).toContainEqual({ model: 'openai/gpt-5', requests: 1 })
})

test('requests of which a rule reads what was not kept count as they were, and are told apart', async () => {
  const told = await replayed(
    `
  - { id: contracts, when: request.model == "fast" && prompt.text.contains("contract"), decide: { deny: { reason: No. } } }
  - { id: images, when: request.images && key.name == "Nobody", decide: { deny: { reason: No. } } }
  - { id: rest, when: request.model == "slow", decide: { route: fast } }`,
    [{}, {}, { asked: 'slow', alias: 'slow', model: 'gpt-5' }],
  )
  expect(told).toMatchObject({ changed: 1, unknown: { requests: 2 } })
  expect(told.unknown.rules).toMatchObject([{ requests: 2 }])
  expect(told.unknown.rules[0]!.rule).toMatch(/contracts$/)
  expect(told.sample).toMatchObject([{ asked: 'slow', to: { model: 'openai/gpt-5-mini' } }])
})

test('what comes after a rule that cannot be told is not told either', async () => {
  const told = await replayed(
    `
  - { id: contracts, when: prompt.text.contains("contract"), decide: { deny: { reason: No. } } }
  - { id: all, decide: { route: [{ provider: openai, model: gpt-5 }] } }`,
    [{}, {}],
  )
  expect(told).toMatchObject({
    changed: 0,
    unknown: { requests: 2 },
    after: { models: [{ model: 'openai/gpt-5-mini' }] },
  })
})

test('more requests than are worked out at a go are each counted once', async () => {
  const told = await replayed(
    `
  - { id: all, decide: { keep: true } }`,
    Array.from({ length: 1200 }, () => ({})),
  )
  expect(told).toMatchObject({ total: 1200, done: 1200, changed: 0, state: 'completed' })
  expect(told.after.models).toEqual([{ model: 'openai/gpt-5-mini', requests: 1200 }])
})
