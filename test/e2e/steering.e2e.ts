import OpenAI, { PermissionDeniedError } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'
import { startUpstream, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({ processes: ['api', 'worker'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let upstream: TestUpstream
let secret = ''
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream[Symbol.asyncDispose]())

const text = `# What the house has agreed on.
name: House rules
rules:
  # Contracts never leave.
  - id: no-contracts
    when: prompt.text.contains("contract")
    decide:
      deny:
        reason: Contracts are not for models.
`
const client = () => new OpenAI({ apiKey: secret, baseURL: `${scene.platform.url}/gateway/openai/v1`, maxRetries: 0 })
const ask = (content: string) =>
  client().chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }] })
const tab = (name: string) => scene.dana.page.getByRole('tab', { name, exact: true }).click()

test('without policies the screen says what they are for', async () => {
  const { platform, dana } = scene
  await withTenant(platform.database.db, platform.ctx, async (tx) => {
    const seal = createSeal([testKey])
    await addProvider(tx, platform.ctx, seal, { kind: 'openai', name: 'one', baseUrl: upstream.url, apiKey: 'sk-1' })
    const targets = [{ provider: 'one', model: 'gpt-5-mini', weight: 1, priority: 0 }]
    await addRoute(tx, platform.ctx, { alias: 'fast', targets })
    secret = (await createVirtualKey(tx, platform.ctx, { name: 'Desk', models: null, tags: {} })).key
  })
  for (const content of ['What is a lease?', 'And a loan?', 'What does the contract say?']) await ask(content)
  await dana.page.goto(`${platform.url}/gateway/steering`)
  await dana.page.getByText('No policies yet').waitFor()
  await look(dana.page, 'steering-empty')
})

test('a policy is written as text, a rule is drawn beside it, and the comments stay', async () => {
  const { page } = scene.dana
  await page.getByRole('button', { name: 'New policy' }).click()
  await page.getByRole('heading', { level: 1, name: 'New policy' }).waitFor()
  await tab('Text')
  const editor = page.getByRole('textbox', { name: 'The rules as text' })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text.replace('prompt.text', 'prompt.txt'))
  await page.getByText(/There is no field “txt” here/).waitFor()
  await look(page, 'steering-text-problem')
  await page.getByRole('button', { name: 'Write “text”' }).click()
  await page.getByRole('heading', { level: 1, name: 'House rules' }).waitFor()
  await page.getByText(/There is no field/).waitFor({ state: 'detached' })

  await tab('Rules')
  await page.getByRole('button', { name: /^no-contracts/ }).waitFor()
  await page.getByRole('button', { name: 'New rule' }).click()
  const card = page.getByRole('article', { name: 'rule', exact: true })
  await card.getByLabel('Id').fill('short')
  await card.getByLabel('Id').blur()
  const short = page.getByRole('article', { name: 'short' })
  await short.getByRole('button', { name: 'Add a rule' }).click()
  await short.getByLabel('What is compared').fill('prompt.tokens')
  await short.getByLabel('What is compared').blur()
  await short.getByLabel('How', { exact: true }).selectOption('less')
  await short.getByLabel('With what').fill('500.0')
  await short.getByLabel('With what').blur()
  await short.getByLabel('Then').selectOption('targets')
  await short.getByLabel('Model of target 1').fill('gpt-5-nano')
  await short.getByLabel('Model of target 1').blur()
  await page.getByText('Saved', { exact: true }).waitFor()
  await look(page, 'steering-rules')
  await page.getByRole('button', { name: 'Move short up' }).click()
  await page.getByText('“short” is now rule 1 of 2.').waitFor()
  await page.getByRole('button', { name: 'Move short down' }).click()

  await tab('Text')
  await until('the text says both', async () => (await editor.innerText()).includes('gpt-5-nano'))
  const written = await editor.innerText()
  expect(written).toContain('# What the house has agreed on.')
  expect(written).toContain('# Contracts never leave.')
  expect(written).toMatch(/- id: short\s+when: prompt\.tokens < 500\.0/)
})

test('it is tried on a request, with the reason for each rule, and replayed on what was recorded', async () => {
  const { page } = scene.dana
  await tab('Try')
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText('Refused with 403 by no-contracts').waitFor()
  const rules = page.getByRole('list', { name: 'The rules, in the order in which they are looked at' })
  await rules.getByText('It decided.').waitFor()
  await rules.getByText('“no-contracts” had decided before it.').waitFor()
  // what the pointer is over has colours of its own
  await page.mouse.move(0, 0)
  await look(page, 'steering-try')

  await tab('Replay')
  await page.getByText('Nothing was replayed yet').waitFor()
  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  await page.getByText('3 requests cannot be told').waitFor()
  await page.mouse.move(0, 0)
  await look(page, 'steering-replay')
})

test('published, it denies a real request with its reason, and the request says by which rule', async () => {
  const { dana, platform } = scene
  const { page } = dana
  await page.getByRole('button', { name: 'Publish…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('What is new, and why').fill('As agreed with legal.')
  await look(page, 'steering-publish')
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('version 1 in force').waitFor()
  await tab('Versions')
  await page.getByText('As agreed with legal.').waitFor()

  await until('the rule counts', async () =>
    ask('What does the contract say?').then(
      () => false,
      (error: unknown) => error instanceof PermissionDeniedError,
    ),
  )
  await expect(ask('What does the contract say?')).rejects.toMatchObject({
    status: 403,
    error: { message: 'Contracts are not for models.', code: 'denied_by_rule' },
  })
  const { response } = await client()
    .chat.completions.create({ model: 'fast', messages: [{ role: 'user', content: 'What is a lease?' }] })
    .withResponse()
  expect(response.headers.get('x-auterity-rule')).toMatch(/^pol_\w+@1\/short$/)
  expect(response.headers.get('x-auterity-model')).toBe('gpt-5-nano')

  await page.goto(`${platform.url}/gateway`)
  await page
    .getByRole('row', { name: /fast .*Refused/ })
    .first()
    .click()
  await page.getByText('Contracts are not for models.').waitFor()
  await look(page, 'steering-request')
  await page.getByRole('link', { name: 'no-contracts' }).click()
  await page.getByRole('heading', { level: 1, name: 'House rules' }).waitFor()
})

test('what changed is shown line by line before it is published, and a version can be rolled back to', async () => {
  const { page } = scene.dana
  await page.getByRole('button', { name: /^short/ }).click()
  await page.getByRole('article', { name: 'short' }).getByRole('switch', { name: 'On' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  await page.getByText('unpublished changes').waitFor()
  await page.getByRole('button', { name: 'Publish…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('enabled: false').waitFor()
  await look(page, 'steering-publish-diff')
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('version 2 in force').waitFor()
  await tab('Versions')
  await page.getByRole('button', { name: 'Roll back to version 1' }).click()
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await page.getByText('Version 1 is in force again.').waitFor()
  await page.getByText('version 1 in force', { exact: true }).waitFor()
})

test('it works on a phone', async () => {
  const { dana, platform } = scene
  const { page } = dana
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${platform.url}/gateway/steering`)
  await settled(page)
  await expectNoSidewaysScroll(page)
  await page.getByRole('link', { name: 'House rules' }).click()
  await page.getByRole('button', { name: /^no-contracts/ }).click()
  await look(page, 'steering-phone')
  for (const view of ['Text', 'Try', 'Replay', 'Versions']) {
    await tab(view)
    await settled(page)
    await expectNoSidewaysScroll(page)
  }
})
