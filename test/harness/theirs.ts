import { open as openApproval } from '#activities/approvals/store.ts'
import { addCredential } from '#activities/credentials/store.ts'
import { createAutomation, findPublished } from '#activities/automation/store.ts'
import { requestClassifier } from '#activities/gateway/store-classifiers.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { requestModelBatch } from '#activities/gateway/store-model-batches.ts'
import { addPrice } from '#activities/gateway/store-prices.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addPlayground } from '#activities/gateway/store-playgrounds.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { requestReplay } from '#activities/steering/store-replays.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { acceptBatch } from '#activities/ingress/store-accept.ts'
import { addSource } from '#activities/ingress/store-sources.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { createSeal } from '#activities/seal.ts'
import type { createApp } from '#api/app.ts'
import { generateSecret } from '#api/ingress/signature.ts'
import { emptyContent } from '#schemas/gateway/playground-empty.ts'
import { newId } from '#schemas/ids.ts'
import { addGuard } from './guarded.ts'
import { accounted } from './accounted.ts'
import { testKey, type TestDatabase } from './database.ts'
import { readableSample } from './quality.ts'
import { withTenant } from '#activities/database.ts'
import { requestBatch } from '#activities/runs/store-batches.ts'
import { sender } from './send.ts'
import { signedIn, withKey } from './people.ts'
import { drawn } from './drawn.ts'

/** A tenant with one of each thing that has an id, all named so that nobody else's answer holds it; gives their ids by the names of parameters. */
export async function populateTheirs(
  database: TestDatabase,
  app: ReturnType<typeof createApp>,
): Promise<Record<string, string>> {
  const send = sender(app)
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
    await readableSample(database.db, ctx, { policy: newId('policy'), rule: 'easy' }, modelRequest)
    return {
      modelBatch: (await requestModelBatch(tx, ctx, { wire: 'chat', endpoint: 'x', key: null, name: 'Their lead' })).id,
      classifier: (
        await requestClassifier(tx, ctx, createSeal([testKey]), { outcomes: 'T', rows: 1, notes: 'Their lead' })
      ).id,
      modelRequest,
      playground: (await addPlayground(tx, ctx, createSeal([testKey]), { name: 'Their lead', content: emptyContent }))
        .id,
      provider: provider.id,
      providerKey: provider.keys[0]!.id,
      route: (await addRoute(tx, ctx, { alias: 'theirs', targets })).id,
      budget: budget.id,
      guardrail: (await addGuard(database, ctx, 'words', 'flag', { words: ['Their lead'] })).id,
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
  return {
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
}
