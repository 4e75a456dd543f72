import { beforeAll, expect, test } from 'vitest'
import type { Node } from '#schemas/automation/definition.ts'
import type { Run } from '#schemas/runs.ts'
import { expectAccessible, expectNoSidewaysScroll, picture, settled, wish } from '../harness/browser.ts'
import { chain, code, drawing, install } from '../harness/drawn.ts'
import { untilState } from '../harness/lead.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene()

const step = (id: string, title: string, source: string, more: Partial<Node> = {}): Node => ({
  ...code(id, source),
  title,
  ...more,
})
const minor = { importance: 'minor' as const }
/** Looks around, decides, and notes something down for each of five; of what is minor, one step goes wrong. */
const rounds = drawing(
  [
    step('look', 'Look around', 'return 1', minor),
    step('score', 'Work out a score', 'return 2', minor),
    step('choose', 'Choose the offer', 'return 3'),
    { id: 'each', kind: 'loop', title: 'Each of five', with: { items: [1, 2, 3, 4, 5] } },
    step('note', 'Note it down', 'return 4', { ...minor, within: 'each' }),
    step('count', 'Count it', 'return 5', minor),
    step('odd', 'Ask the neighbour', 'throw new Error("Nobody is in.")', {
      ...minor,
      retry: { attempts: 1 },
      continueOnError: true,
    }),
    step('tidy', 'Tidy up', 'return 6', minor),
    step('close', 'Close the books', 'return 7', minor),
    { id: 'end', kind: 'end' },
  ],
  [
    ...chain('start', 'look', 'score', 'choose', 'each', 'count', 'odd', 'tidy', 'close', 'end'),
    { from: 'each', port: 'each', to: 'note' },
  ],
  { name: 'Rounds' },
)

let run: Run
beforeAll(async () => {
  const { platform } = scene
  await install(platform.database.db, platform.ctx, rounds, 'rounds')
  run = (await platform.post<Run>('/v1/automations/rounds/runs', { input: {} })).body
  await untilState(platform, run.id, 'completed')
})

const rows = () => scene.dana.page.getByRole('treeitem')
const row = (said: RegExp) => scene.dana.page.getByRole('treeitem', { name: said })
const told = async () => (await rows().allTextContents()).map((text) => text.trim().split(',')[0])

test('minor steps that went well fold, the one that went wrong is seen', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/runs/${run.id}`)
  await row(/^Choose the offer/).waitFor()
  expect(await told()).toEqual([
    '2 minor steps',
    'Choose the offer',
    '6 minor steps',
    'Ask the neighbour',
    '2 minor steps',
  ])
  await settled(page)
  await expectAccessible(page)
  await picture(page, 'run-minor')
  await wish(page, 'dark')
  await expectAccessible(page)
  await picture(page, 'run-minor-dark')
  await wish(page, 'light')
})

test('a fold opens by a click and closes by the keyboard', async () => {
  const { page } = scene.dana
  await row(/^6 minor steps/).click()
  await row(/^Count it, completed/).waitFor()
  await row(/^Note it down, 5 steps/).waitFor()
  await picture(page, 'run-minor-open')
  await page.getByRole('tree').focus()
  await page.keyboard.press('ArrowLeft')
  await row(/^Count it/).waitFor({ state: 'detached' })
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await row(/^Look around/).waitFor()
  await page.keyboard.press('Space')
  await row(/^Look around/).waitFor({ state: 'detached' })
})

test('what is chosen on the drawing opens the fold that it is in', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/runs/${run.id}?view=canvas`)
  await page.locator('.svelte-flow__node[data-id="note"]').click()
  await page.locator('[role=treeitem][aria-selected=true]', { hasText: 'Note it down' }).waitFor()
  await page.getByRole('treeitem', { name: /^6 minor steps/, expanded: true }).waitFor()
  await page.goto(`${scene.platform.url}/runs/${run.id}?step=tidy%230`)
  await page.locator('[role=treeitem][aria-selected=true]', { hasText: 'Tidy up' }).waitFor()
})

test('who wants to see them all says so once', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/runs/${run.id}`)
  const show = page.getByRole('button', { name: 'Show minor steps' })
  await show.click()
  await row(/^Look around/).waitFor()
  expect(await row(/minor steps/).count()).toBe(0)
  await page.reload()
  await row(/^Look around/).waitFor()
  expect(await show.getAttribute('aria-pressed')).toBe('true')
  await show.click()
  await row(/^2 minor steps/)
    .first()
    .waitFor()
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await picture(page, 'run-minor-phone')
  await page.setViewportSize({ width: 1440, height: 900 })
})
