import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createCacheStore } from '#activities/gateway/store-cached.ts'
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
    for (const [alias, model] of [
      ['fast', 'gpt-5-mini'],
      ['embed', 'text-embedding-3-small'],
    ] as const)
      await addRoute(tx, ctx, { alias, targets: [{ provider: 'openai', model, weight: 1, priority: 0 }] })
    return createVirtualKey(tx, ctx, { name: 'Service desk', models: null, tags: { store: 'north' } })
  })
  client = new OpenAI({ apiKey: key, baseURL: `${url}/gateway/openai/v1`, maxRetries: 0 })
})
afterAll(() => upstream[Symbol.asyncDispose]())

const ask = (content = 'How many Corollas are on the lot?') =>
  client.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }] }).asResponse()
const how = async (content?: string) => (await ask(content)).headers.get('x-auterity-cache')
const dialog = () => scene.dana.page.getByRole('dialog')

test('the cache is turned on, answers again, tells what that saved, and is emptied', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/gateway/cache`)
  await settled(page)
  await page.getByText('Nothing was looked up in this time').waitFor()
  await look(page, 'gateway-cache-off')

  await page.getByRole('button', { name: 'Turn on' }).click()
  await dialog().getByLabel('Answer again').selectOption({ label: 'Nearly the same question too' })
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().getByText('name the route that makes embeddings').waitFor()
  await page.mouse.move(0, 0)
  await look(page, 'gateway-cache-refused')
  // chance would add to what is counted below
  await dialog().getByLabel('Looked at, in percent').fill('0')
  await dialog().getByLabel('Embeddings').selectOption('embed')
  await dialog().getByLabel('Good for').fill('2')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('It is so from now on.').waitFor()
  await page.getByRole('heading', { name: 'On', exact: false }).first().waitFor()
  await page.getByText('2 hours').waitFor()

  await until('it answers again', async () => (await how()) === 'hit')
  // the provider of this test embeds all questions alike
  await until(
    'nearly the same is answered too',
    async () => (await how('How many Corollas do we have on the lot?')) === 'hit',
  )
  await page.getByRole('img', { name: /requests were answered again/ }).waitFor()
  await page.getByText('None was looked at in this time.').waitFor()
  const { database, ctx } = scene.platform
  const store = createCacheStore(database.db, createSeal([testKey]))
  const near = { key: 'k', similarity: 0.97, request: 'mrq_1', of: 'mrq_2' }
  for (let n = 0; n < 24; n++) await store.audited(ctx.tenant, near, n === 0)
  await ask('And how many Camrys?')
  await page.getByText(/wrong: 1 of 24 answers/).waitFor()
  await page.getByText(/saved/i).first().waitFor()
  await settled(page)
  await look(page, 'gateway-cache')
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await look(page, 'gateway-cache-phone')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByLabel('Time that is shown').selectOption('90')
  await page.getByRole('img', { name: /saved in this time/ }).waitFor()

  await page.getByRole('button', { name: 'Empty the cache' }).click()
  await dialog()
    .getByText(/will be forgotten for good/)
    .waitFor()
  await look(page, 'gateway-cache-empty')
  await dialog().getByRole('button', { name: 'Empty the cache' }).click()
  await page.getByText(/answers? forgotten/).waitFor()
  await until('it asks anew', async () => (await how()) === 'miss')
})

test('a request from the cache says so in the list and by itself, and a route may be left out', async () => {
  const { page } = scene.dana
  await until('it is kept', async () => (await how('What is a lease?')) === 'hit')
  await page.goto(`${scene.platform.url}/gateway`)
  await page.getByLabel('Cache', { exact: true }).selectOption({ label: 'From the cache' })
  await page
    .getByRole('row', { name: /from the cache/ })
    .first()
    .waitFor()
  await settled(page)
  await look(page, 'gateway-requests-cached')
  await page
    .getByRole('row', { name: /from the cache/ })
    .first()
    .click()
  await page.getByText('Answered before by').waitFor()
  await page.getByText(/saved/).first().waitFor()
  await settled(page)
  await look(page, 'gateway-request-cached')
  await page.getByRole('link', { name: /the answer of/ }).click()
  await page.getByText('looked up, and asked').waitFor()

  await page.goto(`${scene.platform.url}/gateway/routes`)
  await page.getByRole('button', { name: 'Change fast' }).click()
  await dialog().getByText('Order, retries and waiting').click()
  await dialog().getByLabel('Answer again from the cache').selectOption({ label: 'Off' })
  await look(page, 'gateway-route-cache')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('never cached').waitFor()
  await until('the route is left out', async () => (await how('What is a lease?')) === null)
  expect(scene.dana.complaints).toEqual([])
})
