import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { createAdaptorServer } from '@hono/node-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addSource } from '#activities/ingress/store-sources.ts'
import { withTenant } from '#activities/database.ts'
import { createApp } from '#api/app.ts'
import { generateSecret } from '#api/ingress/signature.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { curlOf } from './curl.ts'
import { openapiDocument } from './index.ts'
import type { Entry, Operation } from './page.ts'

let database: TestDatabase
let env: Record<string, string>
let url: string
const server = { close: () => {} }
beforeAll(async () => {
  database = await testDatabase()
  const deps = testApiDeps(database)
  const listener = createAdaptorServer({ fetch: createApp(deps).fetch })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  server.close = () => listener.close()
  url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const { ctx, authorization } = await withKey(database.db)
  const secret = generateSecret()
  const tenant = await withTenant(database.db, ctx, async (tx) => {
    await addSource(tx, ctx, deps.seal, 'website', { kind: 'hmac', text: secret })
    return tx.selectFrom('tenant').select('slug').executeTakeFirstOrThrow()
  })
  env = {
    PATH: process.env['PATH'] ?? '',
    KEY: authorization.slice('Bearer '.length),
    SECRET: secret,
    TENANT: tenant.slug,
    SOURCE: 'website',
  }
})
afterAll(async () => {
  server.close()
  await database[Symbol.asyncDispose]()
})

const entries = Object.entries(openapiDocument('')['paths'] as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]): Entry => ({ path, method, operation })),
)
const run = async (entry: Entry) => {
  const command = `${curlOf(url, entry)} -sS -w '\\n%{http_code}'`
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env })
  const [status = '', ...body] = stdout.split('\n').toReversed()
  return { status: Number(status), body: body.toReversed().join('\n') }
}

const lists = entries.filter(
  ({ path, method }) => method === 'get' && !path.includes('{') && !/\/v1\/(?:live|sandbox|overview|system)/.test(path),
)
test.each(lists.map((entry) => [entry.path, entry] as const))(
  'the command shown for GET %s works',
  async (_, entry) => {
    expect((await run(entry)).status).toBe(200)
  },
)

test('the page lets nothing run and loads nothing', async () => {
  const page = await fetch(`${url}/docs`)
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/)
})

test('the commands shown for a signed webhook and for a run are accepted', async () => {
  const of = (id: string) => entries.find(({ operation }) => operation.operationId === id)!
  const hook = await run(of('postHook'))
  expect(hook.status, hook.body).toBe(202)
  expect(JSON.parse(hook.body)).toMatchObject({ duplicate: false })
  const key = await run(of('postKeys'))
  expect(key.status, key.body).toBe(201)
})

test('the commands shown for automations do what they say, as they stand', async () => {
  const at = (path: string) => entries.find((one) => one.path === path && one.method === 'post')!
  env['TEMPLATE'] = 'review-request'
  env['AUTOMATION'] = 'lead-response'
  const installed = await run(at('/v1/templates/{template}/install'))
  expect(installed.status, installed.body).toBe(201)
  for (const [path, status] of [
    ['/v1/automations', 201],
    ['/v1/automations/{automation}/validate', 200],
    ['/v1/automations/{automation}/duplicate', 201],
    ['/v1/automations/{automation}/runs', 201],
    ['/v1/automations/{automation}/test', 201],
  ] as const) {
    const answer = await run(at(path))
    expect(answer.status, `${path}: ${answer.body}`).toBe(status)
  }
})

test('the commands shown for steering do what they say, as they stand', async () => {
  const at = (path: string, method = 'post') => entries.find((one) => one.path === path && one.method === method)!
  const made = await run(at('/v1/steering/policies'))
  expect(made.status, made.body).toBe(201)
  env['POLICY'] = (JSON.parse(made.body) as { id: string }).id
  env['VERSION'] = '1'
  for (const [path, method] of [
    ['', 'get'],
    ['/validate', 'post'],
    ['/test', 'post'],
    ['/publish', 'post'],
    ['/draft', 'put'],
    ['/versions', 'get'],
    ['/versions/{version}', 'get'],
    ['/versions/{version}/publish', 'post'],
    ['/diff', 'get'],
    ['/replays', 'get'],
    ['/archive', 'post'],
    ['/restore', 'post'],
  ] as const) {
    const answer = await run(at(`/v1/steering/policies/{policy}${path}`, method))
    expect(answer.status, `${path}: ${answer.body}`).toBe(200)
  }
})
