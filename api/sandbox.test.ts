import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '#api/app.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { freePort } from '#test/harness/platform.ts'
import { sender } from '#test/harness/send.ts'

let database: TestDatabase
let key: { authorization: string }
beforeAll(async () => {
  database = await testDatabase()
  key = { authorization: (await withKey(database.db)).authorization }
})
afterAll(() => database[Symbol.asyncDispose]())

const through = (sandboxUrl: string | undefined) => sender(createApp(testApiDeps(database, { sandboxUrl })))

/** A sandbox that answers as it is told to. */
const standIn = async (answer: RequestListener): Promise<AsyncDisposable & { url: string }> => {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

test('where none runs it is said so', async () => {
  const reply = await through(undefined)('GET /v1/sandbox', undefined, key)
  expect(reply).toMatchObject({ status: 404, body: { code: 'sandbox_off' } })
})

test('one that does not answer, or fails, is away: try again', async () => {
  const nobody = through(`http://127.0.0.1:${await freePort()}`)
  expect(await nobody('GET /v1/sandbox/mails', undefined, key)).toMatchObject({
    status: 503,
    body: { code: 'connector_unavailable', detail: 'The sandbox does not answer.' },
  })
  await using broken = await standIn((_, response) => response.writeHead(500).end('oh'))
  expect(await through(broken.url)('GET /v1/sandbox', undefined, key)).toMatchObject({
    status: 503,
    body: { detail: 'The sandbox answered 500.' },
  })
})

test('what it refuses is told with its reason, and what it answers comes as it is', async () => {
  const asked: string[] = []
  await using sandbox = await standIn((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    return request.method === 'GET' ? json(200, { mails: [] }) : json(409, { error: 'No webhook is set.' })
  })
  const send = through(sandbox.url)
  expect(await send('GET /v1/sandbox/mails', undefined, key)).toMatchObject({ status: 200, body: { mails: [] } })
  expect(await send('POST /v1/sandbox/leads', { count: 1 }, key)).toMatchObject({
    status: 502,
    body: { code: 'connector_refused', detail: 'No webhook is set.' },
  })
  expect(asked).toEqual(['GET /control/mails', 'POST /control/leads'])
})

test('a system that it does not have is not asked for', async () => {
  const reply = await through('http://127.0.0.1:9')('PATCH /v1/sandbox/systems/fax', { outage: 'none' }, key)
  expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
})
