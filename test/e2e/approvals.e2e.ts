import { expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Run } from '#schemas/runs.ts'
import { look, settled, visit, type Visit } from '../harness/browser.ts'
import { install } from '../harness/drawn.ts'
import { untilState } from '../harness/lead.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

/** Asks for a discount, of the people named. */
const discount = (people: string[]): Definition => ({
  format: 1,
  name: 'Discount',
  nodes: [
    { id: 'start', kind: 'start' },
    {
      id: 'ask',
      kind: 'approval',
      with: {
        ask: 'How much off for Elena Costa?',
        show: { cel: '{"Car": "Outback 2024", "Asked for": 15, "Trade-in": {"make": "Honda"}}' },
        form: {
          type: 'object',
          properties: {
            off: { type: 'number', title: 'Percent off', maximum: 20 },
            because: { type: 'string', title: 'Because', enum: ['loyal', 'aged stock'] },
            mats: { type: 'boolean', title: 'With floor mats' },
          },
          required: ['off'],
        },
        assignees: { people },
        escalateTo: { role: 'admin' },
      },
    },
    { id: 'end', kind: 'end', with: { output: { cel: 'steps.ask.values' } } },
    { id: 'no', kind: 'end', with: { outcome: 'no' } },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', port: 'approved', to: 'end' },
    { from: 'ask', port: 'rejected', to: 'no' },
  ],
})
const person = async (name: string) => {
  const { platform, browser } = scene
  const { user, token } = await newPerson(platform.database.db, platform.ctx, 'operator', name)
  return { user, come: () => visit(browser, `${platform.url}/link#${token}`) }
}
const ask = async (handle: string, people: string[]) => {
  const { platform } = scene
  await install(platform.database.db, platform.ctx, discount(people), handle)
  const { body: run } = await platform.post<Run>(`/v1/automations/${handle}/runs`, { input: {} })
  const approval = await until('somebody is asked', async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run.id}`)
    return items[0]?.approval
  })
  return { run: run.id, approval }
}
const openAt = async ({ page }: Visit, approval: string) => {
  await page.goto(`${scene.platform.url}/approvals/${approval}`)
  await page.getByRole('heading', { level: 2, name: 'How much off for Elena Costa?' }).waitFor()
}

test('who is asked fills in the form, is told what is wrong with it, and the run goes on with what they said', async () => {
  const [priya, lee] = [await person('Priya Raman'), await person('Lee Wong')]
  const { run, approval } = await ask('discount', [priya.user])
  await using other = await lee.come()
  await openAt(other, approval)
  await other.page.getByText('It waits for Priya Raman; you may read it.').waitFor()
  expect(await other.page.getByRole('button', { name: /^(Approve|Reject|Pass on)/ }).count()).toBe(0)

  await using at = await priya.come()
  const { page } = at
  await openAt(at, approval)
  await page.getByText('then goes to every admin').waitFor()
  await page.getByText('Outback 2024').waitFor()
  await page.getByLabel('Percent off').fill('35')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('“Percent off” is at most 20.').waitFor()
  await look(page, 'approval-form')
  await page.getByLabel('Percent off').fill('12.5')
  await page.getByLabel('Because').selectOption('aged stock')
  await page.getByLabel('With floor mats').check()
  await page.keyboard.press('Control+Enter')
  await page.getByText('You have approved this').waitFor()
  await page.getByText('aged stock', { exact: true }).waitFor()
  await other.page.getByText('Priya Raman has approved this').waitFor()
  await untilState(scene.platform, run, 'completed')
  expect(await scene.platform.get(`/v1/approvals/${approval}`)).toMatchObject({
    filled: { off: 12.5, because: 'aged stock', mats: true },
  })
  expect([...at.complaints, ...other.complaints]).toEqual([])
})

test('it is passed on while others look, leaves the list of what asks me, and an owner overrules with a note', async () => {
  const [priya, lee] = [await person('Priya Raman'), await person('Lee Chang')]
  const { approval } = await ask('discount-2', [priya.user])
  await using at = await priya.come()
  await using other = await lee.come()
  const mine = async ({ page }: Visit) => {
    await page.goto(`${scene.platform.url}/approvals?asked=me`)
    await settled(page)
  }
  await mine(other)
  await other.page.getByText('Nothing asks you').waitFor()
  await openAt(at, approval)
  await at.page.getByRole('button', { name: 'Pass on' }).click()
  await at.page.getByLabel('To').selectOption({ label: 'Lee Chang · Operator' })
  await at.page.getByLabel('Why').fill('Your customer')
  await look(at.page, 'approval-pass-on')
  await at.page.getByRole('dialog').getByRole('button', { name: 'Pass on' }).click()
  await at.page.getByText('It waits for Lee Chang; you may read it.').waitFor()
  await other.page.getByRole('link', { name: 'How much off for Elena Costa?' }).click()
  await other.page.getByText('passed on by Priya Raman').waitFor()
  await other.page.getByRole('button', { name: 'Reject' }).waitFor()

  const { dana } = scene
  await openAt(dana, approval)
  await dana.page.getByText('As an owner you may decide all the same').waitFor()
  expect(await dana.page.getByRole('button', { name: 'Reject' }).isDisabled()).toBe(true)
  await dana.page.getByLabel('Note').fill('Lee is away')
  await dana.page.getByRole('button', { name: 'Reject' }).click()
  await dana.page.getByText('You have rejected this').waitFor()
  await other.page.getByText('Dana Whitfield has rejected this').waitFor()
  expect([...at.complaints, ...other.complaints]).toEqual([])
})
