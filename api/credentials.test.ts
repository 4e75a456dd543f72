import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem } from '#activities/connectors/fixture.ts'
import { createLog } from '#activities/log.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createApp } from '#api/app.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { sender } from '#test/harness/send.ts'

let database: TestDatabase
let app: ReturnType<typeof createApp>
const logged: string[] = []
beforeAll(async () => {
  database = await testDatabase()
  const log = createLog('test', 'debug', (line) => void logged.push(line))
  const outgoing = createOutgoing({ allow: readAllowed('127.0.0.1/32') })
  app = createApp(testApiDeps(database, { log, outgoing }))
})
afterAll(() => database[Symbol.asyncDispose]())

const someone = async () => {
  const { authorization } = await withKey(database.db)
  const send = sender(app)
  return (route: string, body?: unknown, headers: Record<string, string> = {}) =>
    send(route, body, { authorization, ...headers })
}
const priceList = {
  handle: 'price-list',
  name: 'Price list',
  hosts: ['api.example.com'],
  secret: { kind: 'basic', user: 'dealer-7', password: 'hush-hush' },
}
const calling = (url: string): Definition => ({
  format: 1,
  name: 'Ask for prices',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'http', with: { method: 'GET', url, credential: 'price-list' } },
    { id: 'end', kind: 'end' },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', to: 'end' },
  ],
})

test('a credential is added, named anew, rotated and forgotten; its secret is never answered, logged or told of', async () => {
  const call = await someone()
  const key = { 'idempotency-key': 'first' }
  const made = await call('POST /v1/credentials', priceList, key)
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    handle: 'price-list',
    live: { kind: 'basic', open: { user: 'dealer-7' } },
    sandbox: null,
    usedBy: [],
  })
  const answers = [
    made,
    await call('POST /v1/credentials', priceList, key),
    await call('POST /v1/credentials', priceList),
    await call('PATCH /v1/credentials/price-list', {
      name: 'Prices',
      hosts: ['api.example.com', 'b.example.com:8443'],
    }),
    await call('POST /v1/credentials/price-list/rotate', { secret: { kind: 'bearer', token: 'hush-hush-2' } }),
    await call('POST /v1/credentials/price-list/rotate', {
      secret: { kind: 'bearer', token: 'hush-hush-3' },
      of: 'sandbox',
    }),
    await call('GET /v1/credentials/price-list'),
    await call('PATCH /v1/credentials/price-list', { sandbox: null }),
    await call('GET /v1/credentials'),
    await call('DELETE /v1/credentials/price-list'),
    await call('GET /v1/credentials/price-list'),
    await call(`GET /v1/events?subject=${made.body.id}`),
  ]
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 409, 200, 200, 200, 200, 200, 200, 204, 404, 200])
  expect(answers[1]!.body).toEqual(made.body)
  expect(answers[6]!.body).toMatchObject({
    name: 'Prices',
    live: { kind: 'bearer', open: {} },
    sandbox: { kind: 'bearer' },
  })
  expect(answers[7]!.body.sandbox).toBeNull()
  expect(answers[11]!.body.items.map((event: { type: string }) => event.type).toReversed()).toEqual([
    'credential_added',
    'credential_changed',
    'credential_rotated',
    'credential_rotated',
    'credential_twin_ended',
    'credential_deleted',
  ])
  expect(answers.map(({ text }) => text).join() + logged.join()).not.toContain('hush')
  const { rows } = await database.db.pools.system.query('select * from credential_secret')
  expect(rows).toEqual([])
})

test.each([
  ['a host with a path', { hosts: ['api.example.com/v1'] }],
  ['no host', { hosts: [] }],
  ['a handle with capitals', { handle: 'Price' }],
  ['a secret that breaks out of its header', { secret: { kind: 'bearer', token: 'a\r\nb' } }],
  [
    'a token address in the clear',
    { secret: { kind: 'oauth_client', tokenUrl: 'http://id.example/token', clientId: 'a', clientSecret: 'b' } },
  ],
])('%s is refused', async (_, wrong) => {
  const call = await someone()
  expect((await call('POST /v1/credentials', { ...priceList, ...wrong })).status).toBe(422)
})

test('an automation that names one that is not there, or calls another host, is told so and not published', async () => {
  const call = await someone()
  const { id } = (await call('POST /v1/automations', { definition: calling('https://api.example.com/cars') })).body
  const problems = async (url: string) =>
    (await call(`POST /v1/automations/${id}/validate`, { definition: calling(url) })).body.problems
  expect(await problems('https://api.example.com/cars')).toMatchObject([
    { code: 'credential_missing', node: 'ask', path: '/with/credential' },
  ])
  const refused = await call(`POST /v1/automations/${id}/publish`, { revision: 1 })
  expect(refused.body).toMatchObject({ code: 'automation_invalid', problems: [{ code: 'credential_missing' }] })
  await call('POST /v1/credentials', priceList)
  expect(await problems('https://other.example.com/')).toMatchObject([{ code: 'credential_refused', node: 'ask' }])
  expect(await problems('https://api.example.com/cars')).toEqual([])
  expect((await call(`POST /v1/automations/${id}/publish`, { revision: 1 })).status).toBe(200)
})

test('one that a published automation names is not deleted, and the refusal says which', async () => {
  const call = await someone()
  const { id } = (await call('POST /v1/credentials', priceList)).body
  const made = (await call('POST /v1/automations', { definition: calling('https://api.example.com/') })).body
  expect((await call(`GET /v1/credentials/${id}`)).body.usedBy).toEqual([])
  await call(`POST /v1/automations/${made.id}/publish`, { revision: 1 })
  const refused = await call(`DELETE /v1/credentials/${id}`)
  const usedBy = [{ id: made.id, handle: made.handle, name: 'Ask for prices' }]
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'credential_in_use', detail: 'It is used by “Ask for prices”.', usedBy },
  })
  expect((await call('GET /v1/credentials')).body.items).toMatchObject([{ id, usedBy }])
  await call(`POST /v1/automations/${made.id}/archive`)
  expect((await call(`DELETE /v1/credentials/${id}`)).status).toBe(204)
})

test('a version that names one which is gone is not gone back to', async () => {
  const call = await someone()
  const { id } = (await call('POST /v1/credentials', priceList)).body
  const definition = calling('https://api.example.com/')
  const made = (await call('POST /v1/automations', { definition })).body
  await call(`POST /v1/automations/${made.id}/publish`, { revision: 1 })
  const nodes = definition.nodes.filter((node) => node.id !== 'ask')
  const without = { ...definition, nodes, edges: [{ from: 'start', to: 'end' }] }
  const saved = await call(`PUT /v1/automations/${made.id}/draft`, { definition: without, revision: 1 })
  await call(`POST /v1/automations/${made.id}/publish`, { revision: saved.body.revision })
  expect((await call(`POST /v1/automations/${made.id}/versions/1/publish`, {})).status).toBe(200)
  await call(`POST /v1/automations/${made.id}/versions/2/publish`, {})
  expect((await call(`DELETE /v1/credentials/${id}`)).status).toBe(204)
  const refused = await call(`POST /v1/automations/${made.id}/versions/1/publish`, {})
  expect(refused.body).toMatchObject({
    code: 'automation_invalid',
    problems: [{ code: 'credential_missing', node: 'ask' }],
  })
})

test('of publishing and deleting at once, one sees the other', async () => {
  const call = await someone()
  for (let n = 0; n < 8; n++) {
    const { id } = (await call('POST /v1/credentials', priceList)).body
    const made = (await call('POST /v1/automations', { definition: calling('https://api.example.com/') })).body
    const [published, deleted] = await Promise.all([
      call(`POST /v1/automations/${made.id}/publish`, { revision: 1 }),
      call(`DELETE /v1/credentials/${id}`),
    ])
    expect([
      [200, 409],
      [422, 204],
    ]).toContainEqual([published.status, deleted.status])
    await call(`POST /v1/automations/${made.id}/archive`)
    await call(`DELETE /v1/credentials/${id}`)
  }
})

test('a check asks once with GET, and says how it was answered', async () => {
  const call = await someone()
  await using server = await startSystem({ status: 204 }, { status: 401 }, 'cut')
  const host = new URL(server.url).host
  await call('POST /v1/credentials', { ...priceList, hosts: [host] })
  const check = async (body: object) => (await call('POST /v1/credentials/price-list/check', body)).body
  const url = `${server.url}/me`
  expect(await check({ url })).toEqual({ outcome: 'accepted', status: 204, said: `${host} answered 204.` })
  expect(await check({ url })).toMatchObject({ outcome: 'refused', status: 401 })
  expect(await check({ url })).toMatchObject({ outcome: 'unreachable', status: null })
  expect(await check({ url: 'http://127.0.0.2:1/' })).toMatchObject({ code: 'credential_refused' })
  expect(await check({ url, of: 'sandbox' })).toMatchObject({ code: 'credential_missing' })
  expect(server.asked).toHaveLength(3)
  expect(server.asked[0]).toMatchObject({ method: 'GET', path: '/me' })
})
