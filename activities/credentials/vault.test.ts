import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { httpActivities, type HttpCall } from '#activities/automation/http.ts'
import { startSystem } from '#activities/connectors/fixture.ts'
import { withTenant } from '#activities/database.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createSeal } from '#activities/seal.ts'
import { secret as readSecret, type GivenSecret } from '#schemas/credentials.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testDatabase, testKey, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { addCredential, findCredential, rotateCredential } from './store.ts'

const seal = createSeal([testKey])
let database: TestDatabase
let ctx: Context
let activities: ReturnType<typeof httpActivities>
beforeAll(async () => {
  database = await testDatabase()
  const outgoing = createOutgoing({ allow: readAllowed('127.0.0.1/32'), resolve: async () => ['127.0.0.1'] })
  activities = httpActivities({ db: database.db, seal, outgoing })
})
beforeEach(async () => {
  ctx = await testTenant(database.db)
})
afterAll(() => database[Symbol.asyncDispose]())

const hostOf = (url: string): string => new URL(url).host
const add = (hosts: string[], secret: GivenSecret, sandbox?: GivenSecret) =>
  withTenant(database.db, ctx, (tx) =>
    addCredential(tx, ctx, seal, {
      handle: 'price-list',
      name: 'Price list',
      hosts,
      secret: readSecret.parse(secret),
      ...(sandbox === undefined ? {} : { sandbox: readSecret.parse(sandbox) }),
    }),
  )
const ask = (url: string, more: Partial<HttpCall> = {}) =>
  activities['http.request']({
    tenant: ctx.tenant,
    run: 'run_1',
    origin: 'run_1',
    step: 'price#0',
    test: false,
    method: 'GET',
    url,
    headers: null,
    body: null,
    credential: 'price-list',
    ...more,
  })

test.each<[string, GivenSecret, object]>([
  ['a bearer token', { kind: 'bearer', token: 'tok-123456' }, { authorization: 'Bearer tok-123456' }],
  [
    'a user and a password',
    { kind: 'basic', user: 'dealer', password: 'p:w' },
    { authorization: `Basic ${Buffer.from('dealer:p:w').toString('base64')}` },
  ],
  ['a header of its own', { kind: 'header', name: 'X-Api-Key', value: 'k-123456' }, { 'x-api-key': 'k-123456' }],
])('%s is sent along, in place of what the node says itself', async (_, secret, headers) => {
  await using server = await startSystem({ status: 200 })
  await add([hostOf(server.url)], secret)
  await ask(server.url, { headers: { Authorization: 'Bearer mine', 'x-api-key': 'mine', accept: 'text/plain' } })
  expect(server.asked[0]!.headers).toMatchObject({ ...headers, accept: 'text/plain' })
})

test('a key in the address stands behind what the node asks, and again behind a redirect on its host', async () => {
  await using server = await startSystem({ status: 302, headers: { location: '/b?c=1' } }, { status: 200 })
  await add([hostOf(server.url)], { kind: 'query', name: 'key', value: 'a&b c' })
  await ask(`${server.url}/a`)
  expect(server.asked.map(({ path }) => path)).toEqual(['/a?key=a%26b%20c', '/b?c=1&key=a%26b%20c'])
})

test('it goes to its own hosts only: not to another address, and not along with a redirect', async () => {
  await using other = await startSystem({ status: 200 })
  await using again = await startSystem({ status: 200 })
  await using server = await startSystem(
    { status: 302, headers: { location: `${other.url}/there` } },
    { status: 307, headers: { location: `${again.url}/there` } },
  )
  await add([hostOf(server.url), hostOf(again.url)], { kind: 'header', name: 'X-Api-Key', value: 'k-123456' })
  await expect(ask(other.url)).rejects.toMatchObject({ code: 'credential_refused' })
  await expect(ask(server.url.replace('http:', 'https:'))).rejects.toMatchObject({ code: 'connector_unavailable' })
  expect(other.asked).toEqual([])
  await ask(server.url)
  expect(JSON.stringify(other.asked)).not.toContain('k-123456')
  await ask(server.url)
  expect(again.asked[0]!.headers['x-api-key']).toBe('k-123456')
})

test('a host without a port is reached by https alone', async () => {
  await add(['prices.example'], { kind: 'bearer', token: 'tok-123456' })
  await expect(ask('http://prices.example/')).rejects.toMatchObject({ code: 'credential_refused' })
  await expect(ask('http://prices.example:443/')).rejects.toMatchObject({ code: 'credential_refused' })
})

test('a test run uses the twin, and without one it is refused and nothing is called', async () => {
  await using server = await startSystem({ status: 200 })
  const hosts = [hostOf(server.url)]
  await add(hosts, { kind: 'bearer', token: 'tok-real' })
  await expect(ask(server.url, { test: true })).rejects.toMatchObject({
    code: 'credential_missing',
    message: /no sandbox twin/,
  })
  expect(server.asked).toEqual([])
  const twin = readSecret.parse({ kind: 'basic', user: 'try', password: 'tok-try' })
  await withTenant(database.db, ctx, (tx) =>
    rotateCredential(tx, ctx, seal, 'price-list', { secret: twin, of: 'sandbox' }),
  )
  await ask(server.url, { test: true })
  expect(server.asked[0]!.headers.authorization).toMatch(/^Basic /)
  await ask(server.url)
  expect(server.asked[1]!.headers.authorization).toBe('Bearer tok-real')
})

test('one that is not there, or belongs to another tenant, is missing', async () => {
  await add(['a.example'], { kind: 'bearer', token: 'tok-123456' })
  ctx = await testTenant(database.db)
  await expect(ask('https://a.example/')).rejects.toMatchObject({ code: 'credential_missing' })
})

test('a secret that is sent back, as it is or in other writing, does not come out again', async () => {
  await using server = await startSystem(
    {
      status: 200,
      headers: { 'x-you-sent': 'Bearer t"k-/123456' },
      body: '{"you":"t\\"k-/123456","key":"t%22k-%2F123456"}',
    },
    { status: 400, body: '{"error":"t\\"k-/123456 is no good"}' },
  )
  await add([hostOf(server.url)], { kind: 'bearer', token: 't"k-/123456' })
  const answer = await ask(server.url)
  expect(answer).toMatchObject({
    headers: { 'x-you-sent': 'Bearer [secret]' },
    body: { you: '[secret]', key: '[secret]' },
  })
  await expect(ask(server.url)).rejects.toMatchObject({ message: expect.stringMatching(/\[secret\] is no good$/) })
})

test('when it was last used is kept', async () => {
  await using server = await startSystem({ status: 200 })
  const { id, lastUsedAt } = await add([hostOf(server.url)], { kind: 'bearer', token: 'tok-123456' })
  expect(lastUsedAt).toBeNull()
  await ask(server.url)
  const now = await withTenant(database.db, ctx, (tx) => findCredential(tx, ctx, id))
  expect(now.lastUsedAt).not.toBeNull()
})
