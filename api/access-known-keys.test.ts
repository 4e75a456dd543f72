import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, createParts } from '#api/app.ts'
import { revokeApiKey } from '#activities/access/store.ts'
import { withSystem, withTenant } from '#activities/database.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { until } from '#test/harness/until.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

/** An API of its own, as another process has it; `hears` opens its ear at the database. */
const api = async (hears = true) => {
  const deps = testApiDeps(database)
  const parts = createParts(deps)
  const app = createApp(deps, parts)
  if (hears) parts.ear.open()
  await until('it hears', async () => parts.ear.hears === hears)
  return {
    status: async (authorization: string, path = '/v1/keys', method = 'GET') =>
      (await app.request(path, { method, headers: { authorization } })).status,
    [Symbol.dispose]: () => parts.hub.stop(),
  }
}

const change = (id: string, to: { scopes: [] } | { expires_at: Date }) =>
  withSystem(database.db, (tx) => tx.updateTable('api_key').set(to).where('id', '=', id).execute())

test('a key that was seen a moment ago is not looked up again; one who does not hear of changes looks each time', async () => {
  using hears = await api()
  using deaf = await api(false)
  const { authorization, ctx } = await withKey(database.db)
  expect([await hears.status(authorization), await deaf.status(authorization)]).toEqual([200, 200])
  // nothing announces this: only who looks can see it
  await change(ctx.actor.id, { scopes: [] })
  expect([await hears.status(authorization), await deaf.status(authorization)]).toEqual([200, 403])
})

test('a revoked key is refused at once where it was revoked, and elsewhere as soon as that is heard', async () => {
  using here = await api()
  using there = await api()
  for (let n = 0; n < 20; n++) {
    const { authorization, ctx } = await withKey(database.db)
    expect([await here.status(authorization), await there.status(authorization)]).toEqual([200, 200])
    expect(await here.status(authorization, `/v1/keys/${ctx.actor.id}`, 'DELETE')).toBe(204)
    expect(await here.status(authorization)).toBe(401)
    await until('the other one refuses it too', async () => (await there.status(authorization)) === 401)
  }
})

test('a key that is revoked while it is being looked up is not known afterwards', async () => {
  using there = await api()
  for (let n = 0; n < 20; n++) {
    const { authorization, ctx } = await withKey(database.db)
    const looked = Promise.all(Array.from({ length: 8 }, () => there.status(authorization)))
    await withTenant(database.db, ctx, (tx) => revokeApiKey(tx, ctx, ctx.actor.id))
    await looked
    await until('it is refused', async () => (await there.status(authorization)) === 401)
    expect(await there.status(authorization)).toBe(401)
  }
})

test('a key is known no longer than it lives', async () => {
  using hears = await api()
  const { authorization, ctx } = await withKey(database.db)
  await change(ctx.actor.id, { expires_at: new Date(Date.now() + 1500) })
  expect(await hears.status(authorization)).toBe(200)
  await until('it has run out', async () => (await hears.status(authorization)) === 401, 8_000)
})
