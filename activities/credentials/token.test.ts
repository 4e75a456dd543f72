import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { httpActivities } from '#activities/automation/http.ts'
import { withTenant } from '#activities/database.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createSeal } from '#activities/seal.ts'
import { secret as readSecret, type GivenSecret } from '#schemas/credentials.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testDatabase, testKey, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { addCredential, rotateCredential } from './store.ts'

const seal = createSeal([testKey])
let database: TestDatabase
let ctx: Context
let activities: ReturnType<typeof httpActivities>
beforeAll(async () => {
  database = await testDatabase()
  activities = httpActivities({
    db: database.db,
    seal,
    outgoing: createOutgoing({ allow: readAllowed('127.0.0.1/32') }),
  })
})
beforeEach(async () => {
  ctx = await testTenant(database.db)
})
afterAll(() => database[Symbol.asyncDispose]())

/** A system that gives tokens at `/token`, one after the other, and takes the newest alone. */
const startGiver = async ({ lasts = 3600 }: { lasts?: number } = {}) => {
  const asked: { authorization: string | undefined; body: string }[] = []
  const called: string[] = []
  const giver = { refuse: false, redirect: undefined as string | undefined, taken: () => `token-${asked.length}` }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { authorization = '' } = request.headers
      response.setHeader('content-type', 'application/json')
      if (request.url !== '/token') {
        called.push(authorization)
        return response.writeHead(authorization === `Bearer ${giver.taken()}` ? 200 : 401).end('{}')
      }
      asked.push({ authorization, body })
      if (giver.redirect !== undefined) return response.writeHead(307, { location: giver.redirect }).end()
      if (giver.refuse) return response.writeHead(401).end('{"error":"invalid_client for shh-secret"}')
      return response.end(JSON.stringify({ access_token: `token-${asked.length}`, expires_in: lasts }))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: `http://${host}`,
    giver,
    asked,
    called,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

const client = (url: string, more: object = {}): GivenSecret => ({
  kind: 'oauth_client',
  tokenUrl: `${url}/token`,
  clientId: 'dealer 7',
  clientSecret: 'shh-secret',
  scope: 'prices',
  ...more,
})
const add = (host: string, secret: GivenSecret) =>
  withTenant(database.db, ctx, (tx) =>
    addCredential(tx, ctx, seal, { handle: 'prices', name: 'P', hosts: [host], secret: readSecret.parse(secret) }),
  )
const ask = (url: string, step = 'a#0') =>
  activities['http.request']({
    tenant: ctx.tenant,
    run: 'run_1',
    origin: 'run_1',
    step,
    test: false,
    method: 'GET',
    url,
    headers: null,
    body: null,
    credential: 'prices',
  })

test('a client is exchanged for a token once, however many ask at once, and the token is kept sealed', async () => {
  await using system = await startGiver()
  await add(system.host, client(system.url))
  await Promise.all(Array.from({ length: 8 }, (_, n) => ask(`${system.url}/cars`, `a#${n}`)))
  expect(system.asked).toHaveLength(1)
  const pair = Buffer.from('dealer%207:shh-secret').toString('base64')
  expect(system.asked[0]).toEqual({
    authorization: `Basic ${pair}`,
    body: 'grant_type=client_credentials&scope=prices',
  })
  expect(new Set(system.called)).toEqual(new Set(['Bearer token-1']))
  const kept = await database.db.system.selectFrom('credential_secret').selectAll().execute()
  expect(
    kept
      .map((row) =>
        JSON.stringify(row, (_, one: unknown) => (one instanceof Uint8Array ? String(Buffer.from(one)) : one)),
      )
      .join(),
  ).not.toMatch(/token-1|shh-secret/)
})

test('it may name itself in the body, where a system wants it so', async () => {
  await using system = await startGiver()
  await add(system.host, client(system.url, { sendAs: 'body' }))
  await ask(system.url)
  expect(system.asked[0]!.authorization).toBe('')
  expect(new URLSearchParams(system.asked[0]!.body).get('client_secret')).toBe('shh-secret')
})

test('a token that has run out, is no longer taken, or is of an older secret, is replaced', async () => {
  await using brief = await startGiver({ lasts: 1 })
  await add(brief.host, client(brief.url))
  await ask(brief.url)
  await ask(brief.url)
  expect(brief.asked).toHaveLength(2)

  ctx = await testTenant(database.db)
  await using system = await startGiver()
  await add(system.host, client(system.url))
  await ask(system.url)
  system.giver.taken = () => 'token-2'
  await ask(system.url)
  expect(system.called).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  const next = readSecret.parse(client(system.url, { clientSecret: 'newer' }))
  await withTenant(database.db, ctx, (tx) => rotateCredential(tx, ctx, seal, 'prices', { secret: next, of: 'live' }))
  system.giver.taken = () => 'token-3'
  await ask(system.url)
  expect(system.asked).toHaveLength(3)
  expect(system.asked[2]!.authorization).toBe(`Basic ${Buffer.from('dealer%207:newer').toString('base64')}`)
})

test('a client that is refused says so without its secret, and one that is led elsewhere is not followed', async () => {
  await using system = await startGiver()
  await using other = await startGiver()
  await add(system.host, client(system.url, { sendAs: 'body' }))
  system.giver.refuse = true
  await expect(ask(system.url)).rejects.toMatchObject({
    code: 'connector_refused',
    message: expect.stringMatching(/401: invalid_client for \[secret\]$/),
  })
  system.giver.redirect = `${other.url}/token`
  await expect(ask(system.url)).rejects.toMatchObject({ code: 'connector_refused' })
  expect(other.asked).toEqual([])
  expect(system.called).toEqual([])
})

test('a client secret goes out in the clear to no host that was not named for it', async () => {
  await using system = await startGiver()
  await add('elsewhere.example', client(system.url))
  await expect(ask('https://elsewhere.example/')).rejects.toMatchObject({ code: 'credential_refused' })
  expect(system.asked).toEqual([])
})
