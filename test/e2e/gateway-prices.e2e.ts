import { expect, test } from 'vitest'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { newId } from '#schemas/ids.ts'
import { accounted } from '../harness/accounted.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene({ processes: ['api'] })

test('a model without a price gets one, from a day on; the price list is searched beside it', async () => {
  const { page } = scene.dana
  const { ctx, database, url } = scene.platform
  await page.goto(`${url}/gateway/prices`)
  await settled(page)
  await page.getByText('No prices of your own').waitFor()
  await look(page, 'gateway-prices-empty')

  await scene.platform.post('/v1/gateway/providers', { kind: 'openai', name: 'main', apiKey: 'sk-of-nobody-0000' })
  await scene.platform.post('/v1/gateway/providers', {
    kind: 'compatible',
    name: 'local',
    baseUrl: 'https://models.example.com/v1',
  })
  const asked = { ...accounted, id: newId('modelRequest'), tenant: ctx.tenant, at: Date.now(), price: null }
  await writeRequests(database.db, [{ ...asked, provider: 'local', kind: 'compatible', model: 'llama-3' }])
  await page.reload()
  await settled(page)
  const missing = page.getByRole('region', { name: /^Without a price/ })
  await missing.getByText('local/llama-3').waitFor()
  await missing.getByText('1 request of unknown cost in 30 days').waitFor()
  await look(page, 'gateway-prices')

  await missing.getByRole('button', { name: 'Set a price of llama-3' }).click()
  const dialog = page.getByRole('dialog', { name: 'Set a price' })
  expect(await dialog.getByLabel('Model').inputValue()).toBe('llama-3')
  await dialog.getByLabel('Input').fill('0.1')
  await dialog.getByLabel('Output').fill('0.25')
  await look(page, 'gateway-prices-set')
  await dialog.getByRole('button', { name: 'Set price' }).click()
  await page.getByText('llama-3 costs that from now on.').waitFor()
  await missing.waitFor({ state: 'detached' })
  const own = page.getByRole('table', { name: 'Your own prices' })
  await own.getByText('local/llama-3').waitFor()
  await own.getByText('$0.25').waitFor()

  // another from a day to come: the one at hand stays good
  await page.getByRole('button', { name: 'Set a price' }).first().click()
  await dialog.getByLabel('Provider').selectOption('local')
  await dialog.getByLabel('Model').fill('llama-3')
  await dialog.getByLabel('Input').fill('0.2')
  await dialog.getByLabel('Output').fill('0.5')
  await dialog.getByLabel('From').fill('2999-01-01')
  await dialog.getByRole('button', { name: 'Set price' }).click()
  await own.getByText('to come').waitFor()

  const list = page.getByRole('table', { name: 'Price list of main' })
  await list.getByText('gpt-4o-mini', { exact: true }).waitFor()
  await page.getByLabel('Search models').fill('gpt-4o-mini')
  await list.getByText('gpt-3.5-turbo', { exact: true }).waitFor({ state: 'detached' })
  const mini = list.getByRole('row').filter({ has: page.getByText('gpt-4o-mini', { exact: true }) })
  await mini.getByText('$0.15').waitFor()
  await look(page, 'gateway-prices-full')
  await page.setViewportSize({ width: 390, height: 844 })
  await settled(page)
  await expectNoSidewaysScroll(page)
  await look(page, 'gateway-prices-phone')
  await page.setViewportSize({ width: 1440, height: 900 })

  await page.getByRole('combobox', { name: 'Provider' }).selectOption('local')
  await page.getByText('No list of this provider').waitFor()
  await own.getByRole('button', { name: 'More for local/llama-3 from 2999-01-01' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await own.getByText('to come').waitFor({ state: 'detached' })
  await own.getByText('$0.25').waitFor()
})

test('a list that does not come is told, and comes when it is asked again', async () => {
  const { page } = scene.dana
  await page.route('**/price-list', (route) => route.fulfill({ status: 500, body: '{}' }))
  await page.goto(`${scene.platform.url}/gateway/prices`)
  await settled(page)
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await look(page, 'gateway-prices-error')
  await page.unroute('**/price-list')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('table', { name: 'Price list of main' }).waitFor()
  for (const one of scene.dana.complaints.splice(0)) expect(one).toContain('/price-list')
})
