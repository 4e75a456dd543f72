import { beforeAll, expect, test } from 'vitest'
import { picture } from '../harness/browser.ts'
import { chain, drawing, install } from '../harness/drawn.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene()

const callbacks = drawing(
  [
    { id: 'later', kind: 'wait', with: { for: 'duration', duration: '2h' } },
    { id: 'end', kind: 'end' },
  ],
  chain('start', 'later', 'end'),
  { name: 'Call back' },
)
const begin = () => scene.platform.post('/v1/automations/callbacks/runs', { input: {} })

beforeAll(() => install(scene.platform.database.db, scene.platform.ctx, callbacks, 'callbacks'))

test('the runs of a page are picked at once, or all that match; the bar for that is the only one', async () => {
  const { page } = scene.dana
  await page.setViewportSize({ width: 1280, height: 800 })
  await Promise.all(Array.from({ length: 60 }, () => begin()))
  await page.goto(`${scene.platform.url}/runs?text=call`)
  await page.getByRole('button', { name: 'Cancel…' }).waitFor()
  await page.getByRole('checkbox', { name: 'Pick all shown' }).check()
  const bar = page.getByRole('toolbar', { name: 'Picked runs' })
  await bar.getByText(/^\d+ picked$/).waitFor()
  expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(1)
  await page.getByRole('checkbox', { name: 'Pick all shown' }).uncheck()
  await bar.waitFor({ state: 'detached' })

  await page.goto(`${scene.platform.url}/runs`)
  await page.getByRole('button', { name: 'Load more' }).waitFor()
  await page.getByRole('checkbox', { name: 'Pick all shown' }).check()
  await bar.getByRole('button', { name: 'All that match' }).click()
  await bar.getByText(/^All \d+ that match$/).waitFor()
  await picture(page, 'runs-all-that-match')
  await bar.getByRole('button', { name: /^Cancel/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel many runs' })
  await dialog.getByRole('button', { name: 'Cancel 60 runs' }).click()
  await page.getByText(/and all have ended$/).waitFor()
  await page.getByText('All cancelled', { exact: true }).waitFor()
})
