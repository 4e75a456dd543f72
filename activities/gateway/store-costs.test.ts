import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { accounted } from '#test/harness/accounted.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import type { Accounted } from './relay/accounted.ts'
import { createVirtualKey } from './store-keys.ts'
import { readCosts } from './store-costs.ts'
import { writeRequests } from './store-requests.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const day = 86_400_000
const written = async (ctx: Context, ...rows: Partial<Accounted>[]) => {
  const whole = rows.map((row): Accounted => ({ ...accounted, id: newId('modelRequest'), tenant: ctx.tenant, ...row }))
  await writeRequests(database.db, whole)
  return whole
}
type Asked = Partial<Parameters<typeof readCosts>[2]>
const read = (ctx: Context, asked: Asked = {}) =>
  withTenant(database.db, ctx, (tx) => readCosts(tx, ctx, { days: 30, by: 'asked', ...asked }))
/** A cost in billionths of a US dollar. */
const nano = (cost: number) => ({ price: { nano: cost, book: 'test' } })

test('costs add up by what requests have in common, the dearest first, and a request counts once', async () => {
  const ctx = await testTenant(database.db)
  const rows = await written(ctx, { ...nano(1e9) }, { ...nano(2e9) }, { asked: 'smart', ...nano(7e9) })
  await writeRequests(database.db, rows)
  const { total, groups } = await read(ctx)
  expect(total).toMatchObject({ requests: 3, cost: 10, tokens: { input: 3000, cached: 1500, output: 300 } })
  expect(groups.map(({ group, cost, requests }) => [group, cost, requests])).toEqual([
    ['smart', 7, 1],
    ['fast', 3, 2],
  ])
})

test('by a tag: what has none of it is told too, and which tags there are', async () => {
  const ctx = await testTenant(database.db)
  await written(
    ctx,
    { tags: { store: 'north' }, ...nano(1e9) },
    { tags: { store: 'south', desk: '"A"' }, ...nano(2e9) },
    { ...nano(4e9) },
  )
  const { groups, tags } = await read(ctx, { by: 'tag', tag: 'store' })
  expect(groups.map(({ group, cost }) => [group, cost])).toEqual([
    ['', 4],
    ['south', 2],
    ['north', 1],
  ])
  expect(tags).toEqual(['desk', 'store'])
  await expect(read(ctx, { by: 'tag' })).rejects.toMatchObject({ code: 'invalid' })
})

test('keys and rules are told by their names, as long as there are any', async () => {
  const ctx = await testTenant(database.db)
  const key = await withTenant(database.db, ctx, (tx) =>
    createVirtualKey(tx, ctx, { name: 'Desk', models: null, tags: {} }),
  )
  await written(ctx, { key: key.id }, { key: null })
  expect((await read(ctx, { by: 'key' })).groups.map(({ group, name }) => [group, name])).toEqual([
    [key.id, 'Desk'],
    ['', null],
  ])
})

test('what was saved is told by lever, also where it cost more', async () => {
  const ctx = await testTenant(database.db)
  await written(
    ctx,
    { ...nano(1e9), saved: { cache: 0, promptCache: 0.5e9, routing: -0.25e9, marks: 4e9, trimming: 8e9 } },
    {
      ...nano(0),
      cache: { how: 'exact', of: 'x', ageMs: 1, similarity: null },
      saved: { cache: 2e9, promptCache: 0, routing: 0 },
    },
  )
  const { total, points } = await read(ctx)
  const saved = { cache: 2, promptCache: 0.5, routing: -0.25, marks: 4, trimming: 8 }
  expect(total).toMatchObject({ cost: 1, list: 15.25, saved })
  expect(points).toMatchObject([{ group: 'fast', cost: 1, list: 15.25 }])
})

test('what is not drawn by itself is one line, and the time that is asked for is kept to', async () => {
  const ctx = await testTenant(database.db)
  const at = Date.now()
  const many = Array.from({ length: 10 }, (_, n) => ({ asked: `m${n}`, at, ...nano((n + 1) * 1e9) }))
  await written(ctx, ...many, { at: at - 5 * day, ...nano(100e9) })
  const { by, points, total, groups } = await read(ctx, { days: 2 })
  expect(by).toBe('hour')
  expect(total.cost).toBe(55)
  expect(groups).toHaveLength(10)
  expect(points.find(({ group }) => group === 'other')?.cost).toBe(3)
  expect(points).toHaveLength(9)
  const month = await read(ctx, { days: 30 })
  expect([month.by, month.total.cost]).toEqual(['day', 155])
})

test('a request without a price is counted and not free; one that nobody was asked is not there', async () => {
  const ctx = await testTenant(database.db)
  await written(
    ctx,
    { price: null },
    { provider: null, kind: null, model: null, tokens: null, price: null, outcome: 'refused' },
  )
  expect((await read(ctx)).total).toMatchObject({ requests: 1, unpriced: 1, cost: 0 })
})

test('what has a price is counted, whether or not tokens were told', async () => {
  const ctx = await testTenant(database.db)
  await written(
    ctx,
    { operation: 'images', tokens: null, ...nano(4e9) },
    { operation: 'images', tokens: null, price: null },
  )
  const { groups } = await read(ctx, { by: 'operation' })
  expect(groups).toMatchObject([{ group: 'images', requests: 1, unpriced: 0, cost: 4, tokens: { input: 0 } }])
})

test('many processes that count the same at once lose nothing', async () => {
  const ctx = await testTenant(database.db)
  const each = Array.from({ length: 20 }, (_, n) =>
    written(ctx, { asked: `a${n % 3}`, ...nano(1e9) }, { asked: `a${(n + 1) % 3}`, ...nano(1e9) }),
  )
  await Promise.all(each)
  expect((await read(ctx)).total).toMatchObject({ requests: 40, cost: 40 })
})

test('another tenant sees nothing of it', async () => {
  const [ours, theirs] = [await testTenant(database.db), await testTenant(database.db)]
  await written(ours, nano(1e9))
  expect(await read(theirs)).toMatchObject({ total: { requests: 0, cost: 0 }, groups: [], points: [], tags: [] })
})
