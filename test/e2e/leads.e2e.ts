import { expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import { isMarked, mark, visit } from '../harness/browser.ts'
import { deliver } from '../harness/hooks.ts'
import { newPerson } from '../harness/people.ts'
import { sandboxAt } from '../harness/sandbox.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene()

const switchCrm = (outage: 'none' | 'unavailable') => sandboxAt(scene.platform.sandboxUrl).turn('crm', { outage })
const send = async (name: string) => {
  const lead = makeLead(name, { scenario: 'buy' })
  const { body } = await deliver(scene.platform.hook, `msg_${name}`, lead.xml)
  const { firstName, lastName } = lead.json.customer
  return { receipt: body.receipt, customer: `${firstName} ${lastName}` }
}
const open = async (name: 'Leads in' | 'Runs' | 'Approvals') => {
  const { page } = scene.dana
  const menu = page.getByRole('navigation', { name: 'Main', exact: true })
  await menu.getByRole('link', { name, exact: true }).click()
  // until then the page before is still there, with rows that have the same names
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
}
const row = (customer: string) => scene.dana.page.getByRole('row').filter({ hasText: customer })
const step = (name: RegExp) => scene.dana.page.getByRole('treeitem', { name })
const state = (word: string) =>
  scene.dana.page.getByRole('heading', { level: 1 }).locator('..').getByText(word, { exact: true }).waitFor()
const openRun = async (customer: string) => {
  await open('Runs')
  await row(customer).first().click()
  await scene.dana.page.getByRole('heading', { level: 1, name: customer }).waitFor()
}

const openApproval = async (customer: string) => {
  await open('Approvals')
  await scene.dana.page.getByRole('link', { name: customer }).click()
  await scene.dana.page.getByRole('button', { name: 'Reject' }).waitFor()
}

/** The story of an answered lead, as the timeline tells it. */
const story = [
  'Read the lead',
  'Find or create the customer',
  'Ask the model',
  'Look the vehicle up in stock',
  'Write to the CRM',
  'Ask a person',
  'Ask a person · Wait for a person',
  'Ask a person · Record the decision',
  'Send the reply',
  'Note it in the CRM',
]

test('a signed lead comes in, each step is seen to happen, a person approves, it is done: all on one page load', async () => {
  const { page } = scene.dana
  await mark(page)
  await open('Leads in')
  await page.getByText('No leads yet').waitFor()

  await switchCrm('unavailable')
  const { receipt, customer } = await send('e2e-approve')
  await row(customer).waitFor()

  await openRun(customer)
  await step(/^Read the lead, completed/).waitFor()
  await step(/^Find or create the customer, retrying/).waitFor()
  expect(await step(/^Ask the model/).count()).toBe(0)

  await switchCrm('none')
  await step(/^Find or create the customer, completed.* attempts$/).waitFor()
  for (const title of story.slice(2, 6)) await step(new RegExp(`^${title}, completed`)).waitFor()
  await step(/^Ask a person · Wait for a person, waiting/).waitFor()
  await state('Waiting')

  await page.getByRole('region', { name: 'Waits for a person' }).getByRole('link', { name: 'Read and decide' }).click()
  await page.getByRole('button', { name: 'Approve & send' }).click()
  await page.getByText('You have approved this').waitFor()
  await page.getByRole('link', { name: 'See the run' }).click()
  await step(/^Note it in the CRM, completed/).waitFor()
  await step(/^Ask a person · Wait for a person, ended early/).waitFor()
  await state('Completed')
  const told = await page.getByRole('treeitem').allInnerTexts()
  const titles = told.map((text) => text.split(', ')[0] ?? '')
  expect(titles.filter((title, n) => story.includes(title) && titles.indexOf(title) === n)).toEqual(story)

  expect(await isMarked(page)).toBe(true)
  expect(await scene.platform.get(`/v1/receipts/${receipt}`)).toMatchObject({ status: 'completed' })
})

test('a run that is done is run again, as a run of its own', async () => {
  const { page } = scene.dana
  const first = page.url()
  await page.getByRole('button', { name: 'Run again' }).click()
  await page.getByRole('dialog', { name: 'Run it again' }).getByRole('button', { name: 'Run again' }).click()
  await page.getByText('Running again.').waitFor()
  await page.waitForURL((url) => url.href !== first)
  await step(/^Ask a person, completed/).waitFor()
  await state('Waiting')
  await page.getByText('Re-run of').waitFor()
})

test('a run that waits is cancelled, and says what was undone', async () => {
  const { page } = scene.dana
  const { customer } = await send('e2e-cancel')
  await openRun(customer)
  await state('Waiting')
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel run' }).click()
  await state('Cancelled')
  await step(/^Hand the deal back to a person, completed/).waitFor()
  await page.getByRole('button', { name: 'Run again' }).waitFor()
})

test('a reply is rejected with a note, and none is sent', async () => {
  const { page } = scene.dana
  const { receipt, customer } = await send('e2e-reject')
  await openApproval(customer)
  await page.getByLabel('Note').fill('Sold this morning')
  await page.getByRole('button', { name: 'Reject' }).click()
  await page.getByText('You have rejected this').waitFor()
  await page.getByText('Sold this morning').waitFor()
  await page.getByRole('link', { name: 'See the run' }).click()
  await state('Completed')
  await page.getByText('rejected', { exact: true }).waitFor()
  expect(await step(/^Send the reply/).count()).toBe(0)
  expect(await scene.platform.get(`/v1/receipts/${receipt}`)).toMatchObject({ status: 'completed' })
})

test('of two people at one approval, the second is told who was quicker', async () => {
  const { page } = scene.dana
  const { customer } = await send('e2e-two')
  const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'operator', 'Priya Raman')
  await using priya = await visit(scene.browser, `${scene.platform.url}/link#${token}`)
  await openApproval(customer)
  await priya.page.goto(page.url())
  await priya.page.getByRole('button', { name: 'Reject' }).waitFor()
  await Promise.all([
    page.getByRole('button', { name: 'Approve & send' }).click(),
    page.getByText('You have approved this').waitFor(),
  ])
  await priya.page.getByText('Dana Whitfield has approved this').waitFor()
  expect(await priya.page.getByRole('button', { name: 'Reject' }).count()).toBe(0)
  expect(priya.complaints).toEqual([])
})
