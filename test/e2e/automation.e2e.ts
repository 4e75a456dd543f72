import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { expectAccessible, expectNoSidewaysScroll, picture, settled, visit, wish } from '../harness/browser.ts'
import { builderOf, node, saved } from '../harness/builder.ts'
import { chain, drawing, install } from '../harness/drawn.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { stockCheck } from '../harness/stock-check.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

const { drawn, open, savedAs } = builderOf(scene)
/** Draws a connection with the mouse. */
const connect = async (page: Page, from: string, port: string, to: string) => {
  const out = await page.locator(`[data-nodeid="${from}"][data-handleid="${port}"]`).boundingBox()
  const into = await page.locator(`[data-nodeid="${to}"][data-handleid="in"]`).boundingBox()
  if (out === null || into === null) throw new Error('a handle is not in sight')
  await page.mouse.move(out.x + out.width / 2, out.y + out.height / 2)
  await page.mouse.down()
  await page.mouse.move(into.x + into.width / 2, into.y + into.height / 2, { steps: 8 })
  await page.mouse.up()
}

test('an automation is drawn: made, steps found and dragged, connected, edited, undone, refused, mended, published', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/automation`)
  await page.getByRole('button', { name: 'New automation' }).first().click()
  await page.getByLabel('Name').fill('Thank the customer')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'Thank the customer' }).waitFor()
  await page.waitForURL('**/automation/thank-the-customer')

  await node(page, 'start').click()
  await page.keyboard.press('Tab')
  await page.getByRole('combobox', { name: 'Search steps' }).fill('wai')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Title of the step' }).fill('A day later')
  await page.getByRole('textbox', { name: 'How long' }).fill('1d')

  await page.getByRole('button', { name: 'Add a step (Tab)' }).click()
  await page.getByRole('combobox', { name: 'Search steps' }).fill('raise')
  const pane = await page.locator('.svelte-flow__pane').boundingBox()
  await page
    .getByRole('option', { name: /^Raise/ })
    .dragTo(page.locator('.svelte-flow__pane'), { targetPosition: { x: (pane?.width ?? 800) - 300, y: 120 } })
  await node(page, 'raise').waitFor()
  await page.keyboard.press('Escape')
  await connect(page, 'wait', 'error', 'raise')
  await until('it is connected', async () => {
    const { definition } = await drawn('thank-the-customer')
    return definition.edges.some((edge) => edge.from === 'wait' && edge.port === 'error' && edge.to === 'raise')
  })

  await node(page, 'wait').click()
  await page.keyboard.press('Delete')
  await node(page, 'wait').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+z')
  await node(page, 'wait').waitFor()

  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  const refused = page.getByRole('dialog', { name: 'This cannot be published yet' })
  await refused.waitFor()
  await refused.getByRole('listitem').first().waitFor()
  await refused.getByRole('button', { name: 'Back to the canvas' }).click()
  await node(page, 'raise').click()
  await page.getByRole('textbox', { name: 'Code' }).fill('no_thanks')
  await page.getByRole('textbox', { name: 'What went wrong' }).click()
  await page.keyboard.insertText('Nobody could be thanked.')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByLabel('Notes').fill('The first one')
  await page.getByRole('button', { name: 'Publish it' }).click()
  await page.getByText('Version 1 is live.').waitFor()
  const { automation, definition } = await drawn('thank-the-customer')
  expect(automation.published).toMatchObject({ number: 1, notes: 'The first one' })
  expect(definition.nodes.find(({ id }) => id === 'wait')).toMatchObject({
    title: 'A day later',
    with: { duration: '1d' },
  })
})

test('what keeps a draft from being published is mended by one click', async () => {
  const { page } = scene.dana
  const broken = stockCheck('Broken')
  const edges = broken.edges.filter((edge) => edge.to !== 'end')
  await scene.platform.post('/v1/automations', { definition: { ...broken, edges }, handle: 'broken' })
  await open(page, 'broken')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  const refused = page.getByRole('dialog', { name: 'This cannot be published yet' })
  await refused.getByText('No run comes to “end”: nothing leads to it.').waitFor()
  await refused.getByRole('button', { name: 'Remove “end”' }).click()
  await until('it is saved', async () => !(await drawn('broken')).definition.nodes.some(({ id }) => id === 'end'))
})

test('a variable that holds nothing is told of once, at its field, and begins with 0 by one click; a number is typed as one', async () => {
  const { page } = scene.dana
  const definition = drawing(
    [
      { id: 'more', kind: 'set', title: 'One more', with: { values: { count: { cel: 'vars.count + 1' } } } },
      { id: 'reset', kind: 'set', title: 'Back to none', with: { values: { count: 'none' } } },
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'more', 'reset', 'end'),
    { name: 'Count visits', variables: [{ name: 'count', type: 'number' }] },
  )
  await scene.platform.post('/v1/automations', { definition, handle: 'count-visits' })
  await open(page, 'count-visits')
  await node(page, 'more').click()
  const told = page.getByText(/^“count” holds nothing yet/)
  await told.waitFor()
  expect(await told.count()).toBe(1)
  await page.getByRole('button', { name: 'Begin “count” with 0' }).click()
  await told.waitFor({ state: 'detached' })
  await node(page, 'reset').click()
  await page.getByText('“count” takes a number, and this is a text.').waitFor()
  await page.getByRole('spinbutton', { name: 'Value of count' }).fill('0')
  await page.getByRole('button', { name: '0 errors, 0 warnings' }).waitFor()
  await saved(page)
  expect((await drawn('count-visits')).definition.nodes.find(({ id }) => id === 'reset')?.with).toEqual({
    values: { count: 0 },
  })
})

test('a time to wait until is picked and told in words; one without a zone is refused at its field', async () => {
  const { page } = scene.dana
  const { platform } = scene
  const waits = (time: string): Definition => {
    const nap: Node = { id: 'nap', kind: 'wait', title: 'Until then', with: { for: 'until', until: time } }
    return drawing([nap, { id: 'end', kind: 'end' }], chain('start', 'nap', 'end'))
  }
  await install(platform.database.db, platform.ctx, waits('2031-03-04T09:30:00Z'), 'later')
  const { revision } = await drawn('later')
  await platform.put('/v1/automations/later/draft', { definition: waits('2031-03-04T09:30:00'), revision })
  await open(page, 'later')
  await node(page, 'nap').click()
  const field = page.getByRole('group', { name: 'Until', exact: true })
  await field.getByText(/says no zone/).waitFor()
  await field.getByLabel('Until', { exact: true }).fill('2031-03-04T10:45')
  await field.getByText(/4 March 2031|March 4, 2031/).waitFor()
  await field.getByText(/says no zone/).waitFor({ state: 'detached' })
  await saved(page)
  await expectAccessible(page)
  await picture(page, 'builder-until')
  const { definition } = await drawn('later')
  expect(definition.nodes.find((one) => one.id === 'nap')?.with?.['until']).toMatch(
    /^2031-03-04T10:45:00[+-]\d\d:\d\d$/,
  )
})

test('two people are at one automation: each sees where the other is, what both change is merged, and a conflict told', async () => {
  const { page } = scene.dana
  const { platform, browser } = scene
  await install(platform.database.db, platform.ctx, stockCheck('Shared'), 'shared')
  const { token } = await newPerson(platform.database.db, platform.ctx, 'owner', 'Priya Raman')
  await using priya = await visit(browser, `${platform.url}/link#${token}`)
  await open(page, 'shared')
  await open(priya.page, 'shared')
  await node(priya.page, 'dear').click()
  await page.getByRole('button', { name: 'Priya Raman is at “Is it dear?”' }).waitFor()
  await node(page, 'dear').getByText('Priya Raman').waitFor()
  await priya.page.getByRole('button', { name: /^Dana Whitfield is here/ }).waitFor()

  const title = (of: Page) => of.getByRole('textbox', { name: 'Title of the step' })
  await title(priya.page).fill('Is it expensive?')
  await saved(priya.page)
  await node(page, 'dear').getByText('Is it expensive?').waitFor()
  await node(page, 'tell').click()
  await title(page).fill('Note it down')
  await node(priya.page, 'tell').getByText('Note it down').waitFor()
  expect((await drawn('shared')).definition.nodes.map(({ title: said }) => said)).toEqual(
    expect.arrayContaining(['Is it expensive?', 'Note it down']),
  )

  // both write in the same field: who still types is not typed over, and is told on leaving it
  await node(priya.page, 'tell').click()
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
  await priya.page.route(/\/draft$/, async (route) => {
    await gate
    await route.continue()
  })
  await title(priya.page).fill('Keep in')
  await title(page).fill('Keep it')
  await savedAs('shared', ({ nodes }) => nodes.some((one) => one.title === 'Keep it'))
  letGo()
  await title(priya.page).pressSequentially(' mind')
  expect(await title(priya.page).inputValue()).toBe('Keep in mind')
  await title(priya.page).blur()
  const bar = priya.page.getByRole('alert').filter({ hasText: 'Somebody else changed the same thing.' })
  await bar.getByText('theirs: Keep it · yours: Keep in mind').waitFor()
  await node(priya.page, 'tell').getByText('Keep it').waitFor()
  await priya.page.getByRole('button', { name: 'Publish', exact: true }).click()
  await priya.page.getByText('There is something to choose first.').waitFor()
  await bar.getByRole('button', { name: 'Keep mine' }).click()
  await node(page, 'tell').getByText('Keep in mind').waitFor()
  await bar.waitFor({ state: 'detached' })
  expect(await page.getByText('Somebody else changed the same').count()).toBe(0)
  await priya.page.goto(`${platform.url}/automation`)
  await page.getByRole('list', { name: 'Also here' }).waitFor({ state: 'detached' })
  expect(priya.complaints).toEqual([])
})

test('the pages are accessible in light and dark, and a phone shows and edits', async () => {
  const { page } = scene.dana
  await open(page, 'shared')
  await node(page, 'dear').click()
  await page.getByRole('region', { name: /^Step / }).waitFor()
  await settled(page)
  for (const look of ['light', 'dark'] as const) {
    await wish(page, look)
    await expectAccessible(page)
    await picture(page, `builder-${look}`)
  }
  await wish(page, 'light')
  const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'owner', 'Sam Ortiz')
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true }
  await using sam = await visit(scene.browser, `${scene.platform.url}/link#${token}`, phone)
  await open(sam.page, 'shared')
  await node(sam.page, 'dear').tap()
  await sam.page.getByRole('textbox', { name: 'Title of the step' }).fill('Dear or not')
  await saved(sam.page)
  await expectNoSidewaysScroll(sam.page)
  await expectAccessible(sam.page)
  await picture(sam.page, 'builder-390')
  await sam.page.getByRole('button', { name: /^Close Step/ }).tap()
  await sam.page.getByRole('toolbar', { name: 'Tools of the canvas' }).getByRole('button', { name: 'More' }).tap()
  await sam.page.getByRole('menuitem', { name: 'Runs on the canvas' }).tap()
  await sam.page.getByRole('region', { name: 'Runs on the canvas' }).waitFor()
  expect(sam.complaints).toEqual([])
})
