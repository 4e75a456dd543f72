import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ModelRequest } from '#schemas/gateway/requests.ts'
import type { ModelRoute } from '#schemas/gateway/routes.ts'
import { look, settled } from '../harness/browser.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'
import { json, startUpstream, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({ processes: ['api'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let one: TestUpstream
let two: TestUpstream
beforeAll(async () => {
  ;[one, two] = await Promise.all([startUpstream(), startUpstream()])
})
afterAll(() => Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]))

const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'What is on the lot?' }] }
const dialog = () => scene.dana.page.getByRole('dialog')
const open = async (part: string) => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/gateway/${part}`)
  await settled(page)
  return page
}

test('a route says whom it asks first, what its models can do, and how long it waits', async () => {
  const { platform } = scene
  for (const [name, { url }] of [['one', one] as const, ['two', two] as const])
    await platform.post('/v1/gateway/providers', { kind: 'openai', name, baseUrl: url, apiKey: `sk-of-${name}` })
  const targets = ['one', 'two'].map((provider, priority) => ({ provider, model: 'gpt-5-mini', priority }))
  await platform.post('/v1/gateway/routes', { alias: 'fast', targets })

  const page = await open('routes')
  await page.getByRole('button', { name: 'Change fast' }).click()
  await dialog().getByRole('button', { name: 'What target 1 can do' }).click()
  await dialog().getByLabel('It can be asked for everything').uncheck()
  await dialog().getByLabel('Audio').uncheck()
  await dialog().getByLabel('Longest question, in tokens').fill('400000')
  await dialog().getByLabel('Region').fill('eu-central-1')
  await dialog().getByText('Order, retries and waiting').click()
  await dialog().getByLabel('First of a tier').selectOption('fastest')
  await dialog().getByLabel('More rounds').fill('0')
  await dialog().getByLabel('First token, in seconds').fill('20')
  await look(page, 'gateway-route-ways')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('the fastest first · nobody is asked twice · the next after 20 s of silence').waitFor()
  await page.getByText(/up to 400,000 tokens · in eu-central-1/).waitFor()
  await look(page, 'gateway-routes-ways')

  const { items } = await platform.get<{ items: ModelRoute[] }>('/v1/gateway/routes')
  expect(items[0]).toMatchObject({
    targets: [
      {
        capabilities: ['vision', 'files', 'tools', 'structured', 'reasoning', 'streaming'],
        context: 400_000,
        region: 'eu-central-1',
      },
      { provider: 'two', model: 'gpt-5-mini', priority: 1 },
    ],
    routing: { choice: 'fastest', sticky: true, retries: 0, patience: 5, firstToken: 20, hedge: null },
  })
})

test('whoever fails again and again is seen to be left alone while the page is open, with why', async () => {
  const { platform } = scene
  const page = await open('providers')
  const { body } = await platform.post<{ key: string }>('/v1/gateway/keys', { name: 'Desk' })
  const client = new OpenAI({ apiKey: body.key, baseURL: `${platform.url}/gateway/openai/v1`, maxRetries: 0 })
  one.next(...Array.from({ length: 5 }, () => json(503, { error: { message: 'Out of capacity.' } })))
  for (let n = 0; n < 6; n++) await client.chat.completions.create(question)
  expect(one.asked).toHaveLength(5)
  const card = page.getByRole('article', { name: 'one' })
  await card.getByText('Left alone').waitFor()
  await card.getByText('Out of capacity.').waitFor()
  await card.getByText('5 failed').waitFor()
  await page.getByRole('list', { name: 'Changes of health' }).getByText('one/gpt-5-mini').waitFor()
  await page
    .getByRole('article', { name: 'two' })
    .getByText(/begins in/)
    .waitFor()
  await look(page, 'gateway-health')

  const { items } = await until('all is written down', async () => {
    const found = await platform.get<{ items: ModelRequest[] }>('/v1/gateway/requests')
    return found.items.length === 6 ? found : undefined
  })
  expect(items.map(({ provider, attempts }) => [provider, attempts.length])).toEqual([
    ['two', 1],
    ...Array.from({ length: 5 }, () => ['two', 2]),
  ])
})
