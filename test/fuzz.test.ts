import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#activities/log.ts'
import { createApp } from '#api/app.ts'
import { openapiDocument } from '#api/openapi/index.ts'
import { problem, type Route } from '#schemas/http.ts'
import { routes } from '#schemas/routes.ts'
import { testApiDeps } from './harness/api.ts'
import { testDatabase, type TestDatabase } from './harness/database.ts'
import { withKey } from './harness/people.ts'

let database: TestDatabase
let app: ReturnType<typeof createApp>
let authorization: string
beforeAll(async () => {
  database = await testDatabase()
  app = createApp(testApiDeps(database, { log: createLog('test', 'error', () => {}) }))
  ;({ authorization } = await withKey(database.db))
})
afterAll(() => database[Symbol.asyncDispose]())

type Operation = { responses: Record<string, unknown>; parameters: { name: string; in: string }[] }
const { paths } = openapiDocument('http://localhost') as { paths: Record<string, Record<string, Operation>> }
const operations = Object.entries(routes as Record<string, Route>).map(([key, route]) => {
  const [method = '', path = ''] = key.split(' ')
  const address = path.replaceAll(/:(\w+)/g, '{$1}')
  return { key, method, path, route, operation: paths[address]![method.toLowerCase()]! }
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\0', "' or 1=1 --", '../../etc', '%00', '💥', 'x'.repeat(300), '-1', '1e999', 'null'),
)
const anyJson = fc.oneof({ weight: 3, arbitrary: fc.jsonValue({ maxDepth: 4 }) }, { weight: 1, arbitrary: hostile })
const fields = [
  'name',
  'email',
  'role',
  'token',
  'password',
  'lead',
  'decision',
  'scopes',
  'seconds',
  'overlapHours',
  'reason',
]
const body = fc.oneof(anyJson, fc.dictionary(fc.constantFrom(...fields), anyJson, { maxKeys: 6 }))
const safe = (text: string) => encodeURIComponent(text.toWellFormed())

test.each(operations)(
  '$key answers whatever it is sent as the contract says',
  async ({ method, path, route, operation }) => {
    const inputs = fc.record({ id: hostile, query: hostile, body })
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const names = operation.parameters
          .filter((one) => one.in === 'query')
          .map((one) => `${one.name}=${safe(input.query)}`)
        const url = `${path.replaceAll(/:\w+/g, safe(input.id) || '_')}?${names.join('&')}`
        const sends = method !== 'GET' && method !== 'DELETE'
        const reply = await app.request(url, {
          method,
          headers: { authorization, 'content-type': 'application/json' },
          ...(sends ? { body: JSON.stringify(input.body) } : {}),
        })
        const text = await reply.text()
        if (reply.ok) {
          if (reply.status !== 204) expect(route.reply.safeParse(JSON.parse(text)).error).toBeUndefined()
          return
        }
        expect(reply.status, text).toBeLessThan(500)
        expect(reply.headers.get('content-type')).toBe('application/problem+json')
        expect(problem.safeParse(JSON.parse(text)).error).toBeUndefined()
        expect(Object.keys(operation.responses), text).toContain(String(reply.status))
      }),
      { seed: 4700, numRuns: 25 },
    )
  },
)
