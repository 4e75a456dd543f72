import OpenAI, { AuthenticationError, NotFoundError } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import type { ModelRequest } from '#schemas/gateway/requests.ts'
import { newId } from '#schemas/ids.ts'
import { accounted } from '../harness/accounted.ts'
import { expectNoSidewaysScroll, isMarked, look, mark, settled, visit } from '../harness/browser.ts'
import { newPerson } from '../harness/people.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'
import { json, partly, startUpstream, words, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({ processes: ['api'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let one: TestUpstream
let two: TestUpstream
let secret = ''
beforeAll(async () => {
  ;[one, two] = await Promise.all([startUpstream(), startUpstream()])
})
afterAll(() => Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]))

const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'What is on the lot?' }] }
const client = (apiKey = secret) =>
  new OpenAI({ apiKey, baseURL: `${scene.platform.url}/gateway/openai/v1`, maxRetries: 0 })
const dialog = () => scene.dana.page.getByRole('dialog')
const open = async (part = '') => {
  const { page } = scene.dana
  await page.goto(`${scene.platform.url}/gateway${part}`)
  await settled(page)
  return page
}
const addProvider = async (kind: string, name: string, upstream: TestUpstream, picture?: string) => {
  const { page } = scene.dana
  await page.getByRole('button', { name: 'Add provider' }).click()
  await dialog().getByRole('radio', { name: kind }).check()
  await dialog().getByLabel('Name').fill(name)
  await dialog().getByLabel('Address').fill(upstream.url)
  await dialog().getByRole('textbox', { name: 'Key' }).fill('sk-proj-a-secret-of-north')
  if (picture !== undefined) await look(page, picture)
  await dialog().getByRole('button', { name: 'Add provider' }).click()
  await page.getByRole('article', { name }).waitFor()
}

test('one who begins is led from the first provider to the first answer, which appears by itself', async () => {
  const { page } = scene.dana
  await page.keyboard.press('g')
  await page.keyboard.press('m')
  await page.getByRole('heading', { name: 'First steps' }).waitFor()
  await page.getByText('0 of 4 done').waitFor()
  await page.getByText('No requests yet').waitFor()
  await look(page, 'gateway-empty')

  await page.getByRole('link', { name: 'Add a provider' }).click()
  await page.getByText('No providers yet').waitFor()
  await addProvider('OpenAI GPT', 'one', one, 'gateway-add-provider')
  await addProvider('OpenAI-compatible', 'two', two)
  await page.getByText('1 of 4 done').waitFor()
  await page.getByText('…orth').first().waitFor()

  await page.getByRole('link', { name: 'Add a route' }).click()
  await page.getByRole('button', { name: 'Add route' }).click()
  await dialog().getByLabel('Name').fill('fast')
  await dialog().getByLabel('Provider of target 1').selectOption('one')
  await dialog().getByLabel('Model of target 1').fill('gpt-5-mini')
  await dialog().getByRole('button', { name: 'Add a target to fall back on' }).click()
  await dialog().getByLabel('Provider of target 2').selectOption('two')
  await dialog().getByLabel('Model of target 2').fill('qwen3-32b')
  await look(page, 'gateway-add-route')
  await dialog().getByRole('button', { name: 'Add route' }).click()
  await page.getByText('Asked second, where nobody before answers').waitFor()

  await page.getByRole('link', { name: 'Create a key' }).click()
  await page.getByRole('button', { name: 'Create key' }).click()
  await dialog().getByLabel('Name').fill('Service desk')
  await dialog().getByLabel('Every model').uncheck()
  await dialog().getByLabel('fast').check()
  await dialog().getByLabel('Tags').fill('store=north')
  await look(page, 'gateway-create-key')
  await dialog().getByRole('button', { name: 'Create key' }).click()
  secret = await page.getByRole('textbox', { name: 'Key for models' }).inputValue()
  expect(secret).toMatch(/^sk-aut-/)
  await page.getByRole('tab', { name: 'Python' }).click()
  const snippet = page.getByRole('group', { name: 'Python, text' })
  expect(await snippet.innerText()).toContain(`base_url="${scene.platform.url}/gateway/openai/v1"`)
  await look(page, 'gateway-key-told')

  await page.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'Requests' }).click()
  await page.getByText('No requests yet').waitFor()
  await mark(page)
  const answer = await client().chat.completions.create(question)
  expect(answer.choices[0]?.message.content).toBe(words.join(''))
  const row = page.getByRole('row', {
    name: /fast one\/gpt-5-mini Answered Service desk 1,000 500 cached 100 \$0\.00034/,
  })
  await row.waitFor()
  await page.getByText('All set: your first request came through').waitFor()
  expect(await isMarked(page)).toBe(true)
  expect(await page.content()).not.toContain(secret)

  await row.click()
  await page.getByRole('heading', { level: 1, name: 'fast' }).waitFor()
  await page.getByText('by genai-prices').waitFor()
  await page.getByText('store=north').waitFor()
  await page.getByRole('rowheader', { name: /^one\/gpt-5-mini/ }).waitFor()
  await page.getByText('Read from the provider’s cache').waitFor()
  await look(page, 'gateway-request')
})

test('a request that another provider answers, and one that breaks off, say so in the list and on their pages', async () => {
  one.next(json(503, { error: { message: 'All our machines are busy.', type: 'server_error' } }))
  await client().chat.completions.create(question)
  const page = await open()
  await page.getByRole('row', { name: /fast two\/qwen3-32b after 1 failed Answered/ }).click()
  const asked = page.getByRole('table', { name: 'Where the time went' }).getByRole('rowheader')
  await asked.first().waitFor()
  expect(await asked.allInnerTexts()).toEqual([
    expect.stringMatching(/^Read/),
    expect.stringMatching(/^one\/gpt-5-mini\s+The provider is overloaded/),
    expect.stringMatching(/^two\/qwen3-32b\s+answered/),
  ])
  await page.getByText('no price', { exact: true }).waitFor()
  await look(page, 'gateway-request-failover')

  one.next(partly(4, (response) => response.destroy()))
  const stream = await client().chat.completions.create({ ...question, stream: true })
  await expect(
    (async () => {
      for await (const _ of stream);
    })(),
  ).rejects.toThrow()
  await open('?outcome=cut')
  expect(await page.getByLabel('Outcome').inputValue()).toBe('cut')
  await page.getByRole('row', { name: /fast one\/gpt-5-mini Cut off/ }).click()
  await page.getByText('The answer broke off; the caller was told.').waitFor()
  await page.getByText('Estimated by what was asked and what came').waitFor()
  await page.getByText(/^about \$/).waitFor()
  await look(page, 'gateway-request-cut')

  await expect(client().chat.completions.create({ ...question, model: 'odd' })).rejects.toThrow(NotFoundError)
  await open()
  await page.getByRole('row', { name: /odd Refused/ }).waitFor()
  await page.getByLabel('Model', { exact: true }).selectOption('odd')
  await page.getByRole('row', { name: /fast/ }).first().waitFor({ state: 'detached' })
  expect(new URL(page.url()).searchParams.get('model')).toBe('odd')
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('row', { name: /fast/ }).first().waitFor()
  await look(page, 'gateway-requests')
})

test('a request that is not written down yet says so, and is there once it is', async () => {
  const id = newId('modelRequest')
  const page = await open(`/requests/${id}`)
  await page.getByText('Not there yet').waitFor()
  await look(page, 'gateway-request-not-yet')
  const { tenant } = scene.platform.ctx
  const attempts = [
    { provider: 'one', model: 'gpt-5-mini', failure: 'rate_limited', at: 0.3, ms: 310 },
    { provider: 'openai', model: 'gpt-5-mini', at: 310.5, ms: 2140 },
  ]
  const late = { ...accounted, id, tenant, stream: true, firstByteMs: 820, totalMs: 2451, overheadMs: 0.6, attempts }
  await writeRequests(scene.platform.database.db, [late])
  await page.getByRole('heading', { level: 1, name: 'fast' }).waitFor()
  await page.getByText('The provider allows no more for now').waitFor()
  await look(page, 'gateway-request-slow')
})

test('what comes while one reads further down waits to be asked for', async () => {
  const { tenant } = scene.platform.ctx
  const write = (asked: string, count: number) =>
    writeRequests(
      scene.platform.database.db,
      Array.from({ length: count }, () => ({ ...accounted, id: newId('modelRequest'), tenant, asked })),
    )
  await write('older', 60)
  const page = await open('?model=gpt-5-mini')
  const rows = page.getByRole('table', { name: 'Requests' }).getByRole('row')
  await rows.nth(45).scrollIntoViewIfNeeded()
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))')
  await write('newer', 2)
  const held = page.getByRole('button', { name: '2 new' })
  await held.waitFor()
  expect(await rows.filter({ hasText: 'newer' }).count()).toBe(0)
  await held.click()
  await rows.filter({ hasText: 'newer' }).nth(1).waitFor()
  await held.waitFor({ state: 'detached' })
})

test('a route is changed with the keyboard alone, and what is in use tells what its end would break', async () => {
  const page = await open('/routes')
  await look(page, 'gateway-routes')
  await page.getByRole('button', { name: 'Change fast' }).click()
  await dialog().getByLabel('Model of target 2').focus()
  await page.keyboard.press('Alt+ArrowUp')
  await dialog().getByText('Asked second').waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.dataset.act')).toBe('model')
  await dialog().getByLabel('Weight of target 1').fill('3')
  await dialog().getByText('75 %').waitFor()
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('“fast” goes to its new models from now on.').waitFor()
  await page.getByText('25 %').waitFor()

  await page.getByRole('button', { name: 'Delete fast' }).click()
  await dialog().getByText('Callers that ask for “fast” are refused from then on.').waitFor()
  await dialog().getByText('“Service desk”').waitFor()
  await look(page, 'gateway-delete-route')
  await dialog().getByRole('button', { name: 'Keep as it is' }).click()

  await open('/providers')
  await page.getByRole('button', { name: 'More for one' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await dialog().getByText('The route “fast” leads to it.').waitFor()
  await dialog().getByRole('button', { name: 'Keep as it is' }).click()
  await page.getByRole('button', { name: 'Add a key for two' }).click()
  await dialog().getByRole('textbox', { name: 'Key' }).fill('sk-second-0002')
  await dialog().getByLabel('Label').fill('Night shift')
  await dialog().getByRole('button', { name: 'Add key' }).click()
  await page.getByRole('article', { name: 'two' }).getByText('Night shift', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Forget Night shift' }).click()
  await dialog().getByRole('button', { name: 'Forget' }).click()
  await page.getByText('Night shift', { exact: true }).waitFor({ state: 'detached' })
  await page.getByRole('switch', { name: 'Ask two' }).click()
  await page.getByRole('article', { name: 'two' }).getByText('switched off').waitFor()
  await look(page, 'gateway-providers')
})

test('a key that is rotated tells its secret once and how long the one before is good; revoked, it opens nothing', async () => {
  const page = await open('/keys')
  await page.getByRole('button', { name: 'Rotate Service desk' }).click()
  await look(page, 'gateway-rotate')
  await dialog().getByRole('button', { name: 'Rotate' }).click()
  await page.getByText(/has a new secret\. The one before is good until/).waitFor()
  const next = await page.getByRole('textbox', { name: 'Key for models' }).inputValue()
  expect(next).not.toBe(secret)
  await client().chat.completions.create(question)
  await client(next).chat.completions.create(question)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByText('The secret before this one is good too').waitFor()
  expect(await page.content()).not.toContain(next)

  await page.getByRole('button', { name: 'More for Service desk' }).click()
  await page.getByRole('menuitem', { name: 'Name, models and tags' }).click()
  await dialog().getByLabel('Tags').fill('Store')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog()
    .getByText(/is a name of at most 40 small letters/)
    .waitFor()
  await dialog().getByLabel('Tags').fill('store=north, team=service')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('store=north, team=service').waitFor()
  await look(page, 'gateway-keys')

  await page.getByRole('button', { name: 'More for Service desk' }).click()
  await page.getByRole('menuitem', { name: 'Revoke' }).click()
  await dialog().getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('revoked', { exact: true }).waitFor()
  const refused = (key: string) =>
    client(key)
      .chat.completions.create(question)
      .then(
        () => false,
        (error: unknown) => error instanceof AuthenticationError,
      )
  for (const key of [secret, next]) await until('the key is refused', () => refused(key))
})

test('who may only watch sees requests, routes, providers and keys, and no button to change them', async () => {
  const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'viewer')
  await using elena = await visit(scene.browser, `${scene.platform.url}/link#${token}`)
  const { page } = elena
  const buttons = page
    .getByRole('main')
    .getByRole('button', { name: /Add|Create|Change|Delete|Rotate|Forget|More for/ })
  const shown: [string, string][] = [
    ['/gateway', 'openai/gpt-5-mini'],
    ['/gateway/routes', 'two/qwen3-32b'],
    ['/gateway/providers', 'switched off'],
    ['/gateway/keys', 'Service desk'],
  ]
  for (const [path, text] of shown) {
    await page.goto(`${scene.platform.url}${path}`)
    await settled(page)
    await page.getByText(text).first().waitFor()
    expect(await buttons.count(), path).toBe(0)
    expect(await page.getByRole('main').getByRole('switch').count(), path).toBe(0)
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Models' }).click()
  await page.getByRole('heading', { level: 1, name: 'Requests to models' }).waitFor()
  await expectNoSidewaysScroll(page)
  expect(elena.complaints).toEqual([])
  const { items } = await scene.platform.get<{ items: ModelRequest[] }>('/v1/gateway/requests?outcome=ok')
  expect(items.length).toBeGreaterThan(3)
})
