import { expect, test } from 'vitest'
import type { Run } from '#schemas/runs.ts'
import { visit } from '../harness/browser.ts'
import { builderOf, node } from '../harness/builder.ts'
import { chain, code, drawing, install } from '../harness/drawn.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()

const { drawn, open, savedAs } = builderOf(scene)

test('a value that is emptied keeps its row and its name, and is written anew', async () => {
  const { page } = scene.dana
  const definition = drawing(
    [
      { id: 'keep', kind: 'set', with: { values: { price: { cel: 'input.price' }, seen: 3 } } },
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'keep', 'end'),
    {
      name: 'Emptied',
      variables: [
        { name: 'price', type: 'number', initial: 0 },
        { name: 'seen', type: 'number', initial: 0 },
      ],
      output: { total: { cel: 'vars.price' } },
    },
  )
  await scene.platform.post('/v1/automations', { definition, handle: 'emptied' })
  await open(page, 'emptied')
  await node(page, 'keep').click()
  const price = page.getByRole('textbox', { name: 'Value of price' })
  await price.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Backspace')
  await page.keyboard.insertText('input.price * 2')
  await page.getByRole('spinbutton', { name: 'Value of seen' }).fill('')
  await page.getByRole('spinbutton', { name: 'Value of seen' }).fill('4')
  await page.getByRole('button', { name: 'Settings of the automation' }).click()
  await page.getByRole('textbox', { name: 'Value of total' }).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Backspace')
  const now = await until('it is saved', async () => {
    const found = (await drawn('emptied')).definition
    return JSON.stringify(found.output) === JSON.stringify({ total: { cel: '' } }) ? found : undefined
  })
  expect(now.nodes.find(({ id }) => id === 'keep')?.with).toEqual({
    values: { price: { cel: 'input.price * 2' }, seen: 4 },
  })
  await page.keyboard.insertText('vars.seen')
  await savedAs('emptied', ({ output }) => JSON.stringify(output).includes('vars.seen'))
  await page.getByRole('button', { name: 'Take total away' }).waitFor()
})

test('with no run picked, fields show what they came to in the latest one, and offer what its steps gave', async () => {
  const { page } = scene.dana
  const { database, ctx } = scene.platform
  const definition = drawing(
    [
      code('look', 'return { car: { vin: input.vin, price: 9500 } }', { vin: { cel: 'input.vin' } }),
      { id: 'keep', kind: 'set', with: { values: { note: { text: 'Car {{ steps.look.car.vin }}' } } } },
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'look', 'keep', 'end'),
    { name: 'Latest run', variables: [{ name: 'note', type: 'string', initial: '' }] },
  )
  await install(database.db, ctx, definition, 'latest-run')
  const { body: run } = await scene.platform.post<Run>('/v1/automations/latest-run/runs', { input: { vin: 'A1' } })
  await until('the run is closed', async () => {
    const { run: now } = await scene.platform.get<{ run: Run }>(`/v1/runs/${run.id}`)
    return now.closedAt !== null
  })
  await open(page, 'latest-run')
  await node(page, 'keep').click()
  await page.getByText('Car A1', { exact: true }).waitFor()
  const note = page.getByRole('textbox', { name: 'Value of note' })
  await note.click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' for {{ steps.look.car.')
  await page.getByRole('option', { name: /^price/ }).waitFor()
  await page.keyboard.type('pri')
  await page.getByRole('option', { name: /^price/ }).click()
  await page.keyboard.type(' }}')
  await page.getByText('Car A1 for 9500', { exact: true }).waitFor()
})

test('the palette finds what a connected system does, and makes a step that does it', async () => {
  const { page } = scene.dana
  const definition = drawing([{ id: 'end', kind: 'end' }], chain('start', 'end'), { name: 'Found' })
  await scene.platform.post('/v1/automations', { definition, handle: 'found' })
  await open(page, 'found')
  await node(page, 'start').focus()
  await page.keyboard.press('Tab')
  await page.keyboard.type('create a task')
  await page.getByRole('option', { name: /^Create a task/, selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Step Create a task' }).waitFor()
  const now = await until('it is saved', async () => {
    const found = (await drawn('found')).definition
    return found.nodes.length === 3 ? found : undefined
  })
  expect(now.nodes.find(({ kind }) => kind === 'action')?.with).toEqual({ operation: 'crm.create_task' })
})

test('a step with code says that what it throws is not tried again', async () => {
  const { page } = scene.dana
  const definition = drawing(
    [code('look', 'throw new Error("no")'), { id: 'end', kind: 'end' }],
    chain('start', 'look', 'end'),
    { name: 'Thrown' },
  )
  await scene.platform.post('/v1/automations', { definition, handle: 'thrown' })
  await open(page, 'thrown')
  await node(page, 'look').click()
  await page.getByText('When things go wrong, and how it shows').click()
  await page
    .getByRole('group', { name: 'Trying again' })
    .getByText(/^What the code throws it would throw again/)
    .waitFor()
})

test('who may only look sees that code and expressions cannot be changed; what undoes a step is called by its name', async () => {
  const { page } = scene.dana
  const { platform, browser } = scene
  const definition = drawing(
    [
      code('look', 'return input', { vin: { cel: 'input.vin' } }),
      { id: 'keep', kind: 'set', with: { values: {} } },
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'look', 'keep', 'end'),
    { name: 'Looked at' },
  )
  await platform.post('/v1/automations', { definition, handle: 'looked-at' })
  await open(page, 'looked-at')
  await node(page, 'look').click()
  await page.getByText('When things go wrong, and how it shows').click()
  const undone = page.getByRole('combobox', { name: 'Undone by' })
  await undone.selectOption({ label: 'CRM · Create a task' })
  expect(await undone.locator('option').allTextContents()).not.toContain('CRM · Find a contact')
  await node(page, 'keep').click()
  await page.getByRole('button', { name: 'Add one in the settings of the automation' }).click()
  await page.getByRole('region', { name: 'Variables' }).waitFor()

  const { token } = await newPerson(platform.database.db, platform.ctx, 'viewer', 'Priya Raman')
  await using priya = await visit(browser, `${platform.url}/link#${token}`)
  await open(priya.page, 'looked-at')
  await node(priya.page, 'look').click()
  for (const name of ['JavaScript', 'Value of vin'])
    await priya.page.locator(`[aria-label="${name}"][aria-readonly="true"]`).waitFor()
  expect(priya.complaints).toEqual([])
})
