import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { setScene } from '../harness/scene.ts'
import { json, startUpstream, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({ processes: ['api', 'worker'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let upstream: TestUpstream
beforeAll(async () => {
  upstream = await startUpstream()
  const { ctx, database } = scene.platform
  await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'openai', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    const targets = [{ provider: 'openai', model: 'gpt-5-mini', weight: 1, priority: 0 }]
    await addRoute(tx, ctx, { alias: 'fast', targets })
    await createVirtualKey(tx, ctx, { name: 'Nightly', models: null, tags: {} })
  })
})
afterAll(() => upstream[Symbol.asyncDispose]())

const line = (n: number, url = '/v1/chat/completions') =>
  JSON.stringify({
    custom_id: `car-${n}`,
    method: 'POST',
    url,
    body: { model: 'fast', messages: [{ role: 'user', content: `Describe car ${n}.` }] },
  })
const fileOf = (lines: readonly string[]) => ({
  name: 'cars.jsonl',
  mimeType: 'application/jsonl',
  buffer: Buffer.from(lines.join('\n')),
})

test('a file is checked before it starts, worked through while one looks, and its results are saved', async () => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/gateway/batches`)
  await settled(page)
  await page.getByText('No batches yet').waitFor()
  await look(page, 'gateway-batches-empty')

  await page.getByRole('button', { name: 'Start a batch' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('File').setInputFiles(fileOf([line(1), line(1), '{', line(2, '/v1/responses')]))
  await dialog.getByText('3 lines cannot be asked.').waitFor()
  await dialog.getByText('Line 3: This line is not JSON.').waitFor()
  expect(await dialog.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true)
  await look(page, 'gateway-batches-wrong')

  upstream.next(json(400, { error: { message: 'This car is not known.', type: 'invalid_request_error' } }))
  await dialog.getByLabel('File').setInputFiles(fileOf(Array.from({ length: 12 }, (_, n) => line(n))))
  await dialog.getByText('12 lines, each of which can be asked.').waitFor()
  expect(await dialog.getByLabel('Name').inputValue()).toBe('cars.jsonl')
  await dialog.getByLabel('Key').selectOption({ label: 'Nightly' })
  await look(page, 'gateway-batches-start')
  await dialog.getByRole('button', { name: 'Start 12 requests' }).click()

  await page.getByText('11 of 12 lines answered well').waitFor()
  await page.getByText('This car is not known.').waitFor()
  await page.getByText('$0.0037').waitFor()
  await look(page, 'gateway-batch')
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Results' }).click()
  const saved = await readFile(await (await saving).path(), 'utf8')
  expect(saved.trim().split('\n')).toHaveLength(11)
  await page.setViewportSize({ width: 390, height: 844 })
  await look(page, 'gateway-batch-phone')
  await expectNoSidewaysScroll(page)
  await page.getByRole('link', { name: 'Batches' }).first().click()
  await page.getByRole('link', { name: 'cars.jsonl' }).waitFor()
  await look(page, 'gateway-batches-phone')
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1280, height: 900 })
})

test('a batch is cancelled once that is confirmed', async () => {
  const { page } = scene.dana
  await scene.platform.kill('worker')
  await page.goto(`${scene.platform.url}/gateway/batches`)
  await page.getByRole('button', { name: 'Start a batch' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('File').setInputFiles(fileOf([line(1), line(2)]))
  await dialog.getByRole('button', { name: 'Start 2 requests' }).click()
  await page.getByText('0 of 2 lines answered').waitFor()
  await page.getByRole('button', { name: 'Cancel batch' }).click()
  await look(page, 'gateway-batch-cancel')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel batch' }).click()
  await page.getByText('Ending', { exact: true }).waitFor()
  await scene.platform.start('worker')
  await page.getByText('Cancelled', { exact: true }).waitFor()
  await page.getByText('This request was not asked before the batch was cancelled.').first().waitFor()
})
