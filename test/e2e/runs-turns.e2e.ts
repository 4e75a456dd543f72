import { beforeAll, expect, test } from 'vitest'
import type { Run } from '#schemas/runs.ts'
import { expectAccessible, expectNoSidewaysScroll, picture, wish } from '../harness/browser.ts'
import { node } from '../harness/builder.ts'
import { chain, code, drawing, install, nap } from '../harness/drawn.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'

const scene = setScene()
const looping = (concurrency: number) => ({
  id: 'each',
  kind: 'loop',
  title: 'Each car',
  with: { items: { cel: 'input.cars' }, concurrency, onFailure: 'collect' },
})
const taking = { input: { type: 'object', properties: { cars: { type: 'array' } } } }
const pricing = drawing(
  [
    looping(40),
    {
      ...code('check', 'if (input.price < 0) throw new Error("It is below zero."); return input.price', {
        price: { cel: 'item.price' },
      }),
      title: 'Check the price',
      within: 'each',
    },
    {
      id: 'fee',
      kind: 'map',
      title: 'Add the fee',
      within: 'each',
      with: { items: [1], to: { cel: 'steps.check + 5' } },
    },
    { id: 'end', kind: 'end' },
  ],
  [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'check' }, { from: 'check', to: 'fee' }],
  { name: 'Price the cars', ...taking },
)
const napping = drawing(
  [looping(20), { ...nap, title: 'Sleep on it', within: 'each' }, { id: 'end', kind: 'end' }],
  [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'nap' }],
  { name: 'Sleep on the cars', ...taking },
)
const cars = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ vin: `VIN${n + 1}`, price: n + 1 === 502 || n + 1 === 40 ? -1 : n + 1 }))

beforeAll(async () => {
  const { database, ctx } = scene.platform
  await install(database.db, ctx, pricing, 'pricing')
  await install(database.db, ctx, napping, 'napping')
})

const start = async (handle: string, count: number): Promise<Run> =>
  (await scene.platform.post<Run>(`/v1/automations/${handle}/runs`, { input: { cars: cars(count) } })).body
const openCanvas = async ({ id }: Run) => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/runs/${id}?view=canvas`)
  await page.getByRole('application', { name: /^Canvas/ }).waitFor()
}
const panel = (name: string) => scene.dana.page.getByRole('complementary', { name })

test('a loop over more than 500 is gone through turn by turn as one over a few', async () => {
  const { page } = scene.dana
  const run = await start('pricing', 510)
  await until(
    'the run is closed',
    async () => {
      const { run: now } = await scene.platform.get<{ run: Run }>(`/v1/runs/${run.id}`)
      return now.closedAt === null ? undefined : now
    },
    120_000,
  )
  await openCanvas(run)
  await page.getByLabel(/^Check the price, .*in all turns 2 failed, 508 done/).waitFor()
  await page.getByRole('region', { name: 'How far it is' }).getByText('2 turns failed').click()
  // the first that failed, with what it was about and why
  await panel('Check the price').getByText('It is below zero.').first().waitFor()
  const picker = panel('Check the price').getByRole('group', { name: 'Turn of Each car' })
  await picker.getByText('VIN40', { exact: true }).waitFor()
  expect(new URL(page.url()).searchParams.get('step')).toBe('check#40')

  // over the boundary of two pages, as if there were none
  await picker.getByRole('button', { name: 'Find a turn' }).click()
  const list = page.getByRole('dialog', { name: 'Turns of Each car' })
  await list.getByText('2 failed').waitFor()
  await list.getByRole('textbox', { name: 'Go to turn' }).fill('511')
  await page.keyboard.press('Enter')
  await list.getByText('No such turn has begun.').waitFor()
  await list.getByRole('textbox', { name: 'Go to turn' }).fill('500')
  await page.keyboard.press('Enter')
  await panel('Check the price').getByText('500', { exact: true }).first().waitFor()
  await picker.getByRole('button', { name: 'The next turn', exact: true }).click()
  await picker.getByText('VIN501', { exact: true }).waitFor()
  await picker.getByRole('button', { name: 'The next turn', exact: true }).click()
  await panel('Check the price').getByText('It is below zero.').first().waitFor()
  // its attempts and what it was given, read from the page
  await panel('Check the price').getByText('How it was executed').waitFor()
  await panel('Check the price').getByText('-1', { exact: true }).first().waitFor()

  await picker.getByRole('button', { name: 'Find a turn' }).click()
  await list.getByRole('button', { name: 'Turn 40, failed' }).click()
  await picker.getByText('VIN40', { exact: true }).waitFor()
  await list.waitFor({ state: 'detached' })
  // a link to a turn leads there
  await page.goto(`${scene.platform.url}/runs/${run.id}?view=canvas&step=fee%23507`)
  await panel('Add the fee').getByText('512', { exact: true }).waitFor()

  const turns = panel('Add the fee').getByRole('group', { name: 'Turn of Each car' })
  await turns.getByRole('button', { name: 'Find a turn' }).click()
  await list.waitFor()
  for (const scheme of ['light', 'dark'] as const) {
    await wish(page, scheme)
    await expectAccessible(page)
    await picture(page, `turns-${scheme}`)
  }
  await page.keyboard.press('Escape')
  await wish(page, 'light')
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await picture(page, 'turns-390')
  await page.setViewportSize({ width: 1440, height: 900 })
})

test('while its pages are at work the turns are counted live, and a step of one is passed over in its page', async () => {
  const { page } = scene.dana
  const run = await start('napping', 503)
  await openCanvas(run)
  await page.getByLabel(/^Sleep on it, .*in all turns 8 (waiting|running)/).waitFor()
  await node(page, 'nap').click()
  const picker = panel('Sleep on it').getByRole('group', { name: 'Turn of Each car' })
  await picker.getByText('503/503').waitFor()
  await page.getByRole('button', { name: 'Skip', exact: true }).click()
  await page.getByRole('button', { name: 'Skip step' }).click()
  await panel('Sleep on it').getByText('Skipped by Dana Whitfield').first().waitFor()
  await page.getByLabel(/^Sleep on it, .*in all turns .*1 skipped/).waitFor()
  await scene.platform.post(`/v1/runs/${run.id}/cancel`)
  await page.getByLabel(/^Each car, .*stopped/).waitFor()
})
