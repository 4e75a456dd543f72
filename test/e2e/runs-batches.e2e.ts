import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { Batch } from '#schemas/runs-batches.ts'
import type { Run } from '#schemas/runs.ts'
import { expectAccessible, expectNoSidewaysScroll, look, picture, settled, visit, wish } from '../harness/browser.ts'
import { chain, code, drawing, install } from '../harness/drawn.ts'
import { untilState } from '../harness/lead.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()
const many = 7

/** Writes deals to a DMS that is down; once it is mended it is not. */
const deals = (down: boolean) =>
  drawing(
    [
      code('price', 'return input.price * 1.2', { price: { cel: 'input.price' } }),
      code('write', down ? 'throw new Error("The DMS does not answer.")' : 'return "written"'),
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'price', 'write', 'end'),
    { name: 'Deal to DMS' },
  )

const callbacks = drawing(
  [
    { id: 'later', kind: 'wait', with: { for: 'duration', duration: '2h' } },
    { id: 'end', kind: 'end' },
  ],
  chain('start', 'later', 'end'),
  { name: 'Call back' },
)

const begin = async (handle: string, price: number) =>
  (await scene.platform.post<Run>(`/v1/automations/${handle}/runs`, { input: { price } })).body
/** Has many runs of an automation fail. */
const haveFailed = async (handle: string): Promise<void> => {
  const runs = await Promise.all(Array.from({ length: many }, (_, n) => begin(handle, 20_000 + n)))
  for (const run of runs) await untilState(scene.platform, run.id, 'failed')
}
const mend = async (handle: string): Promise<void> => {
  const { platform } = scene
  const { revision } = await platform.get<{ revision: number }>(`/v1/automations/${handle}`)
  const saved = await platform.put<{ revision: number }>(`/v1/automations/${handle}/draft`, {
    definition: deals(false),
    revision,
  })
  await platform.post(`/v1/automations/${handle}/publish`, { revision: saved.body.revision })
}
const batches = async () => (await scene.platform.get<{ items: Batch[] }>('/v1/batches')).items
const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Run many again' })
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor()

beforeAll(async () => {
  const { database, ctx } = scene.platform
  await install(database.db, ctx, deals(true), 'deals')
  await install(database.db, ctx, deals(true), 'orders')
  await install(database.db, ctx, callbacks, 'callbacks')
})

test('where nobody has run many again the list of batches says how, and leads to the runs that failed', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/runs`)
  await page.getByRole('link', { name: 'Batches' }).click()
  await heading(page, 'Batches')
  await page.getByText('No batches yet').waitFor()
  await settled(page)
  await look(page, 'batches-empty')
  await page.getByRole('link', { name: 'Failed runs' }).click()
  await heading(page, 'Runs')
  await page.getByText('No run fits this filter').waitFor()
  await page.getByRole('button', { name: 'Run again…' }).click()
  await dialogOf(page).getByText('No run fits.').waitFor()
  expect(await dialogOf(page).getByRole('button', { name: 'Run 0 runs again' }).isDisabled()).toBe(true)
  await dialogOf(page).getByRole('button', { name: 'Cancel' }).click()
})

test('the runs that a search finds are run again from where they failed, and watched to their end', async () => {
  const { page } = scene.dana
  await haveFailed('deals')
  await mend('deals')
  await page.getByRole('combobox', { name: 'Workflow' }).selectOption('deals')
  await page.getByRole('button', { name: 'Run again…' }).click()
  const dialog = dialogOf(page)
  await dialog.getByText(`${many} runs`, { exact: true }).waitFor()
  expect(await dialog.getByRole('radio', { name: /^The step that failed/ }).isChecked()).toBe(true)
  await dialog.getByRole('radio', { name: /^The one that is live now/ }).check()
  await dialog.getByRole('spinbutton', { name: 'Runs a minute' }).fill('0')
  await dialog.getByText('A whole number from 1 to 6,000.').waitFor()
  await dialog.getByRole('spinbutton', { name: 'Runs a minute' }).fill('2')
  await dialog.getByText(/So it takes about 3 minutes\./).waitFor()
  await picture(page, 'again-light')
  await expectAccessible(page)
  await wish(page, 'dark')
  await picture(page, 'again-dark')
  await expectAccessible(page, ['color-contrast'])
  await wish(page, 'light')
  await dialog.getByRole('spinbutton', { name: 'Runs a minute' }).fill('240')
  await dialog.getByRole('textbox', { name: 'Why' }).fill('The DMS was down until 10:40.')
  await dialog.getByRole('button', { name: `Run ${many} runs again` }).dblclick()
  await page.waitForURL(/\/runs\/batches\/bat_/)
  await heading(page, `Run ${many} runs again`)
  await page.getByText('The DMS was down until 10:40.').waitFor()
  await page.getByText(`${many} of ${many} runs taken, and all have ended`).waitFor()
  expect(await batches()).toMatchObject([{ total: many, done: many, refused: 0 }])
  await page.getByRole('link', { name: `Completed ${many}` }).click()
  const rows = page.getByRole('table', { name: 'Runs of the batch' }).getByRole('row')
  await rows.nth(many).getByText('Completed').waitFor()
  await settled(page)
  await look(page, 'batch-done')
})

test('a new run leads to its batch and to the old one, and the old one to the new', async () => {
  const { page } = scene.dana
  const batch = page.url()
  await page
    .getByRole('link', { name: /^New run/ })
    .first()
    .click()
  await page.getByText('Part of batch').waitFor()
  const facts = page.locator('main dl').first()
  await settled(page)
  await picture(page, 'run-of-batch')
  await facts.locator('a[href*="/batches/"]').click()
  await page.waitForURL(batch.replace(/\?.*/, ''))
  await page.goBack()
  const made = page.url()
  await page.getByText('Re-run of').waitFor()
  await facts.locator('div', { hasText: 'Re-run of' }).getByRole('link').click()
  await page.getByText('Run again as').waitFor()
  await picture(page, 'run-again-as')
  await facts.locator('div', { hasText: 'Run again as' }).getByRole('link').click()
  await page.waitForURL(made)
})

test('runs are picked one by one; those that did not fail are refused, and said to be', async () => {
  const { page } = scene.dana
  await haveFailed('orders')
  await page.goto(`${scene.platform.url}/runs`)
  const boxes = page.getByRole('checkbox', { name: /^Pick (?!all)/ })
  await boxes.first().check()
  await page.getByRole('toolbar', { name: 'Picked runs' }).getByText('1 picked').waitFor()
  await page.getByRole('button', { name: /^Pick all/ }).click()
  await picture(page, 'runs-picked')
  await expectAccessible(page)
  await page.getByRole('toolbar', { name: 'Picked runs' }).getByRole('button', { name: 'Run again…' }).click()
  const dialog = dialogOf(page)
  await dialog.getByText(/picked one by one/).waitFor()
  await dialog.getByRole('radio', { name: /^The step that failed/ }).check()
  await dialog.getByText(`${many} runs of these did not fail and will be refused.`).waitFor()
  await dialog.getByRole('spinbutton', { name: 'Runs a minute' }).fill('6000')
  await dialog.getByRole('button', { name: `Run ${2 * many} runs again` }).click()
  await page.getByText(/and all have ended$/).waitFor()
  await page.getByText('This run did not fail at a step; run it from its start.').first().waitFor()
  await page.getByRole('link', { name: `Refused ${many}` }).click()
  await page
    .getByText('Refused.', { exact: true })
    .nth(many - 1)
    .waitFor()
  await settled(page)
  await look(page, 'batch-refused')
  // those that failed again are found among the runs, and may be run again from there
  await page.getByRole('link', { name: 'see what failed among the runs' }).click()
  await page.getByText(/Runs that batch …\w+ has made\./).waitFor()
  await page.getByText(`${many} runs, all of them`).waitFor()
  await page.getByRole('button', { name: 'Run again…' }).click()
  await dialog.getByText(`${many} runs`, { exact: true }).waitFor()
})

test('a batch goes on while nobody looks, is stopped half-way, and the rest is run again', async () => {
  const { page } = scene.dana
  const dialog = dialogOf(page)
  await dialog.getByRole('spinbutton', { name: 'Runs a minute' }).fill('1')
  await dialog.getByRole('button', { name: `Run ${many} runs again` }).click()
  await page.waitForURL(/\/runs\/batches\/bat_/)
  await page.getByText(`1 of ${many} runs taken · about 6 minutes left at 1 a minute`).waitFor()
  await page.getByText('You can close this page; the batch goes on.').waitFor()
  await settled(page)
  await look(page, 'batch-running')
  const batch = page.url()
  await page.goto('about:blank')
  await page.goto(batch)
  await page.getByText(/^1 of/).waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  const stop = page.getByRole('dialog', { name: 'Stop this batch?' })
  await stop.getByText('6 runs that it has not taken stay as they are. What it has started goes on: 1 run.').waitFor()
  await stop.getByRole('button', { name: 'Stop the batch' }).click()
  await page.getByText(`Stopped with 1 of ${many} runs taken; 6 runs stayed as they were`).waitFor()
  await page.getByRole('button', { name: 'Run the rest again…' }).click()
  await dialog.getByRole('button', { name: 'Run 6 runs again' }).waitFor()
  // somebody else is quicker: the dialog stays and says so
  const { filter } = (await batches())[0]!
  await scene.platform.post('/v1/batches', { act: 'rerun', filter, perMinute: 6000 })
  await until('theirs is done', async () => (await batches())[0]!.done === 6)
  await dialog.getByRole('button', { name: 'Run 6 runs again' }).click()
  await dialog.getByRole('alert').getByText('No run fits.').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

test('all batches are listed; who may only look sees them on a phone, and is offered nothing to start or to stop', async () => {
  const { page } = scene.dana
  const batch = page.url()
  await page.getByRole('link', { name: 'Batches' }).click()
  await heading(page, 'Batches')
  await page.getByText('4 batches, all of them').waitFor()
  await page
    .getByRole('table', { name: 'Batches' })
    .getByText(/Stopped/)
    .waitFor()
  await page.getByText(`${many} failed, ${many} refused`, { exact: true }).waitFor()
  await settled(page)
  await look(page, 'batches')
  const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'viewer', 'Priya Raman')
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true }
  await using priya = await visit(scene.browser, `${scene.platform.url}/link#${token}`, phone)
  await priya.page.goto(`${scene.platform.url}/runs?state=failed`)
  await priya.page.getByRole('table', { name: 'Runs' }).waitFor()
  expect(await priya.page.getByRole('button', { name: 'Run again…' }).count()).toBe(0)
  expect(await priya.page.getByRole('checkbox', { name: /^Pick (?!all)/ }).count()).toBe(0)
  await priya.page.goto(batch)
  await priya.page.getByText(/^Stopped with/).waitFor()
  expect(await priya.page.getByRole('button', { name: /Stop|again|Cancel/ }).count()).toBe(0)
  await expectNoSidewaysScroll(priya.page)
  expect(priya.complaints).toEqual([])
})

test('runs that are open are cancelled together, by a search or picked among others', async () => {
  const { page } = scene.dana
  const waiting = await Promise.all(Array.from({ length: 3 }, (_, n) => begin('callbacks', n)))
  for (const run of waiting) await untilState(scene.platform, run.id, 'running')
  await page.goto(`${scene.platform.url}/runs`)
  await page
    .getByRole('checkbox', { name: /^Pick (?!all)/ })
    .nth(0)
    .check()
  await page
    .getByRole('checkbox', { name: /^Pick (?!all)/ })
    .nth(3)
    .check()
  const picked = page.getByRole('toolbar', { name: 'Picked runs' })
  await picked.getByRole('button', { name: 'Run 1 again…' }).waitFor()
  await picked.getByRole('button', { name: 'Cancel 1…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel many runs' })
  await dialog.getByText('1 run', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Keep them running' }).click()
  await page.goto(`${scene.platform.url}/runs?text=callback`)
  await page.getByRole('button', { name: 'Cancel…' }).click()
  await dialog.getByText('3 runs', { exact: true }).waitFor()
  await picture(page, 'cancel-many')
  await expectAccessible(page)
  await dialog.getByLabel('Why').fill('Test data.')
  await dialog.getByRole('button', { name: 'Cancel 3 runs' }).click()
  await heading(page, 'Cancel 3 runs')
  await page.getByText(/and all have ended$/).waitFor()
  await settled(page)
  await look(page, 'batch-cancelled')
  for (const run of waiting) await untilState(scene.platform, run.id, 'cancelled')
})

test('many are run again from a phone, and an address of no batch says so', async () => {
  const { page } = scene.dana
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${scene.platform.url}/runs?state=failed`)
  await page
    .getByRole('checkbox', { name: /^Pick (?!all)/ })
    .first()
    .check()
  await picture(page, 'runs-picked-390')
  await expectNoSidewaysScroll(page)
  await page.getByRole('button', { name: 'Run again…' }).first().click()
  await dialogOf(page)
    .getByRole('button', { name: /^Run [\d,]+ runs? again/ })
    .waitFor()
  await picture(page, 'again-390')
  await expectNoSidewaysScroll(page)
  await expectAccessible(page)
  await page.goto(`${scene.platform.url}/runs/batches/bat_01jd2x7m4hf8q9v0w3k5n6p7rs`)
  await page.getByText('There is no such batch').waitFor()
  await page.getByRole('link', { name: 'All batches' }).click()
  await heading(page, 'Batches')
})
