import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { askDirectly } from '#activities/gateway/relay/direct.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createPolicy, setArchived } from '#activities/steering/store.ts'
import { saveDraft } from '#activities/steering/store-draft.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import type { Context } from '#schemas/tenancy.ts'
import { useGateway, type Asker } from '#test/harness/gateway.ts'
import { until } from '#test/harness/until.ts'
import { messagesWell } from '#test/harness/upstream-messages.ts'
import { well } from '#test/harness/upstream.ts'
import { keyless } from '#activities/gateway/relay/keyless.ts'

const { gateway, first, second, claude } = await useGateway({ first: well, second: well, claude: messagesWell })

/** A tenant with a route `fast` to the first provider alone, and this policy in force. */
const tenant = async (rules: string) => {
  const asker = await gateway.tenant(
    [
      { kind: 'openai', name: 'one', baseUrl: first.url, apiKey: 'sk-one' },
      { kind: 'openai', name: 'two', baseUrl: second.url, apiKey: 'sk-two' },
      { kind: 'anthropic', name: 'claude', baseUrl: claude.url, apiKey: 'sk-claude' },
    ],
    [{ provider: 'one', model: 'gpt-5-mini' }],
  )
  return { ...asker, policy: await inForce(asker.ctx, rules) }
}
/** Puts a policy in force; gives its id. */
const inForce = (ctx: Context, rules: string): Promise<string> =>
  withTenant(gateway.database.db, ctx, async (tx) => {
    const { id } = await createPolicy(tx, ctx, `name: Test\nrules:\n${rules}`)
    await publish(tx, ctx, id, { revision: 1 })
    return id
  })
const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'What does the contract say?' }] }
const ask = ({ openai }: Asker, more: object = {}) =>
  openai.chat.completions.create({ ...question, ...more, stream: false }).withResponse()

test('a request that a rule denies is refused with its reason, asks nobody, and is written down with the rule', async () => {
  const asker = await tenant(`
  - id: no-contracts
    when: prompt.text.contains("contract")
    decide: { deny: { reason: Contracts stay here. } }`)
  const rule = `${asker.policy}@1/no-contracts`
  const refused = await ask(asker).catch((error: unknown) => error as { headers: Headers })
  expect(refused).toMatchObject({
    status: 403,
    error: { message: 'Contracts stay here.', type: 'permission_error', code: 'denied_by_rule' },
  })
  expect((refused as { headers: Headers }).headers.get('x-auterity-rule')).toBe(rule)
  expect(first.asked).toEqual([])
  expect(await gateway.written(asker.ctx)).toMatchObject([
    {
      outcome: 'refused',
      status: 403,
      failure: 'forbidden',
      error: 'Contracts stay here.',
      asked: 'fast',
      model: null,
      policy_id: asker.policy,
      policy_number: 1,
      rule: 'no-contracts',
      rules: [rule],
    },
  ])
  const { response } = await ask(asker, { messages: [{ role: 'user', content: 'What is a lease?' }] })
  expect(response.headers.get('x-auterity-rule')).toBeNull()
})

test.each([
  ['over_budget', 402, 'insufficient_quota', 'billing_error'],
  ['not_found', 404, 'invalid_request_error', 'not_found_error'],
  ['bad_request', 400, 'invalid_request_error', 'invalid_request_error'],
  ['too_many_requests', 429, 'rate_limit_error', 'rate_limit_error'],
])('a rule that denies as %s is told so in the words of each wire', async (status, code, chat, messages) => {
  const asker = await tenant(`
  - { id: no, decide: { deny: { reason: Not now., status: ${status} } } }`)
  await expect(ask(asker)).rejects.toMatchObject({ status: code, error: { message: 'Not now.', type: chat } })
  const said = asker.anthropic.messages.create({ ...question, max_tokens: 10 })
  await expect(said).rejects.toMatchObject({ status: code, error: { error: { type: messages, message: 'Not now.' } } })
})

test('a rule sends a request elsewhere: the model asked for, the one that served, and the rule are told', async () => {
  const asker = await tenant(`
  - id: strong-for-code
    when: request.model == "gpt-4" && prompt.tokens < 500
    also: { tag: [cost=north-desk, code] }
    decide: { route: [{ provider: two, model: gpt-5 }] }`)
  const { response } = await ask(asker, { model: 'gpt-4' })
  expect(response.headers.get('x-auterity-rule')).toBe(`${asker.policy}@1/strong-for-code`)
  expect(second.asked).toMatchObject([{ body: { model: 'gpt-5' } }])
  expect(await gateway.written(asker.ctx)).toMatchObject([
    {
      asked: 'gpt-4',
      alias: null,
      provider: 'two',
      model: 'gpt-5',
      tags: { store: 'north', cost: 'north-desk', code: '' },
    },
  ])
})

test('a rule downgrades to a route, and weights say which of its targets gets the request', async () => {
  const asker = await tenant(`
  - { id: weigh, also: { weights: { one: 0, two/gpt-5: 1 } } }
  - { id: less, when: request.model == "strong", decide: { downgrade: default } }`)
  await withTenant(gateway.database.db, asker.ctx, (tx) =>
    addRoute(tx, asker.ctx, {
      alias: 'default',
      targets: ['one', 'two'].map((provider) => ({ provider, model: 'gpt-5', weight: 1, priority: 0 })),
    }),
  )
  for (let n = 0; n < 5; n++) await ask(asker, { model: 'strong' })
  expect([first.asked.length, second.asked.length]).toEqual([0, 5])
  expect((await gateway.written(asker.ctx))[0]).toMatchObject({ asked: 'strong', alias: 'default', provider: 'two' })
})

test('parameters are set in the bytes of the body, and the rest of it stays as it was', async () => {
  const asker = await tenant(`
  - id: careful
    also: { set: { temperature: 0, maxTokens: { cel: prompt.tokens * 2 }, effort: low } }`)
  const body = '{ "messages" :[{"role":"user","content":"caf\\u00e9"}],\n"model":"fast","max_tokens":9000, "odd":1e2}'
  const headers = { authorization: `Bearer ${asker.secret}`, 'content-type': 'application/json' }
  const reply = await fetch(`${gateway.openai}/chat/completions`, { method: 'POST', headers, body })
  expect(reply.status).toBe(200)
  expect(reply.headers.get('x-auterity-rule')).toBeNull()
  expect(first.asked[0]?.text).toBe(
    body
      .replace('"fast"', '"gpt-5-mini"')
      .replace('9000', '10')
      .replace('{', '{"temperature":0,"reasoning_effort":"low",'),
  )
})

test('what is set is said in the words of a provider of another wire too', async () => {
  const asker = await tenant(`
  - id: claude
    also: { set: { temperature: 0.2, maxTokens: 77 } }
    decide: { route: [{ provider: claude, model: claude-sonnet-4-5 }] }`)
  await ask(asker, { max_completion_tokens: 9000 })
  expect(claude.asked).toMatchObject([{ body: { model: 'claude-sonnet-4-5', temperature: 0.2, max_tokens: 77 } }])
  const said = await asker.anthropic.messages.create({ ...question, max_tokens: 9000 }).withResponse()
  expect(said.response.headers.get('x-auterity-rule')).toBe(`${asker.policy}@1/claude`)
  expect(claude.asked[1]).toMatchObject({ body: { temperature: 0.2, max_tokens: 77 } })
})

test('rules see who asks, what for, with which tools and headers, but no secrets', async () => {
  const asker = await tenant(`
  - { id: secret, when: '"authorization" in headers', decide: { deny: { reason: A secret is seen. } } }
  - id: all
    when: >-
      key.name == "Desk" && "store=north" in tags && request.tools == ["search"] && request.stream == false
      && headers["x-tier"] == "gold" && request.kind == "chat" && request.wire == "openai" && request.images
      && !request.files && request.maxTokens == 100.0 && budget.used == 0.0
    decide: { deny: { reason: All of it is seen. } }`)
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: 'https://example.com/car.png' } },
  ]
  const tools = [{ type: 'function', function: { name: 'search', parameters: { type: 'object' } } }]
  const seen = asker.openai.chat.completions.create(
    { ...question, messages: [{ role: 'user', content }], tools, max_completion_tokens: 100 } as never,
    { headers: { 'x-tier': 'gold' } },
  )
  await expect(seen).rejects.toMatchObject({ error: { message: 'All of it is seen.' } })
  expect((await ask(asker)).response.status).toBe(200)
})

test('what a step of a run asks in process is steered as well', async () => {
  const { ctx } = await tenant(`
  - { id: runs, when: key.id == "", decide: { deny: { reason: Not in runs. } } }`)
  const caller = keyless(ctx.tenant)
  const signal = AbortSignal.timeout(10_000)
  const reply = await askDirectly(gateway.relaying.relay, caller, { ...question }, { headers: {}, signal })
  expect([reply.status, JSON.parse(Buffer.from(reply.body).toString())]).toMatchObject([
    403,
    { error: { message: 'Not in runs.' } },
  ])
})

test('a requirement leaves the targets that have it, and refuses where none has', async () => {
  const asker = await tenant(
    `
  - { id: see, when: request.model == "fast", also: { require: { capabilities: [vision] } } }
  - { id: near, when: request.model == "near", also: { require: { regions: [eu] } }, decide: { route: near } }
  - { id: room, when: request.model == "one/gpt-5-mini", also: { require: { context: 200000 } } }
  - { id: vast, when: request.model == "two/gpt-5-mini", also: { require: { context: 9000000 } } }`.replace(
      'route: near',
      'route: default',
    ),
  )
  const target = { model: 'gpt-5-mini', weight: 1, priority: 0 }
  await withTenant(gateway.database.db, asker.ctx, async (tx) => {
    await addRoute(tx, asker.ctx, {
      alias: 'default',
      targets: [
        { ...target, provider: 'one', capabilities: ['tools'] },
        { ...target, provider: 'two', region: 'eu' },
      ],
      routing: usualRouting,
    })
  })
  expect((await ask(asker)).response.status).toBe(200)
  expect((await ask(asker, { model: 'near' })).response.headers.get('x-auterity-provider')).toBe('two')
  expect((await ask(asker, { model: 'one/gpt-5-mini' })).response.status).toBe(200)
  await expect(ask(asker, { model: 'two/gpt-5-mini' })).rejects.toMatchObject({
    status: 404,
    error: {
      code: 'requirement_unmet',
      message: 'A rule requires room for 9000000 tokens, and no model for this has it.',
    },
  })
})

test('a rule that leads to a route which is gone refuses: it does not go on as if there were no rule', async () => {
  const asker = await tenant(`
  - { id: away, decide: { route: fast } }`)
  await withTenant(gateway.database.db, asker.ctx, (tx) => tx.deleteFrom('gateway_route').execute())
  await expect(ask(asker, { model: 'one/gpt-5-mini' })).rejects.toMatchObject({
    status: 404,
    error: { message: 'The rule “away” sends this to “fast”, and there is no such route any more.' },
  })
})

test('what is published, published for a key, or archived counts for the next requests', async () => {
  const asker = await tenant(`
  - { id: no, decide: { deny: { reason: The first. } } }`)
  const { ctx, policy, key } = asker
  const told = () =>
    ask(asker).then(
      () => 'served',
      ({ error }: { error: { message: string } }) => error.message,
    )
  const becomes = (what: string) => until(`it is ${what}`, async () => (await told()) === what)
  expect(await told()).toBe('The first.')
  const { db } = gateway.database
  const text = 'name: Test\nrules:\n  - { id: no, decide: { deny: { reason: The second. } } }\n'
  await withTenant(db, ctx, async (tx) => {
    await saveDraft(tx, ctx, policy, { text, revision: 1 })
    await publish(tx, ctx, policy, { revision: 2, key })
  })
  await becomes('The second.')
  await withTenant(db, ctx, (tx) => setArchived(tx, ctx, policy, true))
  await becomes('served')
})

test('of two policies the narrower rule decides, and within one scope that of the older policy', async () => {
  const asker = await tenant(`
  - { id: all, decide: { deny: { reason: The older. } } }`)
  await inForce(
    asker.ctx,
    `
  - { id: mine, for: { keys: [Desk] }, when: request.stream, decide: { deny: { reason: The narrower. } } }
  - { id: all, decide: { deny: { reason: The newer. } } }`,
  )
  await until('both are known', async () => {
    const said = asker.openai.chat.completions.create({ ...question, stream: true })
    return said.then(
      () => false,
      ({ error }: { error: { message: string } }) => error.message === 'The narrower.',
    )
  })
  await expect(ask(asker)).rejects.toMatchObject({ error: { message: 'The older.' } })
})

test('rules see what is used of budgets: of this process at once, and of others soon', async () => {
  const asker = await tenant(`
  - id: nearly-used-up
    when: budget.key.used >= 0.5
    decide: { route: [{ provider: two, model: gpt-5-nano }] }`)
  const { ctx, key } = asker
  const subject = { kind: 'key' as const, key }
  // one request costs 337,500 billionths of a dollar
  const limits = [{ per: 'ever' as const, limit: 0.05 }]
  const given = { name: 'Desk', subject, unit: 'usd' as const, limits, zone: 'UTC' }
  const { id } = await withTenant(gateway.database.db, ctx, (tx) => addBudget(tx, ctx, given))
  const by = async () => (await ask(asker, { max_completion_tokens: 100 })).response.headers.get('x-auterity-provider')
  expect(await by()).toBe('one')
  // as if others had spent it
  await sql`update gateway_budget_window set spent = 24900000 where budget_id = ${id}`.execute(
    gateway.database.db.system,
  )
  await until('it is seen', async () => (await by()) === 'two')
})
