import { expect, test } from 'vitest'
import { usualCache } from '#schemas/gateway/cache.ts'
import { ownApi } from '#test/harness/own-api.ts'

const api = ownApi()
const { someone } = api

test('the cache is read, changed and emptied, and each change is in the audit log; no other tenant sees any of it', async () => {
  const [ask, other] = [await someone(), await someone()]
  const before = await ask('GET /v1/gateway/cache')
  expect(before.body).toMatchObject({ ...usualCache, mode: 'off', entries: 0, bytes: 0, changedAt: null })
  expect(before.body.search).toContain('needs no extension of the database')
  const changed = await ask('PATCH /v1/gateway/cache', { mode: 'exact', ttl: 60, scope: 'key' })
  expect(changed.body).toMatchObject({ ...usualCache, mode: 'exact', ttl: 60, scope: 'key' })
  expect((await ask('GET /v1/gateway/cache')).body).toEqual(changed.body)
  expect((await ask('POST /v1/gateway/cache/empty')).body).toEqual({ entries: 0, bytes: 0 })
  expect((await ask('GET /v1/gateway/cache/course?days=30')).body).toEqual({ by: 'day', points: [] })
  const events = (await ask('GET /v1/events')).body.items as { type: string; data: object }[]
  expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['response_cache_emptied', 'response_cache_changed'])
  expect(events[1]!.data).toEqual({ ...usualCache, mode: 'exact', ttl: 60, scope: 'key' })
  expect((await other('GET /v1/gateway/cache')).body).toMatchObject({ mode: 'off', changedAt: null })
})

test.each<[object, string]>([
  [{ mode: 'semantic' }, '/body/embeddings'],
  [{ mode: 'on' }, '/body/mode'],
  [{ ttl: 0 }, '/body/ttl'],
  [{ ttl: 2_592_001 }, '/body/ttl'],
  [{ ttl: '1h' }, '/body/ttl'],
  [{ mostBytes: 10 }, '/body/mostBytes'],
  [{ similarity: 1.1 }, '/body/similarity'],
  [{ auditShare: -0.1 }, '/body/auditShare'],
  [{ embeddings: 'nowhere' }, '/body/embeddings'],
  [{ scope: 'all' }, '/body/scope'],
])('%j is refused, with the field that is wrong, and changes nothing', async (given, path) => {
  const ask = await someone()
  const refused = await ask('PATCH /v1/gateway/cache', { sampled: true, ...given })
  expect(refused).toMatchObject({ status: 422, body: { issues: [{ path }] } })
  expect((await ask('GET /v1/gateway/cache')).body).toMatchObject({ ...usualCache, changedAt: null })
})

test('who may only read can look, and change nothing', async () => {
  const as = await api.as('viewer')
  expect((await as('GET /v1/gateway/cache')).status).toBe(200)
  expect((await as('GET /v1/gateway/cache/course')).status).toBe(200)
  expect((await as('PATCH /v1/gateway/cache', { mode: 'exact' })).status).toBe(403)
  expect((await as('POST /v1/gateway/cache/empty')).status).toBe(403)
})

test('changes at the same time are both there in the end', async () => {
  const ask = await someone()
  const all = await Promise.all(
    [{ ttl: 60 }, { sampled: true }, { scope: 'user' }, { similarity: 0.9 }].map((one) =>
      ask('PATCH /v1/gateway/cache', one),
    ),
  )
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect((await ask('GET /v1/gateway/cache')).body).toMatchObject({
    ttl: 60,
    sampled: true,
    scope: 'user',
    similarity: 0.9,
  })
})
