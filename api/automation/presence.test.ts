import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, createParts } from '#api/app.ts'
import { createAutomation } from '#activities/automation/store.ts'
import { withSystem, withTenant } from '#activities/database.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { openLine, untilRow } from '#test/harness/live.ts'
import { signedIn } from '#test/harness/people.ts'
import { until } from '#test/harness/until.ts'
import { sample } from '#ui/lib/automation/sample.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const api = () => {
  const deps = testApiDeps(database)
  const parts = createParts(deps)
  const app = createApp(deps, parts)
  const request = (path: string, init: RequestInit) => app.request(path, init)
  return { app, request, [Symbol.dispose]: () => parts.hub.stop() }
}
type Api = ReturnType<typeof api>
const made = (ctx: Context) =>
  withTenant(database.db, ctx, (tx) =>
    createAutomation(tx, ctx, { handle: undefined, name: 'PlatformModel', definition: sample() }),
  )
const say = async (server: Api, cookie: string, id: string, body: object) =>
  server.request(`/v1/automations/${id}/presence`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('who is at an automation is seen by the others, whichever process they are at, and so is where', async () => {
  using one = api()
  using other = api()
  const dana = await signedIn(one.app, database.db, 'owner')
  const priya = await signedIn(one.app, database.db, 'viewer', dana.ctx)
  const id = await made(dana.ctx)
  await say(one, dana.cookie, id, { screen: 'danascreen', node: 'read' })
  await using line = await openLine([`presence:${id}`], { cookie: priya.cookie, request: other.request })
  await untilRow(line, `presence:${id}`, 'she is there already', (row) => row['node'] === 'read')
  await say(one, dana.cookie, id, { screen: 'danascreen', node: 'ask' })
  await untilRow(line, `presence:${id}`, 'she went on', (row) => row['node'] === 'ask' && row['id'] === 'danascreen')
  expect((await say(one, dana.cookie, id, { screen: 'danascreen', left: true })).status).toBe(204)
  await until('she left', async () => line.rows(`presence:${id}`).length === 0)
})

test('who says nothing for half a minute has left', async () => {
  using server = api()
  const dana = await signedIn(server.app, database.db, 'owner')
  const id = await made(dana.ctx)
  await say(server, dana.cookie, id, { screen: 'silentone' })
  await using line = await openLine([`presence:${id}`], { cookie: dana.cookie, request: server.request })
  await untilRow(line, `presence:${id}`, 'she is there', (row) => row['id'] === 'silentone')
  await withSystem(database.db, (tx) =>
    tx
      .updateTable('automation_presence')
      .set({ seen_at: new Date(Date.now() - 31_000) })
      .where('screen', '=', 'silentone')
      .execute(),
  )
  await until('she left', async () => line.rows(`presence:${id}`).length === 0)
  await using later = await openLine([`presence:${id}`], { cookie: dana.cookie, request: server.request })
  await until('it has begun', async () => later.heard.some((one) => one.event === 'snapshot'))
  expect(JSON.stringify(later.heard)).not.toContain('silentone')
})

test('a screen is moved by its own person only, and another tenant sees nothing of it', async () => {
  using server = api()
  const dana = await signedIn(server.app, database.db, 'owner')
  const priya = await signedIn(server.app, database.db, 'viewer', dana.ctx)
  const stranger = await signedIn(server.app, database.db, 'owner')
  const id = await made(dana.ctx)
  await say(server, dana.cookie, id, { screen: 'herscreen', node: 'read' })
  await say(server, priya.cookie, id, { screen: 'herscreen', node: 'done' })
  await using line = await openLine([`presence:${id}`], { cookie: priya.cookie, request: server.request })
  await untilRow(line, `presence:${id}`, 'she is where she was', (row) => row['node'] === 'read')
  expect((await say(server, stranger.cookie, id, { screen: 'strangerscreen' })).status).toBe(404)
})
