import type { Hono } from 'hono'
import { open } from '#activities/approvals/store.ts'
import { createApiKey } from '#activities/access/store.ts'
import { createAutomation, findPublished } from '#activities/automation/store.ts'
import { addCredential } from '#activities/credentials/store.ts'
import { withTenant } from '#activities/database.ts'
import { addSource, rotateSecret } from '#activities/ingress/store-sources.ts'
import { createLog } from '#activities/log.ts'
import { closeRun } from '#activities/runs/store.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { createSeal } from '#activities/seal.ts'
import { requestClassifier } from '#activities/gateway/store-classifiers.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addGuardrail } from '#activities/gateway/store-guardrails.ts'
import { addPrice } from '#activities/gateway/store-prices.ts'
import { addPlayground } from '#activities/gateway/store-playgrounds.ts'
import { addProvider, addProviderKey } from '#activities/gateway/store-providers.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { requestModelBatch } from '#activities/gateway/store-model-batches.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { requestReplay } from '#activities/steering/store-replays.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { findTenant } from '#activities/tenancy/store.ts'
import { accounted } from './accounted.ts'
import { createApp, createParts } from '#api/app.ts'
import type { ApiDeps, ApiEnv } from '#api/deps.ts'
import { generateSecret } from '#api/ingress/signature.ts'
import { emptyContent } from '#schemas/gateway/playground-empty.ts'
import { newId } from '#schemas/ids.ts'
import { leadResponse } from '#schemas/templates/lead-response.ts'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { testApiDeps } from './api.ts'
import { testDatabase, testKey } from './database.ts'
import { signHook } from './hooks.ts'
import { newPerson, signedIn, withKey, type SignedIn } from './people.ts'

export type Populated = AsyncDisposable & {
  /** The API with and without a sandbox behind it. */
  apps: { on: Hono<ApiEnv>; off: Hono<ApiEnv> }
  /** An API key of a tenant, and the newest of its owners. */
  authorization: string
  cookie(): string
  /** Of the tenant's hook `website`. */
  slug: string
  secret: string
  /** Ids that there are, by the name of the parameter that takes them. */
  known: Record<string, string[]>
  /** Makes things of every kind that nothing has ended yet. */
  refresh(): Promise<void>
}

const openApproval = {
  title: 'T',
  text: 'T',
  context: {},
  author: 'T',
  sandbox: true,
  form: null,
  assignees: null,
  escalateTo: null,
  delegable: true,
  expires: false,
  remindAt: new Date(),
  dueAt: new Date(),
}

/** A tenant in which there is something of every kind. */
export async function populate(): Promise<Populated> {
  const database = await testDatabase()
  const { db } = database
  const sandbox = await openSandbox()
  // its leads go to a door that answers 404
  await sandbox.call('PUT', '/control/trickle', { hook: { url: `${sandbox.url}/nowhere`, secret: generateSecret() } })
  const hubs: { stop(): void }[] = []
  const serve = (over: Partial<ApiDeps>) => {
    const deps = testApiDeps(database, { log: createLog('test', 'error', () => {}), ...over })
    const parts = createParts(deps)
    hubs.push(parts.hub)
    return createApp(deps, parts)
  }
  const apps = { on: serve({ sandboxUrl: sandbox.url }), off: serve({}) }
  const { authorization, ctx } = await withKey(db)
  const seal = createSeal([testKey])
  const hmac = (text = generateSecret()) => ({ kind: 'hmac' as const, text })
  const secret = generateSecret()
  const slug = await withTenant(db, ctx, async (tx) => {
    await addSource(tx, ctx, seal, 'website', hmac(secret))
    return (await findTenant(tx, ctx.tenant))!.slug
  })
  const known: Record<string, string[]> = {}
  let owner: SignedIn

  /** A receipt, and one that is quarantined because its id was used before. */
  const twoReceipts = async (word: string): Promise<string[]> => {
    const receipts: string[] = []
    for (const body of [makeLead(`first-${word}`).xml, makeLead(`second-${word}`).xml]) {
      const headers = { 'content-type': 'application/xml', ...signHook(secret, word, body) }
      const reply = await apps.off.request(`/hooks/${slug}/website`, { method: 'POST', headers, body })
      receipts.push(((await reply.json()) as { receipt: string }).receipt)
    }
    return receipts
  }

  const refresh = async (): Promise<void> => {
    owner = await signedIn(apps.off, db, 'owner', ctx)
    const { user } = await newPerson(db, ctx, 'viewer')
    const [run, ended] = [newId('run'), newId('run')]
    const word = run.slice(-8)
    await withTenant(db, ctx, async (tx) => {
      const source = await addSource(tx, ctx, seal, `s-${word}`, hmac())
      await rotateSecret(tx, ctx, seal, source, hmac(), new Date(Date.now() + 3_600_000))
      const made = await createAutomation(tx, ctx, { name: 'T', definition: leadResponse, publish: true })
      const automation = (await findPublished(tx, ctx, made))!
      Object.assign(known, { automation: [made, 'lead-response'], version: [automation.version, '1'] })
      await requestRuns(
        tx,
        ctx,
        [run, ended].map((one) => ({ run: one, automation, title: 'T', input: {} })),
      )
      await closeRun(tx, ctx, ended, { phase: 'completed', outcome: null, failure: null, closedAt: new Date() })
      const { id: credential } = await addCredential(tx, ctx, seal, {
        handle: `c-${word}`,
        name: 'T',
        hosts: ['127.0.0.1:1'],
        secret: { kind: 'bearer', token: 'T' },
      })
      known['credential'] = [credential]
      const name = `p-${word}`
      const provider = await addProvider(tx, ctx, seal, { kind: 'compatible', name, baseUrl: 'http://127.0.0.1:1' })
      const { keys } = await addProviderKey(tx, ctx, seal, name, { apiKey: 'T' })
      const targets = [{ provider: name, model: 'T', weight: 1, priority: 0 }]
      const route = await addRoute(tx, ctx, { alias: name, targets })
      const virtualKey = await createVirtualKey(tx, ctx, { name: 'T', models: null, tags: {} })
      const free = await addProvider(tx, ctx, seal, {
        kind: 'compatible',
        name: `f-${word}`,
        baseUrl: 'http://127.0.0.1:1',
      })
      Object.assign(known, { provider: [provider.id, name, free.id], providerKey: keys.map((one) => one.id) })
      const modelRequest = newId('modelRequest')
      await writeRequests(db, [{ ...accounted, id: modelRequest, tenant: ctx.tenant, key: virtualKey.id }])
      Object.assign(known, { modelRequest: [modelRequest] })
      Object.assign(known, { route: [route.id], virtualKey: [virtualKey.id] })
      const policy = await createPolicy(tx, ctx)
      await publish(tx, ctx, policy.id, { revision: 1 })
      await publish(tx, ctx, policy.id, { revision: 1, key: virtualKey.id })
      const range = { from: new Date(0), to: new Date() }
      const replay = await requestReplay(tx, ctx, policy.id, { version: 'draft', ...range })
      Object.assign(known, { policy: [policy.id], replay: [replay.id] })
      const budget = { name: 'T', subject: { kind: 'tenant' }, unit: 'requests', zone: 'UTC' } as const
      const { id: budgetId } = await addBudget(tx, ctx, { ...budget, limits: [{ per: 'day', limit: 10 }] })
      const price = await addPrice(tx, ctx, { provider: name, model: 'T', input: 1, output: 1 })
      const guardrail = {
        name: `t${budgetId.slice(-8)}`,
        kind: 'max_tokens',
        options: { output: 10 },
        everywhere: null,
      } as const
      known['guardrail'] = [(await addGuardrail(tx, ctx, guardrail)).id]
      Object.assign(known, { budget: [budgetId], price: [price.id] })
      const wish = { wire: 'chat', endpoint: '/v1/chat/completions', key: virtualKey.id, name: 'T', total: 1 } as const
      known['modelBatch'] = [(await requestModelBatch(tx, ctx, wish)).id]
      const untrained = await requestClassifier(tx, ctx, seal, { outcomes: 'T', rows: 1, notes: 'T' })
      const conversation = { name: 'T', content: emptyContent }
      known['playground'] = [(await addPlayground(tx, ctx, seal, conversation)).id]
      known['classifier'] = [untrained.id]
      known['approval'] = [await open(tx, ctx, { ...openApproval, run, step: 'ask#0' })]
      const { apiKey } = await createApiKey(tx, ctx, { name: 'Test', scopes: [] })
      const sessions = await tx.selectFrom('session').select('id').where('user_id', '=', owner.user).execute()
      const secrets = await tx.selectFrom('source_secret').select('id').where('source_id', '=', source).execute()
      const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)
      Object.assign(known, { run: [run, ended], source: [source], user: [user], key: [apiKey.id], step: ['1'] })
      Object.assign(known, { secret: ids(secrets), session: ids(sessions), system: ['crm'], process: ['worker'] })
      Object.assign(known, { template: ['aged-inventory', 'reach-customer'] })
    })
    known['receipt'] = await twoReceipts(word)
  }
  await refresh()
  return {
    apps,
    authorization,
    cookie: () => owner.cookie,
    slug,
    secret,
    known,
    refresh,
    async [Symbol.asyncDispose]() {
      for (const hub of hubs) hub.stop()
      await sandbox[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
