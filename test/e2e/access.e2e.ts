import { expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import { settled, visit } from '../harness/browser.ts'
import { deliver } from '../harness/hooks.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene()

test('a person who is invited comes in by the link, sees what the role may see, and no button that it may not press', async () => {
  const { page } = scene.dana
  await deliver(scene.platform.hook, 'msg_access', makeLead('access', { scenario: 'buy' }).xml)
  await page.goto(`${scene.platform.url}/settings/people`)
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByLabel('Name').fill('Elena Costa')
  await page.getByLabel('E-mail').fill('elena@northstar-motors.example')
  await page.getByLabel('Role', { exact: true }).selectOption('viewer')
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click()
  await page.getByText('within 7 days').waitFor()
  const link = await page.getByRole('textbox', { name: 'One-time link' }).inputValue()

  await using elena = await visit(scene.browser, link)
  await elena.page.goto(`${scene.platform.url}/runs`)
  await elena.page.getByRole('row').nth(1).click()
  await elena.page.getByRole('link', { name: 'Read and decide' }).waitFor()
  await elena.page.getByRole('button', { name: 'Export history' }).waitFor()
  expect(await elena.page.getByRole('button', { name: /^(Cancel|Run again)$/ }).count()).toBe(0)
  await elena.page.getByRole('link', { name: 'Read and decide' }).click()
  await elena.page.getByText('Your role may read this and not decide it.').waitFor()
  expect(await elena.page.getByRole('button', { name: /^(Approve|Reject)/ }).count()).toBe(0)
  await elena.page.goto(`${scene.platform.url}/settings`)
  await settled(elena.page)
  const tabs = elena.page.getByRole('navigation', { name: 'Settings' }).getByRole('link')
  expect(await tabs.allInnerTexts()).not.toEqual(expect.arrayContaining(['People']))
  expect(await tabs.allInnerTexts()).not.toEqual(expect.arrayContaining(['API keys']))

  await elena.page.goto(link)
  await elena.page.getByRole('heading', { name: 'This link no longer works' }).waitFor()
  expect(elena.complaints).toEqual([])
})

test('an API key is shown once, opens the door, and stops when it is revoked', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/settings/keys`)
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByLabel('Name').fill('Website')
  expect(await page.getByRole('dialog').getByRole('checkbox', { checked: true }).count()).toBe(0)
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
  await page.getByText('choose at least one').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Follow leads' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
  const key = await page.getByRole('textbox', { name: 'API key' }).inputValue()
  const statusBy = async () =>
    (await fetch(`${scene.platform.url}/v1/runs`, { headers: { authorization: `Bearer ${key}` } })).status
  expect(await statusBy()).toBe(200)
  await page.reload()
  await page.getByRole('button', { name: 'Revoke Website' }).waitFor()
  expect(await page.content()).not.toContain(key)

  await page.getByRole('button', { name: 'Revoke Website' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('revoked', { exact: true }).waitFor()
  expect(await statusBy()).toBe(401)
})

test('a session that is ended elsewhere takes that page to sign-in, and back to where it was', async () => {
  const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'operator', 'Priya Raman')
  await using priya = await visit(scene.browser, `${scene.platform.url}/link#${token}`)
  await priya.page.goto(`${scene.platform.url}/approvals`)
  await settled(priya.page)
  const { value } = (await priya.context.cookies()).find((cookie) => cookie.name.includes('session'))!
  const headers = { cookie: `${(await priya.context.cookies())[0]!.name}=${value}`, origin: scene.platform.url }
  const ended = await fetch(`${scene.platform.url}/v1/session`, { method: 'DELETE', headers })
  expect(ended.status).toBe(204)
  await priya.page.waitForURL(/\/sign-in\?next=%2Fapprovals/)
  await priya.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(priya.complaints).toEqual([])
})

test('an address that was guessed leads to the page that was meant; one of no page keeps the navigation', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/automations`)
  await page.getByRole('heading', { level: 1, name: 'Automations' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/automation')
  await page.goto(`${scene.platform.url}/nothing/here`)
  await page.getByRole('heading', { level: 1, name: 'There is nothing at this address' }).waitFor()
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Runs' }).click()
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
})

test('hands that stay on the keyboard get everywhere, and the theme that is chosen stays', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/`)
  await settled(page)
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search commands' }).fill('theme: dark')
  await page.getByRole('option', { name: 'Theme: dark' }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('html[data-theme="dark"]').waitFor()
  await page.reload()
  await page.locator('html[data-theme="dark"]').waitFor()
  await settled(page)
  await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor() // until then nobody hears a key
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Go to Leads in').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' })
})
