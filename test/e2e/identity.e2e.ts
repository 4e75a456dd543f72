import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAccessible, openBrowser, settled, visit } from '../harness/browser.ts'
import { startInstallation, type Installation } from '../harness/installation.ts'

let installation: Installation
let browser: Browser
beforeAll(async () => {
  ;[installation, browser] = await Promise.all([startInstallation('--no-demo'), openBrowser()])
})
afterAll(async () => {
  await browser.close()
  await installation[Symbol.asyncDispose]()
})

test('without the demo, whoever comes first sets it up, is its owner, and finds it empty', async () => {
  await using anybody = await visit(browser)
  const { page } = anybody
  await page.goto(installation.url)
  await page.waitForURL(installation.setup!)
  await expectAccessible(page)
  await page.getByLabel('Dealer group').fill('Harbor Autos')
  await page.getByLabel('Your name').fill('Ann Owner')
  await page.getByLabel('E-mail').fill('ann@harbor.example')
  await page.getByLabel('Password').fill('long enough for twelve')
  await page.getByRole('button', { name: 'Create and sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.getByText('Harbor Autos').first().waitFor()

  await page.goto(`${installation.url}/runs`)
  await page.getByText('No runs yet').waitFor()
  await page.goto(`${installation.url}/system`)
  await settled(page)
  expect(await page.getByRole('button', { name: /pull the plug/i }).count()).toBe(0)
  // what is not their own is the sandbox, which waits for a webhook to send leads to
  await page.goto(`${installation.url}/sandbox`)
  await page.getByText('No webhook is set, so none can be sent.').waitFor()

  await using another = await visit(browser)
  await another.page.goto(installation.url)
  await another.page.waitForURL('**/sign-in')
  await another.page.getByLabel('E-mail').fill('ann@harbor.example')
  await another.page.getByLabel('Password').fill('long enough for twelve')
  await another.page.getByRole('button', { name: 'Sign in' }).click()
  await another.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  expect([...anybody.complaints, ...another.complaints]).toEqual([])
})
