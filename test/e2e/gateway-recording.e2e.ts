import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { saying } from '../harness/guarded.ts'
import { setScene } from '../harness/scene.ts'
import { startUpstream, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({ processes: ['api'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let upstream: TestUpstream
let client: OpenAI
beforeAll(async () => {
  upstream = await startUpstream()
  const { ctx, database, url } = scene.platform
  const { key } = await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'openai', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    await addRoute(tx, ctx, {
      alias: 'fast',
      targets: [{ provider: 'openai', model: 'gpt-5-mini', weight: 1, priority: 0 }],
    })
    return createVirtualKey(tx, ctx, { name: 'Service desk', models: null, tags: { store: 'north' } })
  })
  client = new OpenAI({ apiKey: key, baseURL: `${url}/gateway/openai/v1`, maxRetries: 0 })
})
afterAll(() => upstream[Symbol.asyncDispose]())

const image = `data:image/png;base64,${Buffer.alloc(3_000).toString('base64')}`
/** Asks with an image and a tool's answer; gives the id of the request. */
const ask = async (): Promise<string> => {
  upstream.next(saying(() => ({ thought: 'It has to be booked.', args: '{"lot":"north","model":"Corolla"}' })))
  const reply = await client.chat.completions
    .create({
      model: 'fast',
      messages: [
        { role: 'system', content: 'You answer for the service desk.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Is this Corolla still on the lot?' },
            { type: 'image_url', image_url: { url: image } },
          ],
        },
        {
          role: 'assistant',
          tool_calls: [
            { id: 'call_7', type: 'function', function: { name: 'stock', arguments: '{"model":"Corolla"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_7', content: '{"north":2,"south":0}' },
      ],
    })
    .asResponse()
  return reply.headers.get('x-request-id') ?? ''
}
const panel = () => scene.dana.page.getByRole('region', { name: 'What was said' })
const open = async (id: string) => {
  await scene.dana.page.goto(`${scene.platform.url}/gateway/requests/${id}`)
  await panel().waitFor()
}

test('bodies are recorded once somebody turns it on, read on request, and deleted', async () => {
  const { page } = scene.dana
  const { url } = scene.platform
  const before = await ask()
  await page.goto(`${url}/gateway/recording`)
  await page.getByRole('heading', { name: 'Off', exact: true }).waitFor()
  await settled(page)
  await look(page, 'gateway-recording-off')
  await page.getByRole('button', { name: 'Turn on' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Record', { exact: true }).selectOption('some')
  await dialog.getByLabel('Tags').fill('store=north, =x')
  await dialog.getByLabel('Deleted after, in days').fill('14')
  await settled(page)
  await look(page, 'gateway-recording-dialog')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText(/is a tag such as/).waitFor()
  await dialog.getByLabel('Tags').fill('store=north')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'On', exact: true }).waitFor()
  await page.getByText('store=north').waitFor()

  const id = await ask()
  await open(before)
  await panel().getByText('Not recorded.').waitFor()
  await open(id)
  const read = panel().getByRole('button', { name: 'Read' })
  while (!(await read.isVisible())) await panel().getByRole('button', { name: 'Look again' }).or(read).first().click()
  await read.click()
  await panel().getByText('Is this Corolla still on the lot?').waitFor()
  await panel().getByText('Image: image/png, 3.0 kB').waitFor()
  await panel().getByText('calls write').waitFor()
  await panel().getByText('What it thought').click()
  await panel().getByText('It has to be booked.').waitFor()
  await settled(page)
  await look(page, 'gateway-request-bodies')
  await page.setViewportSize({ width: 390, height: 844 })
  await settled(page)
  await expectNoSidewaysScroll(page)
  await look(page, 'gateway-request-bodies-phone')
  await page.setViewportSize({ width: 1440, height: 900 })
  await panel().getByRole('button', { name: 'As JSON' }).click()
  await panel().getByText('"gpt-5-mini"').waitFor()
  await settled(page)
  await look(page, 'gateway-request-bodies-json')

  await page.goto(`${url}/gateway/recording`)
  await page.getByText(/^1 request, /).waitFor()
  await settled(page)
  await look(page, 'gateway-recording')
  await open(id)
  await panel().getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await panel().getByText('Deleted.', { exact: true }).waitFor()
  await page.goto(`${url}/settings/audit`)
  await page
    .getByText(/bodies.opened/i)
    .first()
    .waitFor()
  await page
    .getByText(/bodies.deleted/i)
    .first()
    .waitFor()
})

test('all bodies are deleted together', async () => {
  const { page } = scene.dana
  await ask()
  await page.goto(`${scene.platform.url}/gateway/recording`)
  await page.getByRole('button', { name: 'Delete all' }).click()
  const dialog = page.getByRole('dialog')
  await settled(page)
  await look(page, 'gateway-recording-delete')
  await dialog.getByRole('button', { name: 'Delete all' }).click()
  await page.getByText('nothing', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: 'Delete all' }).isDisabled()).toBe(true)
})

test('settings that do not come are asked for again', async () => {
  const { page } = scene.dana
  await page.route('**/v1/gateway/recording', (route) => route.fulfill({ status: 500, body: '{}' }))
  await page.goto(`${scene.platform.url}/gateway/recording`)
  await page.getByRole('button', { name: /again/i }).waitFor()
  await look(page, 'gateway-recording-failed')
  await page.unroute('**/v1/gateway/recording')
  await page.getByRole('button', { name: /again/i }).click()
  await page.getByRole('heading', { name: 'On', exact: true }).waitFor()
  // it is the failure that was asked for
  for (const one of scene.dana.complaints.splice(0)) expect(one).toContain('/v1/gateway/recording answered 500')
})
