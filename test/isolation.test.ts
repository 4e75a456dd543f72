import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { open as openApproval } from '#activities/approvals/store.ts'
import { addCredential } from '#activities/credentials/store.ts'
import { createAutomation, findPublished } from '#activities/automation/store.ts'
import { requestClassifier } from '#activities/gateway/store-classifiers.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { requestModelBatch } from '#activities/gateway/store-model-batches.ts'
import { addPrice } from '#activities/gateway/store-prices.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { requestReplay } from '#activities/steering/store-replays.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { acceptBatch } from '#activities/ingress/store-accept.ts'
import { addSource } from '#activities/ingress/store-sources.ts'
import { createLog } from '#activities/log.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { createSeal } from '#activities/seal.ts'
import { createApp } from '#api/app.ts'
import { generateSecret } from '#api/ingress/signature.ts'
import { roles, scopes, scopesOf } from '#schemas/access.ts'
import type { Route } from '#schemas/http.ts'
import { newId, type IdKind } from '#schemas/ids.ts'
import { routes } from '#schemas/routes.ts'
import { guard } from './harness/guarded.ts'
import { accounted } from './harness/accounted.ts'
import { testApiDeps } from './harness/api.ts'
import { testDatabase, testKey, type TestDatabase } from './harness/database.ts'
import { withTenant } from '#activities/database.ts'
import { requestBatch } from '#activities/runs/store-batches.ts'
import { sender } from './harness/send.ts'
import { signedIn, withKey } from './harness/people.ts'
import { drawn } from './harness/drawn.ts'

let database: TestDatabase
let send: ReturnType<typeof sender>
let ours: Awaited<ReturnType<typeof withKey>>
let theirs: Record<string, string>

beforeAll(async () => {
  database = await testDatabase()
  const app = createApp(testApiDeps(database, { log: createLog('test', 'error', () => {}) }))
  send = sender(app)
  ours = await withKey(database.db)
  const { ctx } = await withKey(database.db)
  const person = await signedIn(app, database.db, 'owner', ctx)
  const session = await send('GET /v1/sessions', undefined, { cookie: person.cookie })
  const run = newId('run')
  const { source, secret } = await withTenant(database.db, ctx, async (tx) => {
    const made = await addSource(tx, ctx, createSeal([testKey]), 'website', { kind: 'hmac', text: generateSecret() })
    const row = await tx
      .selectFrom('source_secret')
      .select('id')
      .where('source_id', '=', made)
      .executeTakeFirstOrThrow()
    await requestRuns(tx, ctx, [{ run, automation: drawn, title: 'Their lead', input: {} }])
    return { source: made, secret: row.id }
  })
  const { automation, version } = await withTenant(database.db, ctx, async (tx) => {
    const nodes = [
      { id: 'start', kind: 'start' },
      { id: 'end', kind: 'end' },
    ]
    const definition = { format: 1 as const, name: 'Their lead', nodes, edges: [{ from: 'start', to: 'end' }] }
    const made = await createAutomation(tx, ctx, { name: definition.name, definition, publish: true })
    return { automation: made, version: (await findPublished(tx, ctx, made))!.version }
  })
  const approval = await withTenant(database.db, ctx, (tx) =>
    openApproval(tx, ctx, {
      run,
      step: 'approve#0',
      title: 'Their lead',
      text: 'Their reply',
      context: {},
      author: 'rules',
      sandbox: true,
      form: null,
      assignees: null,
      escalateTo: null,
      delegable: true,
      expires: false,
      remindAt: new Date(),
      dueAt: new Date(),
    }),
  )
  const credential = await withTenant(database.db, ctx, (tx) =>
    addCredential(tx, ctx, createSeal([testKey]), {
      handle: 'price-list',
      name: 'Their lead',
      hosts: ['api.example.com'],
      secret: { kind: 'bearer', token: 'theirs' },
    }),
  )
  const modelRequest = newId('modelRequest')
  const models = await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'theirs', apiKey: 'sk-their-lead-0000' } as const
    const provider = await addProvider(tx, ctx, createSeal([testKey]), given)
    const targets = [{ provider: 'theirs', model: 'Their', weight: 1, priority: 0 }]
    const budget = await addBudget(tx, ctx, {
      name: 'Their lead',
      subject: { kind: 'tenant' },
      unit: 'usd',
      limits: [{ per: 'day', limit: 1 }],
      zone: 'UTC',
    })
    await writeRequests(database.db, [{ ...accounted, id: modelRequest, tenant: ctx.tenant }])
    return {
      modelBatch: (await requestModelBatch(tx, ctx, { wire: 'chat', endpoint: 'x', key: null, name: 'Their lead' })).id,
      classifier: (
        await requestClassifier(tx, ctx, createSeal([testKey]), { outcomes: 'T', rows: 1, notes: 'Their lead' })
      ).id,
      modelRequest,
      provider: provider.id,
      providerKey: provider.keys[0]!.id,
      route: (await addRoute(tx, ctx, { alias: 'theirs', targets })).id,
      budget: budget.id,
      guardrail: (await guard({ database }, ctx, 'words', 'flag', { words: ['Their lead'] })).id,
      price: (await addPrice(tx, ctx, { provider: 'theirs', model: 'Their', input: 1, output: 1 })).id,
      virtualKey: (await createVirtualKey(tx, ctx, { name: 'Their lead', models: null, tags: {} })).id,
    }
  })
  const policy = await withTenant(database.db, ctx, async (tx) => {
    const made = await createPolicy(tx, ctx, 'name: Their lead\nrules: []\n')
    await publish(tx, ctx, made.id, { revision: 1 })
    const range = { from: new Date(0), to: new Date() }
    const { id: replay } = await requestReplay(tx, ctx, made.id, { version: 'draft', ...range })
    return { policy: made.id, replay }
  })
  const [accepted] = await acceptBatch(database.db, [
    {
      tenant: ctx.tenant,
      source: 'website',
      sourceId: source,
      webhookId: 'theirs',
      contentType: 'application/json',
      body: Buffer.from('{}'),
      hash: Buffer.alloc(32),
      title: 'Their lead',
      traceparent: null,
    },
  ])
  const how = { from: 'start', version: 'same', again: true } as const
  const batch = await withTenant(database.db, ctx, (tx) =>
    requestBatch(tx, ctx, { act: 'cancel', filter: {}, how, perMinute: 60 }),
  )
  theirs = {
    batch: batch.id,
    receipt: accepted!.receipt,
    source,
    secret,
    user: person.user,
    key: ctx.actor.id,
    session: session.body.items[0].id,
    run,
    approval,
    step: `${run}:5`,
    automation,
    version,
    credential: credential.id,
    ...policy,
    ...models,
    loop: 'their_loop',
    turn: '1.1.1.1.1',
  }
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
