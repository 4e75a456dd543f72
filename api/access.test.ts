import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '#api/app.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { signedIn, withKey } from '#test/harness/people.ts'

let database: TestDatabase
let app: ReturnType<typeof createApp>
beforeAll(async () => {
  database = await testDatabase()
  app = createApp(testApiDeps(database))
})
afterAll(() => database[Symbol.asyncDispose]())

test('a person who signs in by the link is told who they are; a key is told that it is no person', async () => {
  const owner = await signedIn(app, database.db, 'owner')
  const me = await app.request('/v1/me', { headers: { cookie: owner.cookie } })
  expect(await me.json()).toMatchObject({ user: { id: owner.user, hasPassword: false }, role: 'owner' })
  const { authorization } = await withKey(database.db, ['runs:read'], owner.ctx)
  const machine = await app.request('/v1/me', { headers: { authorization } })
  expect(await machine.json()).toMatchObject({ user: null, role: null, scopes: ['runs:read'] })
})
