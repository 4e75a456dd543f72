import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '#activities/log.ts'
import { createApp } from '#api/app.ts'
import { roles, scopes, scopesOf } from '#schemas/access.ts'
import type { Route } from '#schemas/http.ts'
import { newId, type IdKind } from '#schemas/ids.ts'
import { emptyContent } from '#schemas/gateway/playground-empty.ts'
import { routes } from '#schemas/routes.ts'
import { testApiDeps } from './harness/api.ts'
import { testDatabase, type TestDatabase } from './harness/database.ts'
import { sender } from './harness/send.ts'
import { signedIn, withKey } from './harness/people.ts'
import { populateTheirs } from './harness/theirs.ts'

let database: TestDatabase
let send: ReturnType<typeof sender>
let ours: Awaited<ReturnType<typeof withKey>>
let theirs: Record<string, string>

beforeAll(async () => {
  database = await testDatabase()
  const app = createApp(testApiDeps(database, { log: createLog('test', 'error', () => {}) }))
  send = sender(app)
  ours = await withKey(database.db)
  theirs = await populateTheirs(database, app)
})
afterAll(() => database[Symbol.asyncDispose]())

const kinds: Record<string, IdKind> = {
  receipt: 'receipt',
  source: 'source',
  secret: 'secret',
  user: 'user',
  key: 'apiKey',
  session: 'session',
  run: 'run',
  approval: 'approval',
  automation: 'automation',
  batch: 'batch',
  credential: 'credential',
  provider: 'provider',
  providerKey: 'providerKey',
  route: 'route',
  virtualKey: 'virtualKey',
  budget: 'budget',
  guardrail: 'guardrail',
  price: 'price',
  policy: 'policy',
  replay: 'replay',
  modelRequest: 'modelRequest',
  modelBatch: 'modelBatch',
  playground: 'playground',
  classifier: 'classifier',
}
const bodies: Record<string, object> = {
  'POST /v1/automations/:automation/presence': { screen: 'k3v9x0qa' },
  'POST /v1/credentials/:credential/rotate': { secret: { kind: 'bearer', token: 'ours' } },
  'POST /v1/credentials/:credential/check': { url: 'https://api.example.com/' },
  'POST /v1/gateway/providers/:provider/keys': { apiKey: 'sk-ours' },
  'POST /v1/gateway/classifiers/:classifier/score': { prompt: 'ours' },
  'PATCH /v1/gateway/routes/:route': { targets: [{ provider: 'ours', model: 'ours' }] },
  'PUT /v1/steering/policies/:policy/draft': { text: 'name: Ours', revision: 1 },
  'POST /v1/steering/policies/:policy/publish': { revision: 1 },
  'POST /v1/steering/policies/:policy/test': { request: { body: { model: 'fast' } } },
  'POST /v1/approvals/:approval/delegate': { to: { role: 'admin' } },
  'POST /v1/sources/:source/rotate': { overlapHours: 1 },
  'POST /v1/approvals/:approval/decide': { decision: 'approve' },
  'POST /v1/runs/:run/skip': { step: 'record#0' },
  'POST /v1/runs/:run/retry': { step: 'record#0' },
  'POST /v1/runs/:run/variables': { name: 'budget', value: 1 },
  'PATCH /v1/people/:user': { role: 'viewer' },
  'PUT /v1/gateway/playgrounds/:playground/content': { content: emptyContent, revision: 1 },
  'PUT /v1/automations/:automation/draft': { definition: {}, revision: 1 },
  'POST /v1/automations/:automation/publish': { revision: 1 },
}
const all = Object.entries(routes as Record<string, Route>)
const paramsOf = (key: string) => [...key.matchAll(/:(\w+)/g)].map((match) => match[1]!)
/** Names nothing that belongs to a tenant. */
const elsewhere = new Set([
  'POST /v1/system/processes/:process/kill',
  'PATCH /v1/sandbox/systems/:system',
  'GET /v1/templates/:template',
  'POST /v1/templates/:template/install',
])
const byId = all.filter(([key]) => paramsOf(key).length > 0 && !elsewhere.has(key))
const fill = (key: string, ids: Record<string, string>) =>
  key.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? '1')
const randomIds = (): Record<string, string> => {
  const made = Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, newId(kind)]))
  return { ...made, step: `${made['run']}:5`, loop: 'every', turn: '2', version: '0'.repeat(64) }
}

describe('what belongs to another tenant', () => {
  test('every parameter of the contract has an id to try', () => {
    const names = new Set(byId.flatMap(([key]) => paramsOf(key)))
    expect([...names].toSorted()).toEqual(Object.keys(theirs).toSorted())
  })

  test.each(byId.map(([key]) => key))('%s answers as for an id that does not exist', async (key) => {
    const ask = async (ids: Record<string, string>) => {
      const { status, body } = await send(fill(key, ids), bodies[key], { authorization: ours.authorization })
      const { requestId: _, ...problem } = body as { requestId: string }
      return { status, text: JSON.stringify(problem) }
    }
    const answer = await ask(theirs)
    expect(answer.status).toBe(404)
    expect(answer).toEqual(await ask(randomIds()))
  })

  test.each(all.filter(([key]) => key.startsWith('GET ') && paramsOf(key).length === 0).map(([key]) => key))(
    '%s never shows it',
    async (key) => {
      const { status, text } = await send(`${key}?limit=200`, undefined, { authorization: ours.authorization })
      expect(status).toBeLessThan(500)
      for (const id of Object.values(theirs)) expect(text).not.toContain(id)
      expect(text).not.toContain('Their lead')
    },
  )

  test('is still as it was', async () => {
    const { db } = database
    const [run, approval, receipt] = await Promise.all([
      db.system.selectFrom('run').select('phase').where('id', '=', theirs['run']!).executeTakeFirst(),
      db.system.selectFrom('approval').select('state').where('id', '=', theirs['approval']!).executeTakeFirst(),
      db.system.selectFrom('receipt').select('state').where('id', '=', theirs['receipt']!).executeTakeFirst(),
    ])
    expect([run?.phase, approval?.state, receipt?.state]).toEqual(['queued', 'open', 'accepted'])
  })
})

const guarded = all.filter(([, route]) => route.scope !== 'public')

describe('what one may do', () => {
  test.each(guarded.map(([key]) => key))('%s refuses somebody who is not signed in', async (key) => {
    const { status, body } = await send(fill(key, randomIds()), bodies[key])
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' })
  })

  test.each(guarded.filter(([, route]) => route.scope !== 'member'))(
    '%s refuses a key with every scope but its own',
    async (key, { scope }) => {
      const others = await withKey(
        database.db,
        scopes.filter((one) => one !== scope),
        ours.ctx,
      )
      const { status, body } = await send(fill(key, randomIds()), bodies[key], { authorization: others.authorization })
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'forbidden' })
    },
  )

  test.each(roles)('a person of role %s gets 403 exactly where the table of roles says so', async (role) => {
    const app = createApp(testApiDeps(database, { log: createLog('test', 'error', () => {}) }))
    const person = await signedIn(app, database.db, role, ours.ctx)
    for (const [key, { scope }] of guarded) {
      if (scope === 'member' || scope === 'public') continue
      // a body of the wrong shape: allowed people get past the scope and are refused for that, so nothing happens
      const { body } = await sender(app)(fill(key, randomIds()), key.startsWith('GET') ? undefined : [], {
        cookie: person.cookie,
      })
      const refused = (body?.detail ?? '') === `This needs the scope ${scope}.`
      expect(refused, key).toBe(!scopesOf[role].includes(scope))
    }
  })
})
