import { beforeAll, expect, test } from 'vitest'
import type { Run } from '#schemas/runs.ts'
import { expectAccessible, newTab } from '../harness/browser.ts'
import { node } from '../harness/builder.ts'
import { drawing, install } from '../harness/drawn.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { stockCheck } from '../harness/stock-check.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

beforeAll(async () => {
  const { database, ctx } = scene.platform
  const priya = await newPerson(database.db, ctx, 'operator', 'Priya Raman')
  await install(database.db, ctx, stockCheck(), 'stock-check')
  await install(
    database.db,
    ctx,
    drawing(
      [
        {
          id: 'ask',
          kind: 'approval',
          title: 'Ask Priya',
          with: { ask: 'Pay it out?', assignees: { people: [priya.user] } },
        },
        { id: 'paid', kind: 'end', with: { outcome: 'paid' } },
        { id: 'kept', kind: 'end', with: { outcome: 'kept' } },
      ],
      [
        { from: 'start', to: 'ask' },
        { from: 'ask', port: 'approved', to: 'paid' },
        { from: 'ask', port: 'rejected', to: 'kept' },
      ],
      { name: 'Pay out' },
    ),
    'pay-out',
  )
})

const start = async (handle: string, input: object): Promise<Run> =>
  (await scene.platform.post<Run>(`/v1/automations/${handle}/runs`, { input })).body
const ended = (id: string) =>
  until('the run is closed', async () => {
    const { run } = await scene.platform.get<{ run: Run }>(`/v1/runs/${id}`)
    return run.closedAt === null ? undefined : run
  })
const panel = (name: string) => scene.dana.page.getByRole('complementary', { name })

test('an approval is skipped by the way that is chosen, with a word to whom it waited for', async () => {
  const { page } = scene.dana
  const { id } = await start('pay-out', {})
  await page.goto(`${scene.platform.url}/runs/${id}?view=canvas`)
  await page.getByLabel(/^Ask Priya, .*waiting/).waitFor()
  await node(page, 'ask').click()
  await panel('Ask Priya').getByRole('button', { name: 'Skip', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Skip “Ask Priya”?' })
  await dialog.getByText('goes on as if it had been decided so').waitFor()
  // no way is chosen before a person does
  const skip = dialog.getByRole('button', { name: 'Skip step' })
  expect(await skip.isDisabled()).toBe(true)
  await dialog.getByRole('radio', { name: 'Rejected' }).check()
  await expectAccessible(page)
  await skip.click()
  await dialog.getByRole('alert').waitFor()
  await dialog.getByRole('textbox', { name: 'Note' }).fill('Priya is away')
  await skip.click()
  await page.getByLabel(/^kept, .*completed/).waitFor()
  expect(await ended(id)).toMatchObject({ state: 'completed', outcome: 'kept' })
  await page.getByLabel(/^Ask Priya, .*skipped, by Dana Whitfield/).waitFor()
})

test('a run goes on at a step in one turn of a loop: the turns before are taken over, or the loop runs as a whole', async () => {
  const { page } = scene.dana
  const cars = [100, 200, -5].map((price, at) => ({ vin: `VIN${at + 1}`, price }))
  const { id } = await start('stock-check', { cars })
  await ended(id)
  await page.goto(`${scene.platform.url}/runs/${id}?view=canvas&step=check%232`)
  await panel('Check the car').getByRole('button', { name: 'Run again from here' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run it again' })
  await dialog.getByText('“Each car” goes on at “Check the car” in turn 2').waitFor()
  await dialog.getByText('Taken over and not executed again: Add up the prices.').waitFor()
  const from = dialog.getByRole('combobox', { name: 'From' })
  expect(await from.locator('option').allTextContents()).toEqual([
    'Its start',
    'Where it failed: Check the car, turn 3',
    'Check the car, turn 2',
    'Each car as a whole',
  ])
  await from.selectOption('Each car as a whole')
  await dialog.getByText('“Each car” runs again as a whole, every turn of it, also what went well.').waitFor()
  await from.selectOption('Check the car, turn 2')
  await dialog.getByRole('switch', { name: 'With another input' }).click()
  await dialog.getByText('also what went well, because the input is another').waitFor()
  await dialog.getByRole('switch', { name: 'With another input' }).click()
  await dialog.getByRole('button', { name: 'Run again' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith(id))
  const again = await ended(new URL(page.url()).pathname.split('/').at(-1) ?? '')
  expect(again).toMatchObject({ state: 'failed', rerunOf: id })
  await using other = await newTab(scene.dana)
  await other.page.goto(`${scene.platform.url}/runs/${again.id}?view=canvas&step=check%231`)
  const aside = other.page.getByRole('complementary', { name: 'Check the car' })
  await aside.getByText('Taken over', { exact: true }).first().waitFor()
  await aside.getByRole('button', { name: 'The next turn', exact: true }).click()
  await aside.getByText('How it was executed').waitFor()
})

test('what was typed before a run is run again stays where the window gets narrower and wider', async () => {
  const { page } = scene.dana
  const { id } = await start('stock-check', { cars: [{ vin: 'VIN1', price: 100 }] })
  await ended(id)
  const size = page.viewportSize() ?? { width: 1280, height: 800 }
  await page.goto(`${scene.platform.url}/runs/${id}?view=canvas&step=total%230`)
  await panel('Add up the prices').getByRole('button', { name: 'Run again from here' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run it again' })
  await dialog.getByRole('combobox', { name: 'From' }).selectOption('Its start')
  await dialog.getByRole('switch', { name: 'With another input' }).click()
  await dialog.getByRole('button', { name: 'JSON', exact: true }).click()
  const input = dialog.getByRole('textbox', { name: 'Input' })
  await input.fill('{"cars": [{"vin": "TYPED", "price": 7}]}')
  for (const width of [900, size.width]) {
    await page.setViewportSize({ ...size, width })
    await page.getByRole('complementary', { name: 'Add up the prices' }).waitFor({
      state: width < 1024 ? 'detached' : 'attached',
    })
    expect(await dialog.getByRole('combobox', { name: 'From' }).inputValue()).toBe('start')
    expect(await input.innerText()).toContain('TYPED')
  }
  await page.setViewportSize({ ...size, width: 900 })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('dialog', { name: 'Add up the prices' }).getByText('Run again from here').waitFor()
  await page.setViewportSize(size)
})
