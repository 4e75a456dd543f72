import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { lastOf, saying } from '../harness/guarded.ts'
import { setScene } from '../harness/scene.ts'
import { startUpstream, type TestUpstream } from '../harness/upstream.ts'
import { until } from '../harness/until.ts'

const scene = setScene({ processes: ['api'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let upstream: TestUpstream
let client: OpenAI
let policy: string
beforeAll(async () => {
  upstream = await startUpstream(saying((asked) => ({ text: `Done: ${lastOf(asked)}` })))
  const { ctx, database, url } = scene.platform
  const { key } = await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'openai', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    const targets = [{ provider: 'openai', model: 'gpt-5-mini', weight: 1, priority: 0 }]
    await addRoute(tx, ctx, { alias: 'fast', targets })
    policy = (
      await createPolicy(
        tx,
        ctx,
        'name: Careful\nrules:\n  - id: code\n    when: request.stream\n    also: { tag: [live] }\n',
      )
    ).id
    return createVirtualKey(tx, ctx, { name: 'Service desk', models: null, tags: { store: 'north' } })
  })
  client = new OpenAI({ apiKey: key, baseURL: `${url}/gateway/openai/v1`, maxRetries: 0 })
})
afterAll(() => upstream[Symbol.asyncDispose]())

const ask = async (content: string) =>
  (await client.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }] })).choices[0]?.message
    .content
const dialog = () => scene.dana.page.getByRole('dialog')
const open = async (path: string) => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}${path}`)
  await settled(page)
  return page
}

test('a guardrail is tried on a text, added, and its matches are counted as requests come', async () => {
  const page = await open('/gateway/guardrails')
  await page.getByText('No guardrails yet').waitFor()
  await look(page, 'gateway-guardrails-empty')

  await page.getByRole('button', { name: 'Add guardrail' }).click()
  await dialog().getByLabel('Name', { exact: true }).fill('customer-data')
  await dialog().getByLabel('Names').fill('Jordan Reyes')
  await dialog().getByText('Try it').click()
  await dialog()
    .getByLabel('Text')
    .fill('Jordan Reyes asks for a call at (503) 555-2142 or a mail to jordan@example.com.')
  await dialog().getByText('1 name, 1 phone number, 1 e-mail address').waitFor()
  await dialog()
    .getByText(/^NAME-\w{8} asks for a call at PHONE-\w{8} or a mail to EMAIL-\w{8}\.$/)
    .waitFor()
  await look(page, 'gateway-guardrails-try')
  await dialog().getByRole('button', { name: 'Add a pattern' }).click()
  await dialog().getByLabel('Name of pattern 1').fill('customer')
  await dialog().getByLabel('Pattern 1', { exact: true }).fill('C-[0-9]+')
  await dialog().getByRole('button', { name: 'Add guardrail' }).click()
  await dialog()
    .getByText(/write how often at the most/)
    .waitFor()
  await dialog().getByLabel('Pattern 1', { exact: true }).fill('C-[0-9]{4}')
  await dialog().getByRole('button', { name: 'Add guardrail' }).click()
  await page.getByText('Nothing in 24 hours').waitFor()

  await until('it looks', async () => {
    expect(await ask('Write to jordan@example.com about C-1234')).toBe('Done: Write to jordan@example.com about C-1234')
    return !(upstream.asked.at(-1)?.text.includes('jordan') ?? true)
  })
  await page.getByText(/2 matches in \d+ requests?: 1 masked/).waitFor()
  await page.getByRole('button', { name: 'customer-data', exact: true }).click()
  await page.getByText('Matches in each hour of the last day').waitFor()
  await look(page, 'gateway-guardrails')
  await expectNoSidewaysScroll(page)
})

test('what it has seen is told with the request, and found by its name', async () => {
  const { page } = scene.dana
  await page.getByRole('link', { name: /2 matches/ }).click()
  await page.getByLabel('Guardrail').waitFor()
  await page.getByRole('row').nth(1).getByRole('link').first().click()
  await page.getByRole('heading', { name: 'Guardrails' }).waitFor()
  await page.getByText('1 e-mail address, 1 customer').waitFor()
  await look(page, 'gateway-guardrails-request')
  expect(await page.getByRole('main').innerText()).not.toContain('jordan')
})

test('a rule calls for a guardrail, chosen by its name', async () => {
  const page = await open(`/gateway/steering/${policy}`)
  await page.getByRole('button', { name: /code/ }).first().click()
  await page.getByLabel('customer-data').selectOption('block')
  await page.getByText('Saved', { exact: true }).waitFor()
  await look(page, 'gateway-guardrails-rule')
  const { db } = scene.platform.database
  const draft = () =>
    db.system.selectFrom('steering_policy').select('draft').where('id', '=', policy).executeTakeFirstOrThrow()
  await until('it stands in the text', async () => (await draft()).draft.includes('customer-data: block'))
})

test('a route calls for one, which then cannot be deleted', async () => {
  const page = await open('/gateway/routes')
  await page.getByRole('button', { name: 'Change fast' }).click()
  await dialog().getByText('Guardrails', { exact: true }).click()
  await dialog().getByLabel('customer-data').selectOption('mask')
  await look(page, 'gateway-guardrails-route')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().waitFor({ state: 'detached' })
  await open('/gateway/guardrails')
  await page.getByText('everything, and fast').waitFor()
  await page.getByRole('button', { name: 'More for customer-data' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await dialog().getByText('The route “fast” calls for it.').waitFor()
})
