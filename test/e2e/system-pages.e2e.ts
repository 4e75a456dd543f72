import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import type { Receipt } from '#schemas/ingress.ts'
import type { Approval } from '#schemas/approvals.ts'
import {
  expectAccessible,
  expectNoSidewaysScroll,
  openBrowser,
  picture,
  settled,
  visit,
  wish,
  type Visit,
} from '../harness/browser.ts'
import { deliver } from '../harness/hooks.ts'
import { newPerson } from '../harness/people.ts'
import { startPlatform, type Platform } from '../harness/platform.ts'
import { until } from '../harness/until.ts'

let platform: Platform
let browser: Browser
let dana: Visit
beforeAll(async () => {
  ;[platform, browser] = await Promise.all([startPlatform(), openBrowser()])
  const { token } = await newPerson(platform.database.db, platform.ctx, 'owner', 'Dana Whitfield')
  dana = await visit(browser, `${platform.url}/link#${token}`)
})
afterAll(async () => {
  await browser.close()
  await platform[Symbol.asyncDispose]()
})

/** Looks at the page that stands there in light, in dark and on a phone: nothing sticks out, and axe finds nothing. */
const look = async (name: string): Promise<void> => {
  const { page } = dana
  await picture(page, `${name}-light`)
  await expectAccessible(page)
  await wish(page, 'dark')
  await picture(page, `${name}-dark`)
  await expectAccessible(page, ['color-contrast']) // all that a theme changes
  await wish(page, 'light')
  await page.setViewportSize({ width: 390, height: 844 })
  await settled(page)
  await picture(page, `${name}-390`)
  await expectNoSidewaysScroll(page)
  await expectAccessible(page)
  await page.setViewportSize({ width: 1440, height: 900 })
}
const lookAt = async (name: string, path: string): Promise<void> => {
  await dana.page.goto(`${platform.url}${path}`)
  await settled(dana.page)
  await look(name)
}
const statusOf = (receipt: string) => platform.get<Receipt>(`/v1/receipts/${receipt}`)
const send = async (name: string, as = name) =>
  (await deliver(platform.hook, `msg_${as}`, makeLead(name, { scenario: 'buy' }).xml)).body.receipt

describe('before the first lead', () => {
  test.each([
    ['empty-overview', '/'],
    ['empty-runs', '/runs'],
    ['empty-approvals', '/approvals'],
    ['empty-leads-in', '/ingress'],
    ['empty-quarantine', '/ingress?status=quarantined'],
    ['empty-search', '/runs?text=nobody'],
  ])('%s', lookAt)
})

describe('at work', () => {
  let waiting: Receipt
  let done: Receipt
  let held: string
  beforeAll(async () => {
    const names = ['pages-1', 'pages-2', 'pages-3', 'pages-4', 'pages-5', 'pages-6']
    const receipts = await Promise.all(names.map((name) => send(name)))
    held = await send('pages-other', 'pages-1')
    const all = await until('every run waits for a person', async () => {
      const found = await Promise.all(receipts.map(statusOf))
      return found.every((one) => one.status === 'waiting') && found
    })
    ;[waiting, done] = [all[0]!, all[1]!]
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${done.run}`)
    await platform.post(`/v1/approvals/${items[0]!.approval}/decide`, { decision: 'approve' })
    await until('one is done', async () => (await statusOf(done.receipt)).status === 'completed')
    await platform.post('/v1/keys', { name: 'Website', scopes: ['runs:read'] })
  })

  test.each([
    ['overview', '/'],
    ['runs', '/runs'],
    ['approvals', '/approvals'],
    ['leads-in', '/ingress'],
    ['quarantine', '/ingress?status=quarantined'],
    ['sandbox', '/sandbox'],
    ['system', '/system'],
    ['settings-people', '/settings/people'],
    ['settings-keys', '/settings/keys'],
    ['settings-webhooks', '/settings/webhooks'],
    ['settings-sessions', '/settings/sessions'],
    ['settings-password', '/settings/password'],
    ['settings-audit', '/settings/audit'],
    ['settings-parts', '/settings/parts'],
    ['no-such-run', '/runs/run_01kqm4e0000000000000000000'],
    ['no-such-page', '/nothing/here'],
    ['sign-in', '/sign-in'],
    ['link-that-is-spent', '/link#spent'],
    ['setup', '/setup'],
  ])('%s', lookAt)

  test('the API reference, and one operation of it by its link', async () => {
    await lookAt('docs', '/docs')
    await lookAt('docs-operation', '/docs#postHook')
    await dana.page.locator('#postHook > summary').click()
    await look('docs-operation-open')
    await dana.page.goto('about:blank')
  })
  test('a run that waits', () => lookAt('run-waiting', `/runs/${waiting.run}`))
  test('a run that is done', () => lookAt('run-done', `/runs/${done.run}`))
  test('a receipt', () => lookAt('receipt', `/ingress/${done.receipt}`))
  test('a receipt in quarantine', () => lookAt('receipt-quarantined', `/ingress/${held}`))
  test('an approval', async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${waiting.run}`)
    await lookAt('approval', `/approvals/${items[0]!.approval}`)
  })
  test('a step of a run, in its drawer', async () => {
    const { page } = dana
    await page.goto(`${platform.url}/runs/${done.run}`)
    await page.getByRole('treeitem', { name: /^Find or create the customer/ }).click()
    await page.getByRole('dialog').getByText('History events').waitFor()
    await look('step')
  })
  test('the command palette, and the help on keys', async () => {
    const { page } = dana
    await page.goto(`${platform.url}/runs`)
    await settled(page)
    await page.keyboard.press('Control+k')
    await page
      .getByRole('option', { name: /waiting/ })
      .first()
      .waitFor()
    await look('palette')
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await look('keyboard-help')
  })
})

test('nobody was told anything on the console', () => expect(dana.complaints).toEqual([]))
