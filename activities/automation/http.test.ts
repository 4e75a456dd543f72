import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem } from '#activities/connectors/fixture.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createSeal } from '#activities/seal.ts'
import { testDatabase, testKey, type TestDatabase } from '#test/harness/database.ts'
import { httpActivities, type HttpCall } from './http.ts'

let database: TestDatabase
let activities: ReturnType<typeof httpActivities>
beforeAll(async () => {
  database = await testDatabase()
  const outgoing = createOutgoing({ allow: readAllowed('127.0.0.1/32') })
  activities = httpActivities({ db: database.db, seal: createSeal([testKey]), outgoing })
})
afterAll(() => database[Symbol.asyncDispose]())

const scope = { tenant: 'ten_1', run: 'run_1', origin: 'run_1', step: 'price#2', test: false }
const ask = (more: Partial<HttpCall>) =>
  activities['http.request']({ ...scope, method: 'GET', url: '', headers: null, body: null, ...more })

test('an answer comes with its status and headers; JSON as a value, anything else as a text', async () => {
  await using server = await startSystem(
    { status: 201, headers: { 'content-type': 'application/hal+json', 'X-Left': '7' }, body: '{"price":31000}' },
    { status: 200, headers: { 'content-type': 'text/plain; charset=latin1' }, body: 'plain' },
    { status: 200, headers: { 'content-type': 'application/json' }, body: '{"cut' },
    { status: 204 },
  )
  expect(await ask({ url: server.url })).toMatchObject({
    status: 201,
    headers: { 'x-left': '7' },
    body: { price: 31000 },
  })
  expect(await ask({ url: server.url })).toMatchObject({ body: 'plain' })
  expect(await ask({ url: server.url })).toMatchObject({ body: '{"cut' })
  expect(await ask({ url: server.url })).toMatchObject({ status: 204, body: null })
})

test('what writes carries the key of its step, so that a second try is known as such; what reads has none', async () => {
  await using server = await startSystem({ status: 200 })
  await ask({ url: server.url, method: 'POST', body: { car: 1 }, headers: { 'X-Dealer': 4, absent: null } })
  await ask({ url: server.url, method: 'PUT', body: 'text', headers: { 'Content-Type': 'text/csv' } })
  await ask({ url: server.url })
  const [post, put, get] = server.asked
  expect(post).toMatchObject({
    body: '{"car":1}',
    headers: { 'idempotency-key': 'run_1:price#2', 'content-type': 'application/json', 'x-dealer': '4' },
  })
  expect(put).toMatchObject({ body: 'text', headers: { 'content-type': 'text/csv' } })
  expect(get!.headers['idempotency-key']).toBeUndefined()
  await expect(ask({ url: server.url, body: {} })).rejects.toMatchObject({ code: 'invalid', message: /no body/ })
})

test.each([
  [429, 'connector_unavailable'],
  [503, 'connector_unavailable'],
  [408, 'connector_unavailable'],
  [404, 'connector_refused'],
  [422, 'connector_refused'],
])('%i is %s', async (status, code) => {
  await using server = await startSystem({ status, headers: { 'retry-after': '7' }, body: '{"message":"No."}' })
  await expect(ask({ url: server.url })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:\\d+ answered ${status}: No\\.$`)),
    extra: { status, ...(code === 'connector_unavailable' ? { retryAfterMs: 7000 } : {}) },
  })
})

test('a status that the automation expects is an answer', async () => {
  await using server = await startSystem({ status: 404, body: '{"found":false}' })
  expect(await ask({ url: server.url, expect: [404] })).toMatchObject({ status: 404, body: { found: false } })
})

test('an address off the public internet is refused for good', async () => {
  await expect(ask({ url: 'http://10.0.0.1/' })).rejects.toMatchObject({ code: 'address_refused' })
  await expect(ask({ url: null })).rejects.toMatchObject({ code: 'address_refused' })
})
