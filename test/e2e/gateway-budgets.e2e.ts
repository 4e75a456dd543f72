import OpenAI, { RateLimitError } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { setScene } from '../harness/scene.ts'
import { startUpstream, type TestUpstream } from '../harness/upstream.ts'
import { until } from '../harness/until.ts'

const scene = setScene({ processes: ['api'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let upstream: TestUpstream
let client: OpenAI
beforeAll(async () => {
  upstream = await startUpstream()
  const { ctx, database, url } = scene.platform
  const { key } = await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'openai', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    const targets = [{ provider: 'openai', model: 'gpt-5-mini', weight: 1, priority: 0 }]
    await addRoute(tx, ctx, { alias: 'fast', targets })
    return createVirtualKey(tx, ctx, { name: 'Service desk', models: null, tags: { store: 'north' } })
  })
  client = new OpenAI({ apiKey: key, baseURL: `${url}/gateway/openai/v1`, maxRetries: 0 })
})
afterAll(() => upstream[Symbol.asyncDispose]())

const ask = () =>
  client.chat.completions.create({
    model: 'fast',
    max_completion_tokens: 100,
    messages: [{ role: 'user', content: 'word '.repeat(700) }],
  })
const dialog = () => scene.dana.page.getByRole('dialog')

test('a budget is set for a key, moves as requests come, and whoever it refuses is led to it', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/gateway/budgets`)
  await settled(page)
  await page.getByText('No budgets yet').waitFor()
  await look(page, 'gateway-budgets-empty')

  await page.getByRole('button', { name: 'Set budget' }).click()
  await dialog().getByLabel('Name').fill('Service desk')
  await dialog().getByLabel('Counts').selectOption('key')
  await dialog().getByLabel('Key').selectOption({ label: 'Service desk' })
  await dialog().getByLabel('Limit a day').fill('0.000001')
  await dialog().getByRole('button', { name: 'Add a limit' }).click()
  await look(page, 'gateway-budgets-set')
  await dialog().getByRole('button', { name: 'Take away the limit a month' }).click()
  await dialog().getByLabel('Limit a day').fill('0.002')
  await dialog().getByRole('button', { name: 'Set budget' }).click()
  await page.getByText(/\$0 of \$0\.002 a day/).waitFor()
  await page.getByRole('main').getByText('key Service desk').waitFor()

  await ask()
  await page.getByText(/\$0\.00034 of \$0\.002 a day/).waitFor()
  await page.getByRole('button', { name: 'Service desk', exact: true }).click()
  await page.getByText(/At the pace so far/).waitFor()
  await look(page, 'gateway-budgets')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.reload()
  const tab = page.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'Budgets' })
  await until('its tab is in sight on a phone too', async () => {
    const box = await tab.boundingBox()
    return box !== null && box.x >= 0 && box.x + box.width <= 390
  })
  await page.setViewportSize({ width: 1440, height: 900 })

  const refused = await until('the budget is used up', () =>
    ask().then(
      () => undefined,
      (error: unknown) => (error instanceof RateLimitError ? error : undefined),
    ),
  )
  expect(refused.message).toContain('The budget “Service desk” of 0.002 US dollars per day is used up')

  await page.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'Requests' }).click()
  await page.getByRole('link', { name: 'by Service desk' }).first().waitFor()
  await page
    .getByRole('row', { name: /fast Refused/ })
    .first()
    .click()
  await page.getByText('Held back by').waitFor()
  await look(page, 'gateway-request-over-budget')
  await page.getByRole('note').getByRole('link', { name: 'Service desk' }).click()
  await page.getByRole('heading', { level: 1, name: 'Budgets' }).waitFor()
  await page.getByRole('img', { name: /a day left/ }).waitFor()

  await page.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'Keys' }).click()
  await page.getByRole('link', { name: /Service desk \$0\.00\d+ of/ }).waitFor()
  await look(page, 'gateway-keys-tightest')
})

test('limits are changed and a budget is deleted, with what it had come to', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/gateway/budgets`)
  await page.getByRole('button', { name: 'More for Service desk' }).click()
  await page.getByRole('menuitem', { name: 'Name and limits' }).click()
  await dialog().getByLabel('Limit a day').fill('25')
  await dialog().getByRole('button', { name: 'Add a limit' }).click()
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText(/of \$25\.00 a day/).waitFor()
  await until('it lets through again', () => ask().then(Boolean, () => false))
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Service desk', exact: true }).click()
  await page.getByRole('img', { name: /a day left/ }).waitFor()
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'More for Service desk' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await page.getByText('“Service desk” holds nobody any more.').waitFor()
  await page.getByText('No budgets yet').waitFor()
})
