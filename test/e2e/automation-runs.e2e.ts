import { beforeAll, expect, test } from 'vitest'
import type { Run, RunCanvas } from '#schemas/runs.ts'
import { expectAccessible, expectNoSidewaysScroll, picture, settled, visit } from '../harness/browser.ts'
import { chain, drawing, install } from '../harness/drawn.ts'
import { newPerson } from '../harness/people.ts'
import { sandboxAt } from '../harness/sandbox.ts'
import { setScene } from '../harness/scene.ts'
import { stockCheck } from '../harness/stock-check.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

const adding = drawing(
  [
    { id: 'sum', kind: 'map', title: 'Add them up', with: { items: [1], to: { cel: 'input.visits + 1' } } },
    { id: 'end', kind: 'end' },
  ],
  chain('start', 'sum', 'end'),
  { name: 'Add up', input: { type: 'object', properties: { visits: { title: 'Visits' } } } },
)

beforeAll(async () => {
  const { database, ctx } = scene.platform
  await install(database.db, ctx, stockCheck(), 'stock-check')
  await install(database.db, ctx, adding, 'add-up')
})

const cars = (...prices: number[]) => ({ cars: prices.map((price, at) => ({ vin: `VIN${at}`, price })) })
const start = async (handle: string, input: object): Promise<Run> =>
  (await scene.platform.post<Run>(`/v1/automations/${handle}/runs`, { input })).body
const openCanvas = async ({ id }: Run) => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/runs/${id}?view=canvas`)
  await page.getByRole('application', { name: /^Canvas/ }).waitFor()
}
/** A node of the drawing, by what a screen reader says of it. */
const node = (said: RegExp) => scene.dana.page.getByLabel(said).and(scene.dana.page.locator('.svelte-flow__node'))
const panel = (name: string) => scene.dana.page.getByRole('complementary', { name })
const closed = (run: Run) =>
  until('the run is closed', async () => {
    const { run: now } = await scene.platform.get<{ run: Run }>(`/v1/runs/${run.id}`)
    return now.closedAt === null ? undefined : now
  })

test('a run moves on its drawing: what is tried again is tried at once, and it goes on to the person', async () => {
  const { page } = scene.dana
  const crm = sandboxAt(scene.platform.sandboxUrl)
  await crm.turn('crm', { outage: 'unavailable' })
  const lead = { customer: { name: 'Dana Whitfield', email: 'dana@example.com' }, vehicles: [{ make: 'Subaru' }] }
  const run = await start('lead-response', { lead })
  await openCanvas(run)
  await node(/^Find or create the customer, .*retrying/).click()
  await page.getByRole('button', { name: 'Retry now' }).waitFor()
  expect(new URL(page.url()).searchParams.get('step')).toBe('match#0')
  // while the outage lasts: afterwards the next try of its own may be quicker than the click
  await page.getByRole('button', { name: 'Retry now' }).click()
  await crm.turn('crm', { outage: 'none' })
  await node(/^Find or create the customer, .*completed/).waitFor()
  await node(/^Ask a person, .*waiting/).waitFor()
  await panel('Find or create the customer').getByRole('heading', { name: 'Output' }).waitFor()
})

test('a bar of the timeline and its node are chosen together', async () => {
  const { page } = scene.dana
  await page.getByRole('treeitem', { name: /^Read the lead, completed/ }).click()
  await panel('Read the lead').waitFor()
  await page.locator('.svelte-flow__node.selected[data-id="read"]').waitFor()
  await page.locator('.svelte-flow__node[data-id="assess"]').click()
  await panel('Ask the model').waitFor()
  await page.locator('[role=treeitem][aria-selected=true]', { hasText: 'Ask the model' }).waitFor()
})

test('a loop shows turn by turn; the one that failed is found, and the run is run again from there', async () => {
  const { page } = scene.dana
  const failed = await start('stock-check', cars(21_000, -5, 400))
  await closed(failed)
  await openCanvas(failed)
  await node(/^Check the car, .*failed/).click()
  await panel('Check the car').getByText('The price is below zero.').first().waitFor()
  await panel('Check the car').getByRole('button', { name: 'The turn before' }).click()
  await panel('Check the car').getByText('"VIN0"').first().waitFor()
  await page.getByText('21395', { exact: true }).click()
  await panel('From Add up the prices to Each car').getByText('What flowed').first().waitFor()

  await page.getByRole('button', { name: 'Run again', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Run it again' })
  await dialog.getByText('Taken over and not executed again: Add up the prices.').waitFor()
  await dialog.getByRole('switch', { name: 'With another input' }).click()
  await dialog.getByRole('spinbutton', { name: 'Price' }).nth(1).fill('5')
  await dialog.getByRole('button', { name: 'Run again' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith(failed.id))
  await node(/^Add up the prices, .*seeded/).waitFor()
  await page.getByRole('treeitem', { name: /^Add up the prices, taken over from run …/ }).waitFor()
  await page
    .getByText(/1 taken over/)
    .first()
    .waitFor()
  await node(/^end, .*completed/).waitFor()
  await page.getByText('Re-run of').waitFor()
})

test('a run is paused, a variable changed, a wait skipped, and it ends', async () => {
  const { page } = scene.dana
  const run = await start('stock-check', cars(60_000))
  await openCanvas(run)
  await node(/^Sleep on it, .*(waiting|running)/).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('toolbar', { name: 'Tools of the run' }).getByText('Paused').waitFor()
  // at the head of the run, and in the list
  await page.locator('main').getByText('Paused', { exact: true }).nth(1).waitFor()
  expect(await page.getByText('Running', { exact: true }).count()).toBe(0)
  await page.goto(`${scene.platform.url}/runs`)
  await page
    .getByRole('row')
    .filter({ hasText: run.id.slice(-8) })
    .getByText('Paused')
    .waitFor()
  await openCanvas(run)
  await page.getByRole('button', { name: 'Change note' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change note' })
  await dialog.getByRole('textbox', { name: 'Value of note' }).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('"dear one"')
  await dialog.getByRole('button', { name: 'Change it' }).click()
  await page.getByText('dear one').waitFor()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await node(/^Sleep on it/).click()
  await page.getByRole('button', { name: 'Skip', exact: true }).click()
  await page.getByRole('button', { name: 'Skip step' }).click()
  await node(/^end, .*completed/).waitFor()
  await node(/^Sleep on it, .*skipped, by Dana/)
    .first()
    .waitFor()
  await page
    .getByRole('treeitem', { name: /skipped by Dana/ })
    .first()
    .waitFor()
  await page.getByRole('treeitem', { name: /^Paused by Dana/ }).waitFor()
  await closed(run)
  const canvas = await scene.platform.get<RunCanvas>(`/v1/runs/${run.id}/canvas`)
  expect(canvas.variables).toEqual({ note: 'dear one' })
})

test('the version that ran is compared with the one that is live today', async () => {
  const { page } = scene.dana
  const { platform } = scene
  const run = await start('stock-check', cars(1))
  await closed(run)
  const next = stockCheck()
  const nodes = next.nodes.map((one) => (one.id === 'tell' ? { ...one, title: 'Note it down' } : one))
  const { revision } = await platform.get<{ revision: number }>('/v1/automations/stock-check')
  const saved = await platform.put<{ revision: number }>('/v1/automations/stock-check/draft', {
    definition: { ...next, nodes },
    revision,
  })
  await platform.post('/v1/automations/stock-check/publish', { revision: saved.body.revision })
  await openCanvas(run)
  await page.getByRole('button', { name: 'Compare with today’s' }).click()
  await page.getByRole('button', { name: '1 change since' }).waitFor()
  await page.getByRole('heading', { name: 'What is different today' }).waitFor()
  await page.getByText('Note it down').first().waitFor()
  await node(/^Remember, .*changed/).waitFor()
})

test('the canvas of a run is read by everybody, on a phone too', async () => {
  const { page } = scene.dana
  await page.locator('.svelte-flow__node[data-id="check"]').click()
  await panel('Check the car').waitFor()
  await settled(page)
  await expectAccessible(page)
  await picture(page, 'run-canvas')
  const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'viewer', 'Priya Raman')
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true }
  await using priya = await visit(scene.browser, `${scene.platform.url}/link#${token}`, phone)
  await priya.page.goto(page.url().replace(/&step=.*/, ''))
  await priya.page.locator('.svelte-flow__node[data-id="total"]').click()
  await priya.page.getByRole('dialog', { name: 'Add up the prices' }).waitFor()
  await expectNoSidewaysScroll(priya.page)
  await expectAccessible(priya.page)
  expect(await priya.page.getByRole('button', { name: 'Run again' }).count()).toBe(0)
  expect(priya.complaints).toEqual([])
})

test('a draft is tested in the builder: data on the drawing, previews in the form, an output pinned', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/automation/stock-check`)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Run it' })
  await dialog.getByRole('button', { name: 'Add an entry' }).click()
  await dialog.getByRole('textbox', { name: 'VIN' }).fill('A1')
  await dialog.getByRole('spinbutton', { name: 'Price' }).fill('70')
  await dialog.getByRole('button', { name: 'Test run' }).click()
  await node(/^end, .*completed/).waitFor()
  await node(/^Check the car/).click()
  await page.getByText('{"vin":"A1","price":70}').waitFor()
  await page.getByRole('button', { name: 'Pin this output for tests' }).click()
  await page.getByRole('button', { name: 'Test up to here' }).click()
  const again = page.getByRole('dialog', { name: 'Test up to “Check the car”' })
  await again.getByText('Pinned, and so not executed: Check the car.').waitFor()
  await again.getByRole('button', { name: 'Test run' }).click()
  await node(/^Check the car, .*seeded/).waitFor()
  await page.getByRole('region', { name: 'The run that is shown' }).getByText('Completed').waitFor()
})

test('a step in a loop is tested alone, on the turn that is looked at or on another item', async () => {
  const { page } = scene.dana
  const seen = page.getByRole('region', { name: 'Step Check the car' })
  await page.getByRole('button', { name: 'Unpin it' }).click()
  await seen.getByRole('button', { name: 'This step alone' }).click()
  const dialog = page.getByRole('dialog', { name: 'Test “Check the car” alone' })
  const item = dialog.getByRole('textbox', { name: 'Item of “Each car”' })
  await item.getByText('"A1"').waitFor()
  await picture(page, 'test-alone')
  await item.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('{"vin": "Z9", "price": 1}')
  await dialog.getByRole('button', { name: 'Test run' }).click()
  await seen.getByText('"Z9"').first().waitFor()
  await expectAccessible(page)
  await node(/^Add up the prices, .*seeded/).waitFor()
  // asked again, it is offered what it was given
  await seen.getByRole('button', { name: 'This step alone' }).click()
  await item.getByText('"Z9"').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

test('a run of before is picked and shown on the drawing that is edited', async () => {
  const { page } = scene.dana
  const shown = page.getByRole('region', { name: 'The run that is shown' })
  await shown.getByRole('button', { name: 'Show it no more' }).click()
  await page.locator('.svelte-flow__node[data-state]').first().waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Runs on the canvas' }).click()
  const runs = page.getByRole('list', { name: 'Runs' }).getByRole('button')
  await runs.filter({ hasText: 'The price is below zero.' }).first().click()
  await shown.getByText('Failed').waitFor()
  await node(/^Each car, .*failed/).waitFor()
  await expectAccessible(page)
})

test('who follows a link to what is not there is told so, and finds the way back', async () => {
  const { page } = scene.dana
  const { url } = scene.platform
  for (const [path, heading, back, where] of [
    ['/automation/nothing-like-it', 'There is no such automation', 'All automations', '/automation'],
    ['/runs/run_01jd2x7m4hf8q9v0w3k5n6p7rs?view=canvas', 'There is no such run', 'All runs', '/runs'],
  ] as const) {
    await page.goto(`${url}${path}`)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    await page.getByRole('link', { name: back }).click()
    await page.waitForURL((now) => now.pathname === where)
  }
})

test('what an expression did not come to is said in plain words; the words of the machine can be opened', async () => {
  const { page } = scene.dana
  const run = await start('add-up', { visits: null })
  await closed(run)
  await page.goto(`${scene.platform.url}/runs/${run.id}`)
  const why = '“input.visits” is empty, and “+” needs a value. Give it one before, or write coalesce(input.visits, 0).'
  await page.getByText(why, { exact: true }).waitFor()
  const raw = page.getByText(/no such overload/)
  expect(await raw.isVisible()).toBe(false)
  await page.getByText('Details', { exact: true }).click()
  await raw.waitFor()
  await page.getByRole('link', { name: 'See it on the canvas' }).click()
  await node(/^Add them up, .*failed/).click()
  await panel('Add them up').getByText(why, { exact: true }).waitFor()
  await page.goto(`${scene.platform.url}/runs`)
  const row = page.getByRole('row').filter({ hasText: run.id.slice(-8) })
  await row.getByText(why, { exact: true }).waitFor()
  expect(await row.getByText('expression_failed').count()).toBe(0)
})

test('tests are marked in the list of runs, and found by themselves', async () => {
  const { page } = scene.dana
  const { body: tried } = await scene.platform.post<Run>('/v1/automations/add-up/test', { input: { visits: 1 } })
  await closed(tried)
  await page.goto(`${scene.platform.url}/runs`)
  await page.getByLabel('Runs or tests').selectOption('Test runs')
  const row = page.getByRole('row').filter({ hasText: tried.id.slice(-8) })
  await row.getByText('Test', { exact: true }).waitFor()
  await row.getByRole('link').first().click()
  await page.getByText('draft, as tested').first().waitFor()
  await page.goto(`${scene.platform.url}/runs?tests=none`)
  await page.getByRole('row').nth(1).waitFor()
  expect(await row.count()).toBe(0)
})
