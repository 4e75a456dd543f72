import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import type { Receipt } from '#schemas/ingress.ts'
import { isMarked, mark, openBrowser, visit, type Visit } from '../harness/browser.ts'
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

const setModel = (outage: 'none' | 'unavailable') =>
  fetch(`${platform.sandboxUrl}/control/systems/model`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ outage }),
  })

test('the API is killed under an open run: the page says so, comes back by itself, and misses nothing', async () => {
  const { page } = dana
  const step = (name: RegExp) => page.getByRole('treeitem', { name })
  const badge = page.getByRole('status', { name: 'Connection' })
  await setModel('unavailable')
  const { body } = await deliver(platform.hook, 'msg_live', makeLead('live', { scenario: 'buy' }).xml)
  const { run } = await until('it runs', async () => {
    const receipt = await platform.get<Receipt>(`/v1/receipts/${body.receipt}`)
    return receipt.run !== null && receipt
  })
  await page.goto(`${platform.url}/runs/${run}`)
  await step(/^Ask the model, retrying/).waitFor()
  await badge.getByText('Live').first().waitFor()
  await mark(page)

  await platform.kill('api')
  await badge.getByText(/^Reconnecting/).waitFor()
  await setModel('none') // the run goes on while nobody is told
  await platform.start('api')
  for (const title of ['Look the vehicle up in stock', 'Write to the CRM', 'Ask a person'])
    await step(new RegExp(`^${title}, completed`)).waitFor()
  await badge.getByText('Live').first().waitFor()
  await page.getByRole('link', { name: 'Read and decide' }).waitFor()
  expect(await isMarked(page)).toBe(true)
  const detail = await platform.get<{ steps: { title: string }[] }>(`/v1/runs/${run}`)
  const shown = await page.getByRole('treeitem').allInnerTexts()
  for (const { title } of detail.steps)
    expect(
      shown.some((text) => text.startsWith(title)),
      title,
    ).toBe(true)
})

test('nobody was told anything on the console', () => expect(dana.complaints).toEqual([]))
