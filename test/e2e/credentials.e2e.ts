import { expect, test } from 'vitest'
import { startSystem } from '#activities/connectors/fixture.ts'
import type { Automation } from '#schemas/automation/index.ts'
import type { Credential } from '#schemas/credentials.ts'
import { look, settled } from '../harness/browser.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene({ env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })

const open = async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/settings/credentials`)
  await settled(page)
  return page
}
const dialog = () => scene.dana.page.getByRole('dialog')
const more = async (name: string, act: string) => {
  const { page } = scene.dana
  await page.getByRole('button', { name: `More for ${name}` }).click()
  await page.getByRole('menuitem', { name: act }).click()
}

test('a credential is added by its kind, checked and rotated, and its secret is never on the page again', async () => {
  await using system = await startSystem({ status: 200 }, { status: 401 })
  const host = new URL(system.url).host
  const page = await open()
  await page.getByText('No credential yet').waitFor()
  await page.getByRole('button', { name: 'Add credential' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Price list, north')
  expect(await page.getByLabel('Handle').inputValue()).toBe('price-list-north')
  await page.getByLabel('Hosts').fill(`${system.url}/v1`)
  await page.getByLabel('Kind').selectOption('basic')
  await page.getByLabel('User').fill('dealer-7')
  await page.getByLabel('Password').fill('hush-hush')
  await look(page, 'credentials-add')
  await dialog().getByRole('button', { name: 'Add credential' }).click()
  await page.getByText(`for ${host}`).waitFor()
  await page.getByText('no twin for tests').waitFor()

  await page.getByRole('button', { name: 'Check Price list, north' }).click()
  await page.getByLabel('Address').fill(`${system.url}/me`)
  await dialog().getByRole('button', { name: 'Check' }).click()
  await page.getByText(`It was taken. ${host} answered 200.`).waitFor()
  await dialog().getByRole('button', { name: 'Check' }).click()
  await page.getByText(`It was refused. ${host} answered 401.`).waitFor()
  await page.getByLabel('Address').fill('https://elsewhere.example/')
  await dialog().getByRole('button', { name: 'Check' }).click()
  await page.getByText('This credential may not be sent to that address.').waitFor()
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  expect(system.asked.map(({ headers }) => headers.authorization)).toEqual(
    Array.from({ length: 2 }, () => `Basic ${Buffer.from('dealer-7:hush-hush').toString('base64')}`),
  )

  await more('Price list, north', 'Add a twin for test runs')
  await page.getByLabel('Password').fill('try-hush')
  await dialog().getByRole('button', { name: 'Add twin' }).click()
  await page.getByText('Test runs: User and password').waitFor()
  await more('Price list, north', 'Rotate the secret')
  await page.getByLabel('Kind').selectOption('bearer')
  await page.getByLabel('Token').fill('hush-token')
  await dialog().getByRole('button', { name: 'Rotate' }).click()
  await page.getByText('Bearer token · set').waitFor()
  await look(page, 'credentials')
  await page.reload()
  await settled(page)
  expect(await page.content()).not.toMatch(/hush/)
})

test('a step picks its credential, a new one is made on the way, and what is in use is not deleted', async () => {
  const { page } = scene.dana
  const { body: made } = await scene.platform.post<Automation>('/v1/automations', {
    name: 'Ask for prices',
    definition: {
      format: 1,
      name: 'Ask for prices',
      nodes: [
        { id: 'start', kind: 'start', at: { x: 0, y: 0 } },
        { id: 'ask', kind: 'http', title: 'Ask', at: { x: 0, y: 110 }, with: { url: 'https://api.example.com/cars' } },
        { id: 'end', kind: 'end', at: { x: 0, y: 220 } },
      ],
      edges: [
        { from: 'start', to: 'ask' },
        { from: 'ask', to: 'end' },
      ],
    },
  })
  await page.goto(`${scene.platform.url}/automation/${made.id}`)
  await settled(page)
  await page.locator('.svelte-flow__node[data-id="ask"]').click()
  const picker = page.getByRole('combobox', { name: 'Credential' })
  await picker.selectOption('price-list-north')
  await page.getByText('“price-list-north” may be sent to').first().waitFor()
  await page.getByRole('button', { name: 'New credential' }).click()
  expect(await page.getByLabel('Hosts').inputValue()).toBe('api.example.com')
  await dialog().getByLabel('Name', { exact: true }).fill('Cars')
  await dialog().getByLabel('Handle').fill('cars')
  await dialog().getByLabel('Token').fill('hush-cars')
  await dialog().getByRole('button', { name: 'Add credential' }).click()
  await picker.locator('option[value="cars"]').waitFor({ state: 'attached' })
  expect(await picker.inputValue()).toBe('cars')
  await page.getByText('“price-list-north” may be sent to').first().waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Publish' }).click()
  await dialog()
    .getByRole('button', { name: /^Publish/ })
    .click()
  await page.getByText('Version 1 is live.').waitFor()

  await open()
  await page.getByRole('link', { name: 'Ask for prices' }).waitFor()
  await more('Cars', 'Delete')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await page.getByText('It is used by “Ask for prices”.').waitFor()
  await dialog().getByRole('button', { name: 'Keep as it is' }).click()
  await more('Price list, north', 'Delete')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await page.getByText('“Price list, north” and its secrets are forgotten.').waitFor()
  const { items } = await scene.platform.get<{ items: Credential[] }>('/v1/credentials')
  expect(items.map(({ handle }) => handle)).toEqual(['cars'])
})
