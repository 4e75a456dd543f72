import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { newId } from '#schemas/ids.ts'
import { accounted } from '../harness/accounted.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { setScene } from '../harness/scene.ts'
import { findLevers } from '#activities/gateway/store-levers.ts'

const scene = setScene({ processes: ['api'] })

test('levers are turned on and off, and what each saved stands beside it and at the request', async () => {
  const { page } = scene.dana
  const { ctx, database, url } = scene.platform
  await page.goto(`${url}/gateway/levers`)
  await settled(page)
  const marks = page.getByRole('switch', { name: 'Marked prompts' })
  const trims = page.getByRole('switch', { name: 'Trimmed prompts' })
  await marks.waitFor()
  expect(await marks.getAttribute('aria-checked')).toBe('false')
  await page.getByText('nothing saved yet').first().waitFor()
  await look(page, 'gateway-levers-off')

  await marks.focus()
  await page.keyboard.press('Space')
  await page.getByText('Marked prompts: on from now on.').waitFor()
  await trims.click()
  await page.getByText('Trimmed prompts: on from now on.').waitFor()
  await page.reload()
  await settled(page)
  for (const one of [marks, trims]) expect(await one.getAttribute('aria-checked')).toBe('true')
  await trims.click()
  await page.getByText('Trimmed prompts: off from now on.').waitFor()
  const kept = await withTenant(database.db, ctx, (tx) => findLevers(tx, ctx))
  expect(kept).toMatchObject({ marks: true, trims: false })

  const id = newId('modelRequest')
  await writeRequests(database.db, [
    {
      ...accounted,
      id,
      tenant: ctx.tenant,
      at: Date.now(),
      trimmed: { passages: 2, tokens: 1240 },
      marked: true,
      attempts: accounted.attempts.map((one) => ({ ...one, marked: true as const })),
      saved: { cache: 0, promptCache: 0, routing: 0, marks: -0.25e9, trimming: 0.5e9 },
    },
  ])
  await page.reload()
  await settled(page)
  const list = page.getByRole('list', { name: 'Levers' })
  await list.getByRole('listitem').filter({ hasText: 'Trimmed prompts' }).getByText('saved $0.50').waitFor()
  await list.getByRole('listitem').filter({ hasText: 'Marked prompts' }).getByText('cost $0.25 more').waitFor()
  await look(page, 'gateway-levers')
  await page.setViewportSize({ width: 390, height: 844 })
  await settled(page)
  await expectNoSidewaysScroll(page)
  await look(page, 'gateway-levers-phone')
  await page.setViewportSize({ width: 1440, height: 900 })

  await page.goto(`${url}/gateway/requests/${id}`)
  await page.getByText('about 1,240 tokens').waitFor()
  await page.getByText('2 passages said before').waitFor()
  await page.getByText('answered, its prompt marked').waitFor()
  await page.getByText('$0.25 more by marked prompts').waitFor()
  await settled(page)
  await look(page, 'gateway-request-levers')

  await page.goto(`${url}/gateway/costs`)
  await page.getByText('Trimmed prompts').waitFor()
  await settled(page)
  await look(page, 'gateway-costs-levers')
})

test('levers that do not come are asked for again', async () => {
  const { page } = scene.dana
  await page.route('**/v1/gateway/levers', (route) => route.fulfill({ status: 500, body: '{}' }))
  await page.goto(`${scene.platform.url}/gateway/levers`)
  await page.getByRole('button', { name: /again/i }).waitFor()
  await look(page, 'gateway-levers-failed')
  await page.unroute('**/v1/gateway/levers')
  await page.getByRole('button', { name: /again/i }).click()
  await page.getByRole('switch', { name: 'Marked prompts' }).waitFor()
  // it is the failure that was asked for
  for (const one of scene.dana.complaints.splice(0)) expect(one).toContain('/v1/gateway/levers answered 500')
})
