import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { createSeal } from '#activities/seal.ts'
import { cacheSettings, usualCache } from '#schemas/gateway/cache.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { accounted } from '#test/harness/accounted.ts'
import { testDatabase, testKey, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { changeCache, emptyCache, findCache, forgetCachedAnswers, readCourse } from './store-cache.ts'
import { createCacheStore, hourOf, type Kept } from './store-cached.ts'
import { writeRequests } from './store-requests.ts'

let database: TestDatabase
let ctx: Context
let other: Context
beforeAll(async () => {
  database = await testDatabase()
  ;[ctx, other] = [await testTenant(database.db), await testTenant(database.db)]
})
afterAll(() => database[Symbol.asyncDispose]())

const mebibyte = 1_048_576
const store = () => createCacheStore(database.db, createSeal([testKey]))
const answer = {
  of: 'mrq_1',
  body: '{"said":"two"}',
  provider: 'gpt',
  kind: 'openai',
  model: 'm',
  tokens: null,
  unsaid: null,
} as const
const kept = (key: string, more: Partial<Kept> = {}): Kept => ({
  key,
  answer,
  at: Date.now(),
  until: Date.now() + 60_000,
  tenant: ctx.tenant,
  context: null,
  vector: null,
  mostBytes: mebibyte,
  ...more,
})
const cacheOf = (of: Context) => withTenant(database.db, of, (tx) => findCache(tx, of))

test('an answer is found under its key, by its tenant alone; a later one takes its place', async () => {
  await store().keep([kept('a')])
  expect(await store().find(ctx.tenant, 'a')).toMatchObject({ key: 'a', answer, threshold: 0 })
  expect(await store().find(other.tenant, 'a')).toBeNull()
  const newer = { ...answer, body: '{"said":"three"}' }
  await store().keep([kept('a'), kept('a', { answer: newer })])
  expect((await store().find(ctx.tenant, 'a'))!.answer).toEqual(newer)
  expect(await cacheOf(ctx)).toMatchObject({ entries: 1 })
  expect(await cacheOf(other)).toMatchObject({ entries: 0, bytes: 0 })
})

test('what is sealed for one row opens in no other', async () => {
  await store().keep([kept('mine'), kept('theirs', { tenant: other.tenant })])
  const sealed = await withSystem(database.db, async (tx) => {
    const row = await tx
      .selectFrom('gateway_cache_entry')
      .select('sealed')
      .where('key', '=', 'mine')
      .executeTakeFirstOrThrow()
    await tx.updateTable('gateway_cache_entry').set({ sealed: row.sealed }).where('key', '=', 'theirs').execute()
    return row.sealed
  })
  expect(sealed.toString('latin1')).not.toContain('said')
  await expect(store().find(other.tenant, 'theirs')).rejects.toThrow()
})

test('a tenant keeps no more than its bytes, the newest, also where several keep at once', async () => {
  const one = await testTenant(database.db)
  const long = { ...answer, body: 'x'.repeat(100_000) }
  const at = (n: number) => ({ tenant: one.tenant, answer: long, at: Date.now() - 60_000 + n })
  await Promise.all(Array.from({ length: 20 }, (_, n) => store().keep([kept(`k${n}`, at(n))])))
  const { entries, bytes } = await cacheOf(one)
  expect(bytes).toBeLessThanOrEqual(mebibyte)
  expect(entries).toBe(10)
  expect(await store().find(one.tenant, 'k19')).not.toBeNull()
  expect(await store().find(one.tenant, 'k9')).toBeNull()
  expect(await cacheOf(ctx)).toMatchObject({ entries: 2 })
})

test('vectors come back as they were, the newest of their context, the oldest of those first', async () => {
  const at = (n: number) => ({ context: 'c', at: Date.now() - 1000 + n, vector: Float32Array.of(n, 0.1) })
  await store().keep([1, 2, 3].map((n) => kept(`v${n}`, at(n))))
  await store().keep([kept('elsewhere', { ...at(4), context: 'd' }), kept('none', { context: 'c' })])
  expect(await store().vectors(ctx.tenant, 'c', null, 2)).toEqual([
    { key: 'v2', vector: Float32Array.of(2, 0.1) },
    { key: 'v3', vector: Float32Array.of(3, 0.1) },
  ])
  expect(await store().vectors(ctx.tenant, 'c', new Date(Date.now() + 1000), 2)).toEqual([])
  expect(await store().vectors(other.tenant, 'c', null, 2)).toEqual([])
})

test('answers that have had their time are swept, and how it did long ago', async () => {
  const one = await testTenant(database.db)
  await store().keep([kept('old', { tenant: one.tenant, until: Date.now() - 1 }), kept('new', { tenant: one.tenant })])
  expect(await cacheOf(one)).toMatchObject({ entries: 1 })
  const forget = (now: Date) => withSystem(database.db, (tx) => forgetCachedAnswers(tx, now, 1000))
  expect(await forget(new Date())).toBe(1)
  expect(await store().find(one.tenant, 'old')).toBeNull()
  expect(await store().find(one.tenant, 'new')).not.toBeNull()
})

test('a request counts once for how the cache did, however often it is written down', async () => {
  const one = await testTenant(database.db)
  const hit = { how: 'exact', of: newId('modelRequest'), ageMs: 5, similarity: null } as const
  const again = {
    ...accounted,
    id: newId('modelRequest'),
    tenant: one.tenant,
    cache: hit,
    saved: { cache: 337_500, promptCache: 0, routing: 0 },
  }
  const missed = { ...accounted, id: newId('modelRequest'), tenant: one.tenant, cache: { how: 'miss' } as const }
  const { cache: _, saved: __, ...before } = { ...accounted, id: newId('modelRequest'), tenant: one.tenant }
  await writeRequests(database.db, [again, missed])
  await writeRequests(database.db, [again, missed, before as typeof accounted])
  const course = await withTenant(database.db, one, (tx) => readCourse(tx, one, 1))
  const point = { exact: 1, semantic: 0, missed: 1, saved: 0.0003375, audited: 0, wrong: 0 }
  expect(course).toEqual({ by: 'hour', points: [{ at: hourOf(accounted.at).toISOString(), ...point }] })
  const days = await withTenant(database.db, one, (tx) => readCourse(tx, one, 30))
  expect(days).toMatchObject({ by: 'day', points: [point] })
})

test('settings begin as they usually are, change one by one, and tell of it; emptying tells what went', async () => {
  const one = await testTenant(database.db)
  expect(await cacheOf(one)).toMatchObject({ ...usualCache, changedAt: null })
  await store().keep([kept('a', { tenant: one.tenant })])
  const { bytes } = await cacheOf(one)
  const change = (given: object) => withTenant(database.db, one, (tx) => changeCache(tx, one, given))
  expect(cacheSettings.parse(await change({ mode: 'exact' }))).toEqual({ ...usualCache, mode: 'exact' })
  expect(await change({ ttl: 60 })).toMatchObject({ mode: 'exact', ttl: 60 })
  await expect(change({ mode: 'semantic' })).rejects.toMatchObject({
    code: 'invalid',
    extra: { issues: [{ path: '/body/embeddings' }] },
  })
  await expect(change({ embeddings: 'nowhere' })).rejects.toMatchObject({
    extra: { issues: [{ message: 'there is no route “nowhere”' }] },
  })
  const empty = () => withTenant(database.db, one, (tx) => emptyCache(tx, one))
  expect(await empty()).toEqual({ entries: 1, bytes })
  expect(await empty()).toEqual({ entries: 0, bytes: 0 })
  expect(await cacheOf(one)).toMatchObject({ mode: 'exact', ttl: 60, entries: 0 })
  const events = await database.db.system
    .selectFrom('event')
    .select(['type', 'data'])
    .where('tenant_id', '=', one.tenant)
    .where('type', 'like', 'response_cache%')
    .orderBy('position')
    .execute()
  expect(events).toMatchObject([
    { type: 'response_cache_changed', data: { mode: 'exact', ttl: 3600 } },
    { type: 'response_cache_changed', data: { mode: 'exact', ttl: 60 } },
    { type: 'response_cache_emptied', data: { entries: 1, bytes } },
    { type: 'response_cache_emptied', data: { entries: 0 } },
  ])
})
