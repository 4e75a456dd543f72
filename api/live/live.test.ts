import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, createParts } from '#api/app.ts'
import { setTitle } from '#activities/runs/store.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { newId } from '#schemas/ids.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { withSystem, withTenant } from '#activities/database.ts'
import { openLine, untilRow } from '#test/harness/live.ts'
import { signedIn, withKey, type SignedIn } from '#test/harness/people.ts'
import { until } from '#test/harness/until.ts'
import { Channel } from './channel.ts'
import { drawn } from '#test/harness/drawn.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const api = (recheckEveryMs = 3_600_000) => {
  const deps = testApiDeps(database, { recheckEveryMs })
  const parts = createParts(deps)
  const app = createApp(deps, parts)
  const request = (path: string, init: RequestInit) => app.request(path, init)
  return { app, request, hub: parts.hub, [Symbol.dispose]: () => parts.hub.stop() }
}

test('a key that is revoked ends its line at once, and no other', async () => {
  using server = api()
  const revoked = await withKey(database.db)
  const other = await withKey(database.db, undefined, revoked.ctx)
  await using line = await openLine(['runs'], { ...revoked, request: server.request })
  await using stays = await openLine(['runs'], { ...other, request: server.request })
  await until('both lines have begun', async () => line.heard.length > 1 && stays.heard.length > 1)
  const reply = await server.request(`/v1/keys/${revoked.ctx.actor.id}`, {
    method: 'DELETE',
    headers: { authorization: other.authorization },
  })
  expect(reply.status).toBe(204)
  expect(await line.ended).toBe('closed')
  expect(server.hub.viewers).toBe(1)
})

test('who signs out elsewhere or is removed loses their lines at once, and nobody else', async () => {
  using server = api()
  const owner = await signedIn(server.app, database.db, 'owner')
  const [leaver, removed] = [
    await signedIn(server.app, database.db, 'viewer', owner.ctx),
    await signedIn(server.app, database.db, 'viewer', owner.ctx),
  ]
  const open = ({ cookie }: SignedIn) => openLine(['runs'], { cookie, request: server.request })
  await using stays = await open(owner)
  await using left = await open(leaver)
  await using lost = await open(removed)
  await until('all lines have begun', async () => [stays, left, lost].every((line) => line.heard.length > 1))
  const end = async (path: string, { cookie }: SignedIn) =>
    (await server.request(path, { method: 'DELETE', headers: { cookie } })).status
  expect(await end('/v1/session', leaver)).toBe(204)
  expect(await left.ended).toBe('closed')
  expect(await end(`/v1/people/${removed.user}`, owner)).toBe(204)
  expect(await lost.ended).toBe('closed')
  expect(server.hub.viewers).toBe(1)
})

test('a credential whose time is over ends its line', async () => {
  using server = api(30)
  const { authorization, ctx } = await withKey(database.db)
  await using line = await openLine(['runs'], { authorization, request: server.request })
  await until('the line has begun', async () => line.heard.length > 1)
  await withSystem(database.db, (tx) =>
    tx.updateTable('api_key').set({ expires_at: new Date() }).where('id', '=', ctx.actor.id).execute(),
  )
  expect(await line.ended).toBe('closed')
})

test('an API that stops ends its lines in order', async () => {
  using server = api()
  await using line = await openLine(['runs'], { ...(await withKey(database.db)), request: server.request })
  await until('the line has begun', async () => line.heard.length > 1)
  server.hub.stop()
  expect(await line.ended).toBe('closed')
})

test('who reads nothing for long is given the newest state, not the backlog', async () => {
  using server = api()
  const { ctx, authorization } = await withKey(database.db)
  const run = newId('run')
  await withTenant(database.db, ctx, (tx) => requestRuns(tx, ctx, [{ run, automation: drawn, title: '0', input: {} }]))
  const viewer: string[] = []
  const watched = server.hub.subscribe(ctx, 'runs', (delta) => viewer.push(delta.cursor))
  await watched.start(null)
  // a reader that never asks for more: the first chunk fills the stream, the rest waits in the queue
  const reply = await server.request('/v1/live?topic=runs', { headers: { authorization } })
  for (let title = 1; viewer.length < 230; title++) {
    const before = viewer.length
    await withTenant(database.db, ctx, (tx) => setTitle(tx, run, String(title), false))
    await until('the change has reached the viewers', async () => viewer.length > before)
  }
  await withTenant(database.db, ctx, (tx) => setTitle(tx, run, 'last', false))
  await using line = await openLine(['runs'], { authorization, request: () => reply })
  await untilRow(line, 'runs', 'the newest state is there', (row) => row['title'] === 'last')
  const heard = line.heard.filter((one) => one.event !== 'tick')
  expect(heard.length).toBeLessThan(60)
  watched.end()
})

test('viewers of one topic share its reads; a row read twice is sent once', async () => {
  let reads = 0
  const rows = [{ id: 'a', n: 1 }]
  const channel = new Channel(
    'runs',
    async () => ({ cursor: String(++reads), rows }),
    () => {},
  )
  const heard: string[][] = [[], []]
  for (const mine of heard) channel.viewers.add((delta) => mine.push(...delta.rows.map((row) => JSON.stringify(row))))
  await channel.start(null)
  channel.poke()
  await until('the first delta', async () => heard[0]!.length === 1)
  expect(reads).toBe(2)
  channel.poke()
  await until('it has looked again', async () => reads === 3)
  channel.close()
  expect(heard).toEqual([['{"id":"a","n":1}'], ['{"id":"a","n":1}']])
})

test('a topic that could not be read is read again', async () => {
  const faults: unknown[] = []
  let reads = 0
  const channel = new Channel(
    'runs',
    async () => {
      if (++reads === 2) throw new Error('the database is away')
      return { cursor: '1', rows: [{ id: 'a' }] }
    },
    (error) => faults.push(error),
  )
  const heard: unknown[] = []
  channel.viewers.add((delta) => heard.push(delta))
  await channel.start(null)
  channel.poke()
  await until('the rows arrive', async () => heard.length === 1)
  channel.close()
  expect(faults).toHaveLength(1)
})
