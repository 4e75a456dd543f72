import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Definition } from '#schemas/automation/definition.ts'
import { look } from '../harness/browser.ts'
import { builderOf, node } from '../harness/builder.ts'
import { install } from '../harness/drawn.ts'
import { setScene } from '../harness/scene.ts'
import { stockCheck } from '../harness/stock-check.ts'
import { until } from '../harness/until.ts'

const scene = setScene()
const { open, openNew, savedAs } = builderOf(scene)
const palette = (page: Page) => page.getByRole('region', { name: 'Add a step' })
const option = (page: Page, name: RegExp) => palette(page).getByRole('option', { name })

test('who browses opens a connected system and finds what it does, by pointer and by keyboard', async () => {
  const { page } = scene.dana
  await openNew(page, 'browsed')
  await node(page, 'total').click()
  await page.keyboard.press('/')
  const crm = option(page, /^CRM \d+ operations ?, folded/)
  await crm.waitFor()
  expect(await option(page, /^Create a task/).count()).toBe(0)
  await crm.click()
  await option(page, /^Create a task CRM · /).waitFor()
  await look(page, 'palette')
  await option(page, /^CRM .+, unfolded/).click()
  await option(page, /^Create a task/).waitFor({ state: 'detached' })

  const chosen = palette(page).locator('[aria-selected="true"]')
  const walkTo = (name: RegExp) =>
    until(`the keyboard is at ${name}`, async () => {
      await page.keyboard.press('ArrowDown')
      return name.test((await chosen.textContent()) ?? '')
    })
  await page.getByRole('combobox', { name: 'Search steps' }).and(page.locator(':focus')).waitFor()
  await walkTo(/^\s*Text messages/)
  await page.keyboard.press('ArrowRight')
  await option(page, /^Send a text message/).waitFor()
  await page.keyboard.press('ArrowLeft')
  await option(page, /^Send a text message/).waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await walkTo(/^\s*Send a text message/)
  await page.keyboard.press('Enter')
  const made = await savedAs('browsed', ({ nodes }) => nodes.length === 9)
  expect(made.nodes.find(({ kind }) => kind === 'action')?.with).toMatchObject({ operation: 'sms.send' })
})

/** A drawing that is too tall to be read as a whole, with a warning at its lower end. */
const tall = (): Definition => {
  const { nodes, edges, ...rest } = stockCheck('Tall')
  const below = nodes.map((one) =>
    one.id === 'tell'
      ? { id: 'tell', kind: 'approval', title: 'Ask the manager', with: { ask: 'Buy?' }, at: { x: 340, y: 4000 } }
      : one,
  )
  return {
    ...rest,
    nodes: below,
    edges: edges.map((edge) => (edge.from === 'tell' ? { ...edge, port: 'approved' } : edge)),
  }
}

test('a problem leads to its step, large enough to be read: by a click anywhere on its row, and by keyboard', async () => {
  const { page } = scene.dana
  await install(scene.platform.database.db, scene.platform.ctx, tall(), 'tall')
  await open(page, 'tall')
  const asking = node(page, 'tell')
  const width = async () => (await asking.boundingBox())?.width ?? 0
  expect(await width()).toBeLessThan(100)
  const problems = page.getByRole('button', { name: '0 errors, 1 warning' })
  await problems.click()
  const row = page.getByRole('list', { name: 'Problems' }).getByRole('listitem').first()
  const { width: wide = 0, height = 0 } = (await row.boundingBox()) ?? {}
  await row.click({ position: { x: wide - 6, y: height - 4 } })
  await asking.and(page.locator(':focus')).waitFor()
  await page.getByRole('region', { name: /^Step .*Ask the manager/ }).waitFor()
  await until('it can be read', async () => (await width()) > 180)

  await page.keyboard.press('1')
  await until('the whole is in sight again', async () => (await width()) < 100)
  await problems.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'Problems' }).waitFor()
  await look(page, 'problems')
  await page.getByRole('button', { name: /Nothing follows “Rejected”/ }).focus()
  await page.keyboard.press('Enter')
  await asking.and(page.locator(':focus')).waitFor()
  await until('it can be read again', async () => (await width()) > 180)
})
