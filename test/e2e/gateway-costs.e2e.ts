import { expect, test } from 'vitest'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { newId } from '#schemas/ids.ts'
import { accounted } from '../harness/accounted.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { setScene } from '../harness/scene.ts'

const scene = setScene({ processes: ['api'] })
const hour = 3_600_000

test('what was spent is seen by what was asked for and by tag, with what was saved, and taken along as a table', async () => {
  const { page } = scene.dana
  const { ctx, database, url } = scene.platform
  await page.goto(`${url}/gateway/costs`)
  await settled(page)
  await page.getByText('Nothing was spent in this time').waitFor()
  await look(page, 'gateway-costs-empty')

  const row = (n: number) => ({
    ...accounted,
    id: newId('modelRequest'),
    tenant: ctx.tenant,
    at: Date.now() - n * 7 * hour,
    asked: n % 3 === 0 ? 'smart' : 'fast',
    tags: { store: n % 2 === 0 ? 'north' : 'south' },
    price: { nano: (n % 3 === 0 ? 4 : 1) * 1e9, book: 'test' },
    saved: { cache: 0, promptCache: 0.5e9, routing: n % 3 === 0 ? 0 : 1e9 },
  })
  await writeRequests(
    database.db,
    Array.from({ length: 12 }, (_, n) => row(n)),
  )
  await page.reload()
  await settled(page)
  // four times $4, eight times $1; half a dollar each by prompt caches, and one for each of the eight by rules
  const table = page.getByRole('table', { name: 'What each cost' })
  await table.getByRole('row', { name: /smart/ }).getByText('$16.00').waitFor()
  await page.getByText('37% of $38.00').waitFor()
  await look(page, 'gateway-costs')

  await page.getByLabel('By what').selectOption('Tag “store”')
  await table.getByRole('row', { name: /north/ }).getByText('$12.00').waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as CSV' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('costs-tag.csv')

  await page.setViewportSize({ width: 390, height: 844 })
  await settled(page)
  await expectNoSidewaysScroll(page)
  await look(page, 'gateway-costs-phone')
})
