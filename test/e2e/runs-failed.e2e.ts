import { beforeAll, expect, test } from 'vitest'
import type { Run } from '#schemas/runs.ts'
import { expectAccessible, expectNoSidewaysScroll, picture, settled, wish } from '../harness/browser.ts'
import { chain, drawing, install } from '../harness/drawn.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()
const panel = (name: string) => scene.dana.page.getByRole('complementary', { name })

/** It gets over what fails first, and fails where it says so itself; a step of it is switched off. */
const givingUp = drawing(
  [
    { id: 'note', kind: 'map', title: 'Note it', disabled: true, with: { items: [1], to: 1 } },
    {
      id: 'weigh',
      kind: 'code',
      title: 'Weigh it',
      continueOnError: true,
      with: { source: 'throw new Error("The scales are broken.")' },
    },
    {
      id: 'any',
      kind: 'decision',
      title: 'Any offer?',
      with: { cases: [{ port: 'yes', when: { cel: 'has(input.offer)' } }] },
    },
    { id: 'no', kind: 'raise', title: 'Give up', with: { code: 'no_offer', message: 'Nobody offers for it.' } },
    { id: 'end', kind: 'end' },
  ],
  [
    ...chain('start', 'note', 'weigh', 'any'),
    { from: 'any', port: 'yes', to: 'end' },
    { from: 'any', port: 'else', to: 'no' },
  ],
  { name: 'Give up' },
)

beforeAll(async () => {
  const { database, ctx } = scene.platform
  await install(database.db, ctx, givingUp, 'give-up')
})

test('the banner leads to the step that the run failed at, and a bar to its node; what is switched off is off', async () => {
  const { page } = scene.dana
  const { body: run } = await scene.platform.post<Run>('/v1/automations/give-up/runs', { input: {} })
  await until('the run is closed', async () => {
    const { run: now } = await scene.platform.get<{ run: Run }>(`/v1/runs/${run.id}`)
    return now.closedAt !== null
  })
  await page.goto(`${scene.platform.url}/runs/${run.id}`)
  const why = page.getByRole('region', { name: 'Nobody offers for it.', exact: true })
  await why.getByRole('link', { name: 'See it on the canvas' }).click()
  await page.locator('.svelte-flow__node.selected[data-id="no"]').waitFor()
  await panel('Give up').getByText('Nobody offers for it.').waitFor()
  await page
    .getByLabel(/^Note it, [^,]+, off,/)
    .first()
    .waitFor()
  await settled(page)
  for (const scheme of ['light', 'dark'] as const) {
    await wish(page, scheme)
    await expectAccessible(page)
    await picture(page, `run-canvas-off-${scheme}`)
  }
  await wish(page, 'light')
  await panel('Give up').getByRole('button', { name: 'Close' }).click()
  const far = page.getByRole('region', { name: 'How far it is' })
  await far.getByText('1 skipped').waitFor()
  expect(await far.getByText(/ off$/).count()).toBe(0)

  await page.getByRole('link', { name: 'Timeline' }).click()
  const bar = page.getByRole('treeitem', { name: /^Weigh it, failed/ })
  await bar.click()
  await page.getByRole('dialog', { name: 'Weigh it' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator('[role=treeitem][aria-selected=true]', { hasText: 'Weigh it' }).waitFor()
  await bar.click()
  await page.getByRole('dialog', { name: 'Weigh it' }).waitFor()
  await expectAccessible(page)
  await picture(page, 'run-drawer')
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await picture(page, 'run-drawer-390')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('dialog', { name: 'Weigh it' }).getByRole('link', { name: 'On the canvas' }).click()
  await page.locator('.svelte-flow__node.selected[data-id="weigh"]').waitFor()
  await panel('Weigh it').getByText('The scales are broken.').first().waitFor()
})
