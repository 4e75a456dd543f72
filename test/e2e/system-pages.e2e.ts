import type { Page } from 'playwright-core'
import { beforeAll, describe, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import type { Receipt } from '#schemas/ingress.ts'
import type { Approval } from '#schemas/approvals.ts'
import { look, newTab, settled, visit } from '../harness/browser.ts'
import { deliver } from '../harness/hooks.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

/** Opens a page of Dana's of its own, so that several can be looked at at once, does something on it, and looks. */
const lookAt = async (name: string, path: string, act?: (page: Page) => Promise<unknown>): Promise<void> => {
  await using tab = await newTab(scene.dana)
  await tab.page.goto(`${scene.platform.url}${path}`)
  await settled(tab.page)
  await act?.(tab.page)
  await look(tab.page, name)
}
const statusOf = (receipt: string) => scene.platform.get<Receipt>(`/v1/receipts/${receipt}`)
const send = async (name: string, as = name, scenario: 'buy' | 'mail_refused' = 'buy') =>
  (await deliver(scene.platform.hook, `msg_${as}`, makeLead(name, { scenario }).xml)).body.receipt

describe('before the first lead', () => {
  test.concurrent.each([
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
  let failed: Receipt
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
    const { items } = await scene.platform.get<{ items: Approval[] }>(`/v1/approvals?run=${done.run}`)
    await scene.platform.post(`/v1/approvals/${items[0]!.approval}/decide`, { decision: 'approve' })
    await until('one is done', async () => (await statusOf(done.receipt)).status === 'completed')
    const refused = await send('pages-refused', 'pages-refused', 'mail_refused')
    failed = await until('one has failed', async () => {
      const { items: open } = await scene.platform.get<{ items: Approval[] }>(`/v1/approvals?state=open`)
      const mine = open.find((one) => one.run === refused.replace('rct_', 'run_'))
      if (mine) await scene.platform.post(`/v1/approvals/${mine.approval}/decide`, { decision: 'approve' })
      const found = await statusOf(refused)
      return found.status === 'failed' && found
    })
    await scene.platform.post('/v1/keys', { name: 'Website', scopes: ['runs:read'] })
  })

  test.concurrent.each([
    ['overview', '/'],
    ['runs', '/runs'],
    ['approvals', '/approvals'],
    ['leads-in', '/ingress'],
    ['quarantine', '/ingress?status=quarantined'],
    ['sandbox', '/sandbox'],
    ['system', '/system'],
    ['settings-people', '/settings/people'],
    ['settings-keys', '/settings/keys'],
    ['settings-credentials', '/settings/credentials'],
    ['settings-webhooks', '/settings/webhooks'],
    ['settings-sessions', '/settings/sessions'],
    ['settings-password', '/settings/password'],
    ['settings-audit', '/settings/audit'],
    ['settings-parts', '/settings/parts'],
    ['no-such-run', '/runs/run_01kqm4e0000000000000000000'],
    ['no-such-approval', '/approvals/apr_01kqm4e0000000000000000000'],
    ['no-such-page', '/nothing/here'],
    ['sign-in', '/sign-in'],
    ['link-that-is-spent', '/link#spent'],
    ['setup-done', '/setup'],
  ])('%s', lookAt)

  test.concurrent('the set-up page, before there is an owner', async () => {
    await using tab = await newTab(scene.dana)
    await tab.page.route(/\/v1\/setup$/, (route) => route.fulfill({ json: { needed: true } }))
    await tab.page.goto(`${scene.platform.url}/setup`)
    await tab.page.getByRole('heading', { name: 'Set up Auterity' }).waitFor()
    await look(tab.page, 'setup')
  })
  test.concurrent('the API reference', () => lookAt('docs', '/docs'))
  test.concurrent('an operation of the API reference, by its link', () =>
    lookAt('docs-operation', '/docs#postHook', (page) => page.locator('#postHook > summary').click()))
  test.concurrent('a run that waits', () => lookAt('run-waiting', `/runs/${waiting.run}`))
  test.concurrent('a run that is done', () => lookAt('run-done', `/runs/${done.run}`))
  test.concurrent('a run in which something failed for good', () =>
    lookAt('run-failed', `/runs/${failed.run}`, (page) => page.getByRole('button', { name: 'See the step' }).waitFor()))
  test.concurrent('a receipt', () => lookAt('receipt', `/ingress/${done.receipt}`))
  test.concurrent('a receipt in quarantine', () => lookAt('receipt-quarantined', `/ingress/${held}`))
  test.concurrent('an approval', async () => {
    const { items } = await scene.platform.get<{ items: Approval[] }>(`/v1/approvals?run=${waiting.run}`)
    await lookAt('approval', `/approvals/${items[0]!.approval}`)
  })
  test.concurrent('a list that could not be read says so, and is there when it is asked for again', async () => {
    const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'viewer')
    await using elena = await visit(scene.browser, `${scene.platform.url}/link#${token}`)
    const list = /\/v1\/runs(\?|$)/
    const problem = { title: 'A part that this needs is not answering.', status: 503, code: 'unavailable' }
    await elena.page.route(list, (route) => route.fulfill({ status: 503, json: problem }))
    await elena.page.goto(`${scene.platform.url}/runs`)
    await elena.page.getByRole('main').getByRole('alert').getByText(problem.title).waitFor()
    await look(elena.page, 'failed-runs')
    await elena.page.unroute(list)
    await elena.page.getByRole('button', { name: 'Try again' }).click()
    await elena.page.getByRole('row').nth(1).waitFor()
  })
  test.concurrent('a step of a run, in its drawer', () =>
    lookAt('step', `/runs/${done.run}`, async (page) => {
      await page.getByRole('treeitem', { name: /^Find or create the customer/ }).click()
      await page.getByRole('dialog').getByText('History events').waitFor()
    }))
  test.concurrent('the command palette', () =>
    lookAt('palette', '/runs', async (page) => {
      await page.keyboard.press('Control+k')
      await page
        .getByRole('option', { name: /waiting/ })
        .first()
        .waitFor()
    }))
  test.concurrent('the help on keys', () =>
    lookAt('keyboard-help', '/runs', async (page) => {
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    }))
})
