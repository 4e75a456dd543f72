import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Automation } from '#schemas/automation/index.ts'
import { edgeId, type Definition } from '#schemas/automation/definition.ts'
import { boxesOf, overlap, type Box, type Point } from '#ui/lib/automation/shape.ts'
import { expectAccessible, picture, settled, visit, wish } from '../harness/browser.ts'
import { install } from '../harness/drawn.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { stockCheck } from '../harness/stock-check.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

type Drawn = { automation: Automation; definition: Definition; revision: number }
const drawn = async (handle: string) => (await scene.platform.get<Drawn>(`/v1/automations/${handle}`)).definition
const node = (page: Page, id: string) => page.locator(`.svelte-flow__node[data-id="${id}"]`)
const edge = (page: Page, id: string) => page.locator(`.svelte-flow__edge[data-id="${id}"]`)
const open = async (page: Page, handle: string) => {
  await install(scene.platform.database.db, scene.platform.ctx, stockCheck(), handle)
  await page.goto(`${scene.platform.url}/automation/${handle}`)
  await node(page, 'start').waitFor()
}
/** Chooses a step from the open palette. */
const choose = async (page: Page, name: string) => {
  await page.getByRole('combobox', { name: 'Search steps' }).fill(name)
  await page.keyboard.press('Enter')
}
/** Waits until the saved draft is so. */
const saved = (handle: string, is: (definition: Definition) => boolean): Promise<Definition> =>
  until('the draft is saved', async () => {
    const definition = await drawn(handle)
    return is(definition) ? definition : undefined
  })
const covered = ({ nodes, ...rest }: Definition): string[] => {
  const boxes = boxesOf({ nodes, ...rest })
  return nodes.flatMap((a, at) =>
    nodes
      .slice(at + 1)
      .filter((b) => a.within === b.within && overlap(boxes.get(a.id) as Box, boxes.get(b.id) as Box))
      .map((b) => `${a.id} and ${b.id}`),
  )
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
  await open(page, 'inserted')
  const before = boxesOf(await drawn('inserted'))
  const at = await pointOn(page, 'total:out>each')
  await page.mouse.move(at.x + 4, at.y)
  await page.getByRole('button', { name: 'Insert a step here' }).hover()
  await page.mouse.down()
  await page.mouse.up()
  await page.getByText('Enter puts it on the connection').waitFor()
  await choose(page, 'loop')
  const made = await saved('inserted', ({ nodes }) => nodes.some(({ id }) => id === 'loop'))
  expect(made.edges.map(edgeId)).toEqual(expect.arrayContaining(['total:out>loop', 'loop:out>each']))
  expect(covered(made)).toEqual([])
  expect(boxesOf(made).get('end')?.y).toBeGreaterThan(before.get('end')?.y ?? 0)
  await page.keyboard.press('Control+z')
  const undone = await saved('inserted', ({ nodes }) => !nodes.some(({ id }) => id === 'loop'))
  expect(boxesOf(undone)).toEqual(before)
})

test('with a connection chosen, the palette puts a step on it', async () => {
  const { page } = scene.dana
  await open(page, 'chosen')
  const at = await pointOn(page, 'total:out>each', 0.25)
  await page.mouse.click(at.x, at.y)
  await page.locator('.svelte-flow__edge.selected').waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Add a step (Tab)' }).click()
  await page.getByText('Enter puts it on the connection').waitFor()
  await choose(page, 'wait')
  const made = await saved('chosen', ({ nodes }) => nodes.some(({ kind, id }) => kind === 'wait' && id !== 'hold'))
  expect(made.edges.map(edgeId)).toEqual(expect.arrayContaining(['total:out>wait', 'wait:out>each']))
})

test('a connection let go on the empty canvas asks for the step that it leads to', async () => {
  const { page } = scene.dana
  await open(page, 'let-go')
  const from = await page.locator('[data-nodeid="total"][data-handleid="out"]').boundingBox()
  if (from === null) throw new Error('the way out is not in sight')
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(from.x + 320, from.y + 40, { steps: 8 })
  await page.mouse.up()
  await page.getByText('Enter puts it behind “Add up the prices”').waitFor()
  await choose(page, 'raise')
  const made = await saved('let-go', ({ nodes }) => nodes.some(({ id }) => id === 'raise'))
  expect(made.edges.map(edgeId)).toContain('total:out>raise')
  expect(boxesOf(made).get('raise')?.x).toBeGreaterThan(boxesOf(made).get('total')?.x ?? 0)
  expect(covered(made)).toEqual([])
})

test('by keyboard alone a step is connected to another, and a connection taken away; they are called by their names', async () => {
  const { page } = scene.dana
  await open(page, 'by-key')
  await page
    .getByRole('application', { name: /^Canvas/ })
    .and(page.locator(':focus'))
    .waitFor()
  await node(page, 'total').click()
  await node(page, 'total').and(page.locator(':focus')).waitFor()
  await page.keyboard.press('c')
  await page.getByRole('combobox', { name: 'Search connections' }).fill('error remember')
  await page.getByRole('option', { name: /^On error ?, to Remember$/ }).waitFor()
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await saved('by-key', ({ edges }) => edges.some((one) => edgeId(one) === 'total:error>tell'))
  await node(page, 'total').and(page.locator(':focus')).waitFor()
  await page.getByLabel('From Add up the prices to Remember, by On error').waitFor({ state: 'attached' })
  await page.getByLabel('On error, way out of Add up the prices').waitFor({ state: 'attached' })
  await page.keyboard.press('c')
  await page.keyboard.type('on error remember')
  await page.keyboard.press('Enter')
  await saved('by-key', ({ edges }) => !edges.some((one) => edgeId(one) === 'total:error>tell'))
  await page.keyboard.press('Escape')
})

test('Shift and a click choose one more step; the slash opens the palette wherever the keyboard is', async () => {
  const { page } = scene.dana
  await open(page, 'shifted')
  await node(page, 'hold').click()
  await node(page, 'tell').click({ modifiers: ['Shift'] })
  await page.getByRole('toolbar', { name: 'What to do with the chosen steps' }).getByText('2 chosen').waitFor()
  await page.getByRole('button', { name: 'Versions' }).focus()
  await page.keyboard.press('/')
  await page.getByRole('combobox', { name: 'Search steps' }).and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Escape')
})

test('everything is in sight beside the map of the canvas, and a chosen step beside the form', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/automation/lead-response`)
  await node(page, 'start').waitFor()
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
  await open(page, 'room')
  await node(page, 'dear').click()
  await page.keyboard.press('Control+d')
  await saved('room', ({ nodes }) => nodes.length === 9)
  await page.getByRole('button', { name: 'Add a step (Tab)' }).click()
  await page.getByRole('combobox', { name: 'Search steps' }).fill('loop')
  await page.getByRole('option', { name: /^Loop/ }).dragTo(node(page, 'check'))
  const made = await saved('room', ({ nodes }) => nodes.some(({ id, within }) => id === 'loop' && within === 'each'))
  expect(covered(made)).toEqual([])
})

test('the start shows what a run is given and changes it; a loop says what steps inside see', async () => {
  const { page } = scene.dana
  await open(page, 'told')
  await node(page, 'start').click()
  await page.getByRole('textbox', { name: 'Name of field 1' }).fill('stock')
  await page.keyboard.press('Tab')
  await saved('told', ({ input }) => input?.properties?.['stock'] !== undefined)
  await node(page, 'each').click({ position: { x: 90, y: 16 } })
  const names = page.getByRole('region', { name: 'What steps inside see' })
  await names.getByText('loops.each').waitFor()
  expect(await names.getByRole('term').allTextContents()).toEqual(['item', 'index', 'loops.each'])
})

test('the header says that the draft differs from what is live, and two versions are compared on the canvas', async () => {
  const { page } = scene.dana
  const { platform } = scene
  await open(page, 'versions')
  const begun = await platform.get<Drawn>('/v1/automations/versions')
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

test('a field that holds no JSON keeps a test from being run, in a clear sentence', async () => {
  const { page } = scene.dana
  await open(page, 'unreadable')
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
  await open(page, 'themed')
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
  await open(page, 'variables')
  await page.getByRole('button', { name: 'Settings of the automation' }).click()
  const card = page.getByRole('region', { name: 'Variables' })
  await card.getByRole('button', { name: 'Add a variable' }).click()
  await card.getByRole('textbox', { name: 'Name of variable 2' }).fill('count')
  await page.keyboard.press('Tab')
  await card.getByRole('combobox', { name: 'Type of count' }).selectOption({ label: 'Number' })
  const made = await saved('variables', ({ variables }) => variables?.[1]?.type === 'number')
  expect(made.variables?.[1]).toEqual({ name: 'count', type: 'number', initial: 0 })
  await card.getByRole('spinbutton', { name: 'Begins as' }).fill('7')
  await saved('variables', ({ variables }) => variables?.[1]?.initial === 7)
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
