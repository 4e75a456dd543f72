import { expect, test } from 'vitest'
import type { Run } from '#schemas/runs.ts'
import { look, picture, settled } from '../harness/browser.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()
const heading = (name: string) => scene.dana.page.getByRole('heading', { level: 1, name, exact: true }).waitFor()

test('from the list of automations one comes to the templates, each with its drawing', async () => {
  const { page } = scene.dana
  const menu = page.getByRole('navigation', { name: 'Main', exact: true })
  await menu.getByRole('link', { name: 'Automations', exact: true }).click()
  await heading('Automations')
  await page.getByRole('link', { name: 'Templates', exact: true }).click()
  await heading('Templates')
  await menu.locator('[aria-current=page]', { hasText: 'Automations' }).waitFor()
  await page.getByRole('article').first().waitFor()
  expect(await page.getByRole('article').count()).toBe(13)
  const answered = page.getByRole('article').filter({ hasText: 'Lead response' })
  await answered.getByText('installed', { exact: true }).waitFor()
  await settled(page)
  await look(page, 'templates')
})

test('a template is looked at, installed and opened in the builder, and its sample runs to its end', async () => {
  const { page } = scene.dana
  await page.getByRole('link', { name: 'Missed-call follow-up' }).click()
  await heading('Missed-call follow-up')
  await page.getByRole('application', { name: 'Canvas: Missed-call follow-up' }).getByText('Text at once').waitFor()
  await page.getByText('customer.replied').first().waitFor()
  await settled(page)
  await look(page, 'template')
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await page.getByLabel('Name').fill('Calls we missed')
  await page.getByText('Installed along where missing: Reach a customer.').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Install' }).click()
  await page.getByRole('application', { name: 'Canvas: Calls we missed' }).getByText('Text at once').waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Run it' })
  await dialog.getByText(/^This is the sample that the automation comes with/).waitFor()
  await dialog.getByRole('textbox').first().fill('Somebody else')
  await dialog.getByRole('button', { name: 'Use the sample' }).click()
  await dialog.getByText(/^This is the sample that the automation comes with/).waitFor()
  await picture(page, 'run-sample')
  await page.keyboard.press('Escape')
  await page.goto(`${scene.platform.url}/templates/missed-call`)
  await page.getByRole('button', { name: 'Run its sample' }).click()
  await page.waitForURL(/\/runs\/run_/)
  const run = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  await until('the run has replied', async () => {
    const { run: now } = await scene.platform.get<{ run: Run }>(`/v1/runs/${run}`)
    return now.outcome === 'replied'
  })
  await page.getByText('Completed', { exact: true }).first().waitFor()
})

test('whoever tries a template decides what its sample asks, whomever it names, and comes to its end', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/templates/price-drop`)
  await page.getByText('You are asked meanwhile').waitFor()
  await page.getByText('Approve the words: approve').waitFor()
  await look(page, 'template-asks')
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Install' }).click()
  await page.waitForURL(/\/automation\/price-drop/)
  await page.goto(`${scene.platform.url}/templates/price-drop`)
  await page.getByRole('button', { name: 'Run its sample' }).click()
  await page.waitForURL(/\/runs\/run_/)
  const run = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  await page.getByRole('link', { name: 'Read and decide' }).click()
  await page.getByRole('list', { name: 'Who is asked' }).getByText('Dana Whitfield and every operator').waitFor()
  await settled(page)
  await look(page, 'template-approval')
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await until('everybody is told', async () => {
    const { run: now } = await scene.platform.get<{ run: Run }>(`/v1/runs/${run}`)
    return now.outcome === 'told'
  })
})

test('an address of no template says so, and leads back', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/templates/none`)
  await page.getByText('There is no such template').waitFor()
  await page.getByRole('link', { name: 'All templates' }).click()
  await heading('Templates')
})
