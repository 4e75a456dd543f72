import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import type { Receipt } from '#schemas/ingress.ts'
import { isMarked, mark, openBrowser, picture, settled, visit, type Visit } from '../harness/browser.ts'
import { deliver } from '../harness/hooks.ts'
import { startInstallation, type Installation } from '../harness/installation.ts'
import { sandboxAt } from '../harness/sandbox.ts'
import { until } from '../harness/until.ts'

let demo: Installation
let browser: Browser
let dana: Visit
beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startInstallation(), openBrowser()])
  dana = await visit(browser, demo.signIn)
})
afterAll(async () => {
  await browser.close()
  await demo[Symbol.asyncDispose]()
})

const card = (page: Page, name: string) => page.getByRole('article', { name, exact: true })
const pull = async (page: Page, name: string, seconds: number) => {
  await card(page, name).getByRole('button', { name: 'Pull the plug' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Seconds without it').fill(String(seconds))
  await dialog.getByRole('button', { name: 'Pull the plug' }).click()
  await dialog.waitFor({ state: 'detached' })
}
const receiptOf = async (receipt: string) => {
  const headers = { authorization: `Bearer ${demo.apiKey}` }
  return (await (await fetch(`${demo.url}/v1/receipts/${receipt}`, { headers })).json()) as Receipt
}

test('with the worker pulled the screen says what waits; a lead that comes in meanwhile is answered afterwards', async () => {
  const { page } = dana
  await page.goto(`${demo.url}/system`)
  await settled(page)
  await card(page, 'Worker').getByText('Up', { exact: true }).waitFor()
  await mark(page)
  await pull(page, 'Worker', 8)
  await card(page, 'Worker').getByText('Plug pulled').waitFor()
  await card(page, 'Worker').getByText('their steps wait for a worker').waitFor()
  const { status, body } = await deliver(demo.hook, 'msg_pulled', makeLead('pulled', { scenario: 'buy' }).xml)
  expect(status).toBe(202)
  await card(page, 'Worker').getByText('Now waiting:').waitFor()
  await picture(page, 'system-worker-pulled')
  await card(page, 'Worker').getByText('Up', { exact: true }).waitFor()
  await card(page, 'Worker').getByText('Carries out the steps of each run.').waitFor()
  expect(await isMarked(page)).toBe(true)

  const { run } = await until('the lead waits for a person', async () => {
    const receipt = await receiptOf(body.receipt)
    return receipt.status === 'waiting' && receipt
  })
  await page.goto(`${demo.url}/runs/${run}`)
  await page.getByRole('link', { name: 'Read and decide' }).click()
  await page.getByRole('button', { name: 'Approve & send' }).click()
  await page.getByText('You have approved this').waitFor()
  await until('it is answered', async () => (await receiptOf(body.receipt)).status === 'completed')
})

/** What each card says while its plug is pulled, and whether a lead can come in meanwhile. */
const pulls = [
  { name: 'Projector', word: 'Plug pulled', says: 'new runs and timelines catch up when it is back' },
  { name: 'Temporal', word: 'Plug pulled', says: 'wait in the inbox; no step begins' },
  { name: 'Sandbox', word: 'Plug pulled', says: 'retry until it is back' },
  { name: 'API', word: 'Down', says: 'This page reconnects by itself' },
] as const

test.each(pulls)(
  'with the plug of $name pulled the screen says so and recovers; a lead sent meanwhile is neither lost nor doubled',
  async ({ name, word, says }) => {
    const { page } = dana
    await page.goto(`${demo.url}/system`)
    await settled(page)
    await card(page, name).getByText('Up', { exact: true }).waitFor()
    await mark(page)
    await pull(page, name, 4)
    await card(page, name).getByText(word, { exact: true }).waitFor()
    await card(page, name).getByText(says).waitFor()
    await picture(page, `system-${name.toLowerCase()}-pulled`)
    const lead = makeLead(`pulled-${name}`, { scenario: 'buy' })
    const receipt = await until('the sender has its receipt', async () => {
      const { status, body } = await deliver(demo.hook, `msg_pulled_${name}`, lead.xml)
      return status === 202 && body.receipt
    })
    await card(page, name).getByText('Up', { exact: true }).waitFor()
    expect(await card(page, name).getByText(says).count()).toBe(0)
    expect(await isMarked(page)).toBe(true)
    await until('the lead waits for a person', async () => (await receiptOf(receipt)).status === 'waiting')
    const { deals } = await sandboxAt(demo.sandbox.url).truth()
    expect(deals.filter((deal) => deal.lead === lead.id)).toHaveLength(1)
  },
)

test('with Postgres pulled the screen stays, says so, and all is there again by itself', async () => {
  const { page } = dana
  await page.goto(`${demo.url}/system`)
  await settled(page)
  await mark(page)
  await pull(page, 'Postgres', 4)
  await card(page, 'Postgres').getByText('Plug pulled').waitFor()
  await card(page, 'Postgres').getByText('Nothing is accepted until it is back').waitFor()
  await picture(page, 'system-postgres-pulled')
  await card(page, 'Postgres').getByText('Up', { exact: true }).waitFor()
  expect(await isMarked(page)).toBe(true)
  await until('leads are accepted again', async () => {
    const { status } = await deliver(demo.hook, 'msg_after', makeLead('after').xml)
    return status === 202
  })
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Leads in' }).click()
  await page.getByRole('row', { name: /msg_after/ }).waitFor()
  expect(await isMarked(page)).toBe(true)
})
