import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import type { Limits } from '#schemas/gateway/budgets.ts'
import { newId } from '#schemas/ids.ts'
import { accounted } from '#test/harness/accounted.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { addBudget, findBudget } from './store-budgets.ts'
import { createLeases, forgetWindows, type Leases } from './store-leases.ts'
import { writeRequests } from './store-requests.ts'

let database: TestDatabase
let leases: Leases
beforeAll(async () => {
  database = await testDatabase()
  leases = createLeases(database.db)
})
afterAll(() => database[Symbol.asyncDispose]())

const requests = async (limits: Limits) => {
  const ctx = await testTenant(database.db)
  const { id: budget } = await withTenant(database.db, ctx, (tx) =>
    addBudget(tx, ctx, { name: 'Desk', subject: { kind: 'tenant' }, unit: 'requests', limits, zone: 'UTC' }),
  )
  const [{ per }] = limits as [Limits[number]]
  const of = { tenant: ctx.tenant, budget, per }
  return {
    of,
    take: async (holder: string, need: number, wish = need) =>
      (await leases.trade(holder, [], [{ ...of, need, wish }]))[0]!,
    state: async () => (await withTenant(database.db, ctx, (tx) => findBudget(tx, ctx, budget))).windows[0]!,
  }
}
const alive = async (holder = newId('request')): Promise<string> => {
  await leases.beat(holder)
  return holder
}
const silence = (holder: string, ms: number) =>
  database.db.system
    .updateTable('gateway_budget_holder')
    .set({ beat_at: new Date(Date.now() - ms) })
    .where('id', '=', holder)
    .execute()

test('much is lent while there is much, and the last of it one by one', async () => {
  const { take, state } = await requests([{ per: 'ever', limit: 100 }])
  const [one, two] = [await alive(), await alive()]
  expect((await take(one, 1, 1000)).granted).toBe(25)
  expect((await take(two, 1, 1000)).granted).toBe(18)
  expect(await state()).toMatchObject({ leased: 43, left: 57 })
  expect((await take(two, 57, 57)).granted).toBe(57)
  expect(await take(one, 1)).toMatchObject({ granted: 0, leased: 75 })
})

test('by many at once no more is lent than there is', async () => {
  const { take, state } = await requests([{ per: 'ever', limit: 20 }])
  const holders = await Promise.all(Array.from({ length: 5 }, () => alive()))
  const taken = await Promise.all(
    Array.from({ length: 60 }, (_, n) => take(holders[n % holders.length]!, 1 + (n % 3), 5)),
  )
  expect(taken.reduce((sum, { granted }) => sum + granted, 0)).toBeLessThanOrEqual(20)
  expect(await state()).toMatchObject({ left: 0 })
})

test('of whom nothing is heard for 90 seconds holds nothing any more, and has to go on as another', async () => {
  const { take, state } = await requests([{ per: 'ever', limit: 10 }])
  const [dead, living] = [await alive(), await alive()]
  await take(dead, 10)
  await silence(dead, 84_000)
  expect((await take(living, 1)).granted).toBe(0)
  expect(await leases.beat(dead)).toBe(true)
  await silence(dead, 91_000)
  expect((await take(living, 10)).granted).toBe(10)
  expect(await leases.beat(dead)).toBe(false)
  expect(await state()).toMatchObject({ leased: 10, left: 0 })
  await withSystem(database.db, (tx) => forgetWindows(tx, new Date(), 100))
  const left = await database.db.system
    .selectFrom('gateway_budget_lease')
    .select('holder_id')
    .where('holder_id', '=', dead)
    .execute()
  expect(left).toEqual([])
})

test('a request that is written down twice is counted once', async () => {
  const { of, take, state } = await requests([{ per: 'ever', limit: 10 }])
  const holder = await alive()
  const { starts } = await take(holder, 5)
  const row = { ...accounted, id: newId('modelRequest'), tenant: of.tenant, charges: [{ ...of, starts, amount: 1 }] }
  await writeRequests(database.db, [row], holder)
  await writeRequests(database.db, [row], holder)
  expect(await state()).toMatchObject({ spent: 1, leased: 4, left: 5 })
})

test('what took more than was lent is covered by what is lent next', async () => {
  const { of, take, state } = await requests([{ per: 'ever', limit: 10 }])
  const [one, two] = [await alive(), await alive()]
  const { starts } = await take(one, 2)
  const charges = [{ ...of, starts, amount: 5 }]
  await writeRequests(database.db, [{ ...accounted, id: newId('modelRequest'), tenant: of.tenant, charges }], one)
  expect(await state()).toMatchObject({ spent: 5, leased: 0, left: 5 })
  // three are missing, and one more is needed
  expect((await take(one, 4)).granted).toBe(4)
  expect(await take(two, 5)).toMatchObject({ granted: 0 })
  expect(await take(two, 4)).toMatchObject({ granted: 4 })
})

test('each window begins anew, by the clock of the database', async () => {
  const { take } = await requests([{ per: 'minute', limit: 1 }])
  const { starts, ends, now } = await take(await alive(), 1)
  expect([ends - starts, starts % 60_000, starts <= now && now < ends]).toEqual([60_000, 0, true])
})

test('where the clocks are changed, a day is as long as it is', async () => {
  const { rows } = await database.db.pools.system.query<{ hours: string }>(
    `select extract(epoch from w.ends_at - w.starts_at) / 3600 as hours
     from unnest(array['2026-03-08', '2026-11-01', '2026-11-02']::date[]) d,
       gateway_budget_window_at('day', 'America/Chicago', (d + time '20:00') at time zone 'UTC') w`,
  )
  expect(rows.map(({ hours }) => Number(hours))).toEqual([23, 25, 24])
})
