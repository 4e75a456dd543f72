import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { edgeId } from '#schemas/automation/definition.ts'
import { boxesOf, overlap, type Box, type Point } from '#ui/lib/automation/shape.ts'
import { expectAccessible, picture, settled, visit, wish } from '../harness/browser.ts'
import { builderOf, covered, node } from '../harness/builder.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

const { drawn, open, openNew, savedAs } = builderOf(scene)
const edge = (page: Page, id: string) => page.locator(`.svelte-flow__edge[data-id="${id}"]`)
/** Chooses a step from the open palette. */
const choose = async (page: Page, name: string) => {
  await page.getByRole('combobox', { name: 'Search steps' }).fill(name)
  await page.keyboard.press('Enter')
}
/** What the browser knows of a line that is drawn; its own types are not those of Node. */
type Line = {
  getTotalLength(): number
  getPointAtLength(at: number): { matrixTransform(by: unknown): Point }
  getScreenCTM(): unknown
}

/** A point of what is drawn of an edge, in pixels of the page; its middle, unless another part of its length is given. */
const pointOn = async (page: Page, id: string, part = 0.5) => {
  const path = edge(page, id).locator('path').first()
  return path.evaluate<Point, number, Line>((line, part) => {
    const { x, y } = line.getPointAtLength(line.getTotalLength() * part).matrixTransform(line.getScreenCTM())
    return { x, y }
  }, part)
}

test('the plus of a connection that the pointer is over inserts a step there, which pushes along what follows', async () => {
  const { page } = scene.dana
  await openNew(page, 'inserted')
  const before = boxesOf((await drawn('inserted')).definition)
  const at = await pointOn(page, 'total:out>each')
  await page.mouse.move(at.x + 4, at.y)
  await page.getByRole('button', { name: 'Insert a step here' }).hover()
  await page.mouse.down()
  await page.mouse.up()
  await page.getByText('Enter puts it on the connection').waitFor()
  await choose(page, 'loop')
  const made = await savedAs('inserted', ({ nodes }) => nodes.some(({ id }) => id === 'loop'))
  expect(made.edges.map(edgeId)).toEqual(expect.arrayContaining(['total:out>loop', 'loop:out>each']))
  expect(covered(made)).toEqual([])
  expect(boxesOf(made).get('end')?.y).toBeGreaterThan(before.get('end')?.y ?? 0)
  await page.keyboard.press('Control+z')
  const undone = await savedAs('inserted', ({ nodes }) => !nodes.some(({ id }) => id === 'loop'))
  expect(boxesOf(undone)).toEqual(before)
})

test('with a connection chosen, the palette puts a step on it', async () => {
  const { page } = scene.dana
  await openNew(page, 'chosen')
  const at = await pointOn(page, 'total:out>each', 0.25)
  await page.mouse.click(at.x, at.y)
  await page.locator('.svelte-flow__edge.selected').waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Add a step (Tab)' }).click()
  await page.getByText('Enter puts it on the connection').waitFor()
  await choose(page, 'wait')
  const made = await savedAs('chosen', ({ nodes }) => nodes.some(({ kind, id }) => kind === 'wait' && id !== 'hold'))
  expect(made.edges.map(edgeId)).toEqual(expect.arrayContaining(['total:out>wait', 'wait:out>each']))
})

test('a connection let go on the empty canvas asks for the step that it leads to', async () => {
  const { page } = scene.dana
  await openNew(page, 'let-go')
  const from = await page.locator('[data-nodeid="total"][data-handleid="out"]').boundingBox()
  if (from === null) throw new Error('the way out is not in sight')
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(from.x + 320, from.y + 40, { steps: 8 })
  await page.mouse.up()
  await page.getByText('Enter puts it behind “Add up the prices”').waitFor()
  await choose(page, 'raise')
  const made = await savedAs('let-go', ({ nodes }) => nodes.some(({ id }) => id === 'raise'))
  expect(made.edges.map(edgeId)).toContain('total:out>raise')
  expect(boxesOf(made).get('raise')?.x).toBeGreaterThan(boxesOf(made).get('total')?.x ?? 0)
  expect(covered(made)).toEqual([])
})

test('everything is in sight beside the map of the canvas, and a chosen step beside the form', async () => {
  const { page } = scene.dana
  await open(page, 'lead-response')
  const boxOf = async (found: Locator): Promise<Box> =>
    (await found.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const map = await boxOf(page.locator('.svelte-flow__minimap'))
  const frame = await boxOf(page.getByRole('application', { name: /^Canvas/ }))
  const steps = await page.locator('.svelte-flow__node').all()
  const boxes = await Promise.all(steps.map(boxOf))
  for (const box of boxes) {
    expect(overlap(box, map)).toBe(false)
    expect(box.y).toBeGreaterThanOrEqual(frame.y)
    expect(box.y + box.height).toBeLessThanOrEqual(frame.y + frame.height)
  }
  const right = steps[boxes.findIndex(({ x }) => x === Math.max(...boxes.map((box) => box.x)))]
  await right?.click()
  const form = await boxOf(page.getByRole('region', { name: /^Step / }))
  await until('it stands beside the form', async () => {
    const box = right === undefined ? undefined : await boxOf(right)
    return box !== undefined && box.x + box.width <= form.x
  })
})

test('what is pasted and dropped covers nothing, and a loop that grows pushes its neighbours away', async () => {
  const { page } = scene.dana
  await openNew(page, 'room')
  await node(page, 'dear').click()
  await page.keyboard.press('Control+d')
  await savedAs('room', ({ nodes }) => nodes.length === 9)
  await page.getByRole('button', { name: 'Add a step (Tab)' }).click()
  await page.getByRole('combobox', { name: 'Search steps' }).fill('loop')
  await page.getByRole('option', { name: /^Loop/ }).dragTo(node(page, 'check'))
  const made = await savedAs('room', ({ nodes }) => nodes.some(({ id, within }) => id === 'loop' && within === 'each'))
  expect(covered(made)).toEqual([])
})

test('the start shows what a run is given and changes it; a loop says what steps inside see', async () => {
  const { page } = scene.dana
  await openNew(page, 'told')
  await node(page, 'start').click()
  await page.getByRole('textbox', { name: 'Name of field 1' }).fill('stock')
  await page.keyboard.press('Tab')
  await savedAs('told', ({ input }) => input?.properties?.['stock'] !== undefined)
  await node(page, 'each').click({ position: { x: 90, y: 16 } })
  const names = page.getByRole('region', { name: 'What steps inside see' })
  await names.getByText('loops.each').waitFor()
  expect(await names.getByRole('term').allTextContents()).toEqual(['item', 'index', 'loops.each'])
})

test('the header says that the draft differs from what is live, and two versions are compared on the canvas', async () => {
  const { page } = scene.dana
  const { platform } = scene
  await openNew(page, 'versions')
  const begun = await drawn('versions')
  const nodes = begun.definition.nodes.map((one) => (one.id === 'tell' ? { ...one, title: 'Keep in mind' } : one))
  const sent = { definition: { ...begun.definition, nodes }, revision: begun.revision }
  const { body } = await platform.put<{ revision: number }>('/v1/automations/versions/draft', sent)
  await platform.post('/v1/automations/versions/publish', { revision: body.revision, notes: 'Second' })
  await page.reload()
  await page.getByRole('button', { name: 'version 2 is live', exact: true }).waitFor()
  await node(page, 'dear').click()
  await page.getByRole('textbox', { name: 'Title of the step' }).fill('Is it expensive?')
  await page.getByRole('button', { name: 'version 2 is live · draft has changes' }).click()
  const panel = page.getByRole('region', { name: 'Versions' })
  await panel.getByText('What the draft does otherwise').waitFor()
  await panel.getByText('Is it expensive?').first().waitFor()
  await panel.getByRole('combobox', { name: 'Compare with' }).selectOption({ label: 'Version 1' })
  await panel.getByText('What version 2 does otherwise').waitFor()
  await page.getByText('Version 1Version 2').waitFor()
  await node(page, 'tell').getByText('Keep in mind').waitFor()
  await node(page, 'tell').getByText('changed').waitFor()
  await node(page, 'dear').getByText('Is it dear?').waitFor()
  await settled(page)
  for (const look of ['light', 'dark'] as const) {
    await wish(page, look)
    await expectAccessible(page)
    await picture(page, `builder-compared-${look}`)
  }
  await wish(page, 'light')
  await page.getByRole('button', { name: 'Back to the draft' }).click()
  await node(page, 'dear').getByText('Is it expensive?').waitFor()
})

test('a version that is published again is told once, and the draft takes it over', async () => {
  const { page } = scene.dana
  const { platform } = scene
  await openNew(page, 'rolled-back')
  const { definition, revision } = await drawn('rolled-back')
  const nodes = definition.nodes.map((one) => (one.id === 'tell' ? { ...one, title: 'Keep in mind' } : one))
  const sent = { definition: { ...definition, nodes }, revision }
  const { body } = await platform.put<{ revision: number }>('/v1/automations/rolled-back/draft', sent)
  await platform.post('/v1/automations/rolled-back/publish', { revision: body.revision, notes: 'Second' })
  await page.reload()
  await page.getByRole('button', { name: 'Versions', exact: true }).click()
  const panel = page.getByRole('region', { name: 'Versions' })
  await panel.getByRole('button', { name: /^Version 1/ }).click()
  await panel.getByRole('button', { name: 'Publish it again' }).click()
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'))
  await dialog.getByRole('button', { name: 'Publish version 1' }).click()
  const told = page.getByText(/^Version 1 is live/)
  await told.waitFor()
  await panel.getByRole('button', { name: /^Version 1 live/ }).waitFor()
  await page.getByRole('button', { name: 'version 1 is live', exact: true }).waitFor()
  await node(page, 'tell').getByText('Remember').waitFor()
  expect(await told.allTextContents()).toEqual(['Version 1 is live again.'])
  const now = await drawn('rolled-back')
  expect(now.automation.published?.number).toBe(1)
  expect(now.definition.nodes.find(({ id }) => id === 'tell')?.title).toBe('Remember')
})

test('a field that holds no JSON keeps a test from being run, in a clear sentence', async () => {
  const { page } = scene.dana
  await openNew(page, 'unreadable')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'JSON', exact: true }).click()
  await dialog.getByRole('textbox', { name: 'Input' }).fill('not JSON yet')
  await dialog.getByText('This is not JSON yet; what was there before is kept until it is.').waitFor()
  expect(
    await dialog
      .getByRole('button', { name: /^Run|^Test/ })
      .last()
      .isDisabled(),
  ).toBe(true)
  await dialog.getByRole('textbox', { name: 'Input' }).fill('{"cars": []}')
  await dialog
    .getByRole('button', { name: /^Run|^Test/, disabled: false })
    .last()
    .waitFor()
  await page.keyboard.press('Escape')
})

test('the menu of looks lies over the panel at the side', async () => {
  const { page } = scene.dana
  await openNew(page, 'themed')
  await node(page, 'dear').click()
  await page.getByRole('region', { name: /^Step / }).waitFor()
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitem', { name: 'Dark' }).click()
  await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitem', { name: 'Light' }).click()
  await page.locator('html[data-theme="light"]').waitFor({ state: 'attached' })
})

test('a variable that is a number begins as 0, and what it begins as is of its type', async () => {
  const { page } = scene.dana
  await openNew(page, 'variables')
  await page.getByRole('button', { name: 'Settings of the automation' }).click()
  const card = page.getByRole('region', { name: 'Variables' })
  await card.getByRole('button', { name: 'Add a variable' }).click()
  await card.getByRole('textbox', { name: 'Name of variable 2' }).fill('count')
  await page.keyboard.press('Tab')
  await card.getByRole('combobox', { name: 'Type of count' }).selectOption({ label: 'Number' })
  const made = await savedAs('variables', ({ variables }) => variables?.[1]?.type === 'number')
  expect(made.variables?.[1]).toEqual({ name: 'count', type: 'number', initial: 0 })
  await card.getByRole('spinbutton', { name: 'Begins as' }).fill('7')
  await savedAs('variables', ({ variables }) => variables?.[1]?.initial === 7)
})

test('on a phone the whole width of a drawing is in sight, with the names of its steps', async () => {
  const { platform, browser } = scene
  const { token } = await newPerson(platform.database.db, platform.ctx, 'owner', 'Sam Ortiz')
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true }
  await using sam = await visit(browser, `${platform.url}/link#${token}`, phone)
  await sam.page.goto(`${platform.url}/automation/lead-response`)
  const steps = sam.page.locator('.svelte-flow__node')
  await steps.getByText('Note the rejection').waitFor()
  for (const step of await steps.all()) {
    const box = await step.boundingBox()
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390)
  }
  await sam.page.goto(`${platform.url}/templates/lead-response`)
  await sam.page
    .getByRole('application', { name: /^Canvas/ })
    .getByText('Write to the CRM')
    .waitFor()
  await expectAccessible(sam.page)
  expect(sam.complaints).toEqual([])
})
