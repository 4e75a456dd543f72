import { expect, test } from 'vitest'
import { edgeId } from '#schemas/automation/definition.ts'
import { expectAccessible } from '../harness/browser.ts'
import { builderOf, node } from '../harness/builder.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene()
const { openNew, savedAs } = builderOf(scene)

test('everything is done by keyboard alone', async () => {
  const { page } = scene.dana
  await openNew(page, 'by-keyboard')
  await node(page, 'start').focus()
  await page.keyboard.press('ArrowDown')
  await node(page, 'total').and(page.locator(':focus')).waitFor()
  await page.keyboard.press('F2')
  await page.keyboard.insertText('Sum')
  await page.keyboard.press('Escape')
  await node(page, 'total').and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Title of the step' }).and(page.locator(':focus')).waitFor()
  await page.getByRole('textbox', { name: 'List', exact: true }).focus()
  await page.keyboard.press('Escape')
  await node(page, 'total').and(page.locator(':focus')).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('remember')
  await page.keyboard.press('Escape')
  await node(page, 'tell').focus()
  await page.keyboard.press('d')
  await page.keyboard.press('Control+d')
  const made = await savedAs('by-keyboard', ({ nodes }) => nodes.length === 9)
  expect(made.nodes.find(({ id }) => id === 'total')?.title).toBe('Sum')
  await page.keyboard.press('Control+z')
  await savedAs('by-keyboard', ({ nodes }) => nodes.length === 8)
})

test('by keyboard alone a step is connected to another, and a connection taken away; they are called by their names', async () => {
  const { page } = scene.dana
  await openNew(page, 'by-key')
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
  await savedAs('by-key', ({ edges }) => edges.some((one) => edgeId(one) === 'total:error>tell'))
  await node(page, 'total').and(page.locator(':focus')).waitFor()
  await page.getByLabel('From Add up the prices to Remember, by On error').waitFor({ state: 'attached' })
  await page.getByLabel('On error, way out of Add up the prices').waitFor({ state: 'attached' })
  await page.keyboard.press('c')
  await page.keyboard.type('on error remember')
  await page.keyboard.press('Enter')
  await savedAs('by-key', ({ edges }) => !edges.some((one) => edgeId(one) === 'total:error>tell'))
  await page.keyboard.press('Escape')
})

test('Shift and a click choose one more step; the slash opens the palette wherever the keyboard is', async () => {
  const { page } = scene.dana
  await openNew(page, 'shifted')
  await node(page, 'hold').click()
  await node(page, 'tell').click({ modifiers: ['Shift'] })
  await page.getByRole('toolbar', { name: 'What to do with the chosen steps' }).getByText('2 chosen').waitFor()
  await page.getByRole('button', { name: 'Versions' }).focus()
  await page.keyboard.press('/')
  await page.getByRole('combobox', { name: 'Search steps' }).and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Escape')
})
