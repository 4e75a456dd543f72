import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { expectNoSidewaysScroll, look, picture, settled, visit } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { newPerson } from '../harness/people.ts'
import { saying } from '../harness/guarded.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'
import { chunksOf, startUpstream, words, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({ processes: ['api'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let [fast, strong]: TestUpstream[] = []
beforeAll(async () => {
  ;[fast, strong] = await Promise.all([startUpstream(), startUpstream()])
})
beforeEach(() => {
  fast!.beginAnew()
  strong!.beginAnew()
})
afterAll(async () => {
  await fast![Symbol.asyncDispose]()
  await strong![Symbol.asyncDispose]()
})

const can = ['vision', 'tools', 'streaming'] as const
const said = words.join('')
const page = () => scene.dana.page
const message = () => page().getByRole('textbox', { name: 'Message', exact: true })
const answers = (model: string) => page().getByRole('article', { name: `${model}: answer` })
const open = async (path = '/gateway/playground') => {
  await page().goto(`${scene.platform.url}${path}`)
  await settled(page())
}
/** Holds an answer after so many of its events, until it is let go. */
const held = (count: number) => {
  const go = Promise.withResolvers<void>()
  const behaviour: Parameters<TestUpstream['next']>[0] = (response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const events = chunksOf(body)
    for (const event of events.slice(0, count)) response.write(event)
    const rest = async () => {
      await go.promise
      for (const event of events.slice(count)) response.write(event)
      response.end('data: [DONE]\n\n')
    }
    void rest()
  }
  return { behaviour, go: () => go.resolve() }
}

test('without a model to ask, the playground says what is missing', async () => {
  const models = '**/v1/gateway/playground/models'
  await page().route(models, (route) => route.fulfill({ json: { items: [] } }))
  await open()
  await page().getByText('No model to ask yet').waitFor()
  await look(page(), 'playground-none')
  await page().unroute(models)
  await page().route(models, (route) => route.fulfill({ status: 500, body: '{}' }))
  await page().reload()
  const again = page().getByRole('button', { name: /again/i })
  await again.waitFor()
  await look(page(), 'playground-error')
  await page().unroute(models)
  await again.click()
  await page().getByText('sandbox-lead-1').waitFor()
  // it is the failure that was asked for
  for (const one of scene.dana.complaints.splice(0)) expect(one).toContain('/models answered 500')
})

test('two models are asked the same, side by side, and go on from what each of them said', async () => {
  const { ctx, database } = scene.platform
  await withTenant(database.db, ctx, async (tx) => {
    for (const [name, upstream, model] of [
      ['fast', fast!, 'gpt-5-mini'],
      ['strong', strong!, 'gpt-5'],
    ] as const) {
      const given = { kind: 'openai', name, baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
      await addProvider(tx, ctx, createSeal([testKey]), given)
      const target = {
        provider: name,
        model,
        weight: 1,
        priority: 0,
        capabilities: [...can],
      }
      await addRoute(tx, ctx, { alias: name, targets: [target] })
    }
  })
  await open()
  await page().getByText('$0.25 in, $2.00 out per 1M tokens').waitFor()
  await look(page(), 'playground-empty')

  strong!.next(saying(() => ({ text: 'South has two.', thought: 'Counting.' })))
  await page().getByLabel('System prompt').fill('You answer for the service desk.')
  await page().getByLabel('Temperature').fill('0.5')
  await page().getByLabel('Stop at').fill('END')
  await message().fill('Which lot has two?')
  await message().press('Control+Enter')
  await answers('fast').getByText(said).waitFor()
  await answers('strong').getByText('South has two.').waitFor()
  await answers('fast')
    .getByText(/1,000 in \(500 cached\), 100 out/)
    .waitFor()
  await answers('fast').getByText('fast/gpt-5-mini, finished').waitFor()
  await answers('fast')
    .getByText(/\$0\.000/)
    .waitFor()
  await page()
    .getByRole('status')
    .filter({ hasText: /has answered/ })
    .waitFor({ state: 'attached' })
  expect(fast!.asked[0]!.body).toMatchObject({
    temperature: 0.5,
    stop: ['END'],
    messages: [
      { role: 'system', content: 'You answer for the service desk.' },
      { role: 'user', content: 'Which lot has two?' },
    ],
  })

  await message().fill('And the other?')
  await page().getByRole('button', { name: 'Send', exact: true }).click()
  await until('both are asked again', () => Promise.resolve(fast!.asked.length === 2 && strong!.asked.length === 2))
  const lastOf = (upstream: TestUpstream) =>
    (upstream.asked[1]!.body['messages'] as { content: string }[]).at(-2)!.content
  expect([lastOf(fast!), lastOf(strong!)]).toEqual([said, 'South has two.'])
  await answers('strong').nth(1).getByText(said).waitFor()
  await settled(page())
  await look(page(), 'playground-full')
})

test('an answer is stopped with Escape; an error stands where the answer would; each is asked again by itself', async () => {
  const { behaviour } = held(3)
  fast!.next(behaviour)
  strong!.next((response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"Unsupported value."}}'),
  )
  await open()
  await message().fill('Stop me')
  await message().press('Control+Enter')
  await answers('fast').getByText(words.slice(0, 2).join('')).waitFor()
  await answers('strong').getByText('Unsupported value.').waitFor()
  await picture(page(), 'playground-streaming')
  await page().keyboard.press('Escape')
  await answers('fast')
    .getByText(/^Stopped\./)
    .waitFor()
  await until('the provider is told', () => Promise.resolve(fast!.abandoned === 1))
  await look(page(), 'playground-failed')
  await page().getByRole('button', { name: 'Ask strong again' }).click()
  await answers('strong').getByText(said).waitFor()
  await answers('strong')
    .getByRole('link', { name: /^Request …/ })
    .click()
  await page().getByRole('heading', { name: 'strong' }).waitFor()
  await page().getByText('Dana Whitfield').first().waitFor()
})

test('a message is edited and sent again; what a tool answers and an image go along', async () => {
  fast!.next(saying(() => ({ args: '{"lot":2}' })))
  await open()
  await page().getByRole('button', { name: 'Remove model 2' }).click()
  await page().getByLabel('Tools').fill('{')
  await page()
    .getByText(/This is not JSON/)
    .first()
    .waitFor()
  await message().fill('Look')
  expect(await page().getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
  await page()
    .getByLabel('Tools')
    .fill('[{"type":"function","function":{"name":"write","parameters":{"type":"object"}}}]')
  const png = { name: 'car.png', mimeType: 'image/png', buffer: Buffer.from('iVBORw0KGgo=', 'base64') }
  await page()
    .getByLabel('Images', { exact: true })
    .setInputFiles([{ ...png, name: 'car.txt', mimeType: 'text/plain' }])
  await page().getByText('car.txt is no PNG, JPEG, WebP or GIF.').waitFor()
  await page().getByLabel('Images', { exact: true }).setInputFiles([png])
  await page().getByRole('button', { name: 'Remove image 1' }).waitFor()
  await page().getByRole('button', { name: 'Send', exact: true }).click()
  await page().getByText('calls write').waitFor()
  await page().getByLabel('What write answers').fill('A car.')
  await page().getByRole('button', { name: 'Send', exact: true }).click()
  await answers('fast').nth(1).getByText(said).waitFor()
  expect(fast!.asked[0]!.body['messages']).toMatchObject([
    {
      content: [
        { type: 'text', text: 'Look' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      ],
    },
  ])
  expect((fast!.asked[1]!.body['messages'] as object[]).slice(1)).toMatchObject([
    { role: 'assistant', tool_calls: [{ id: 'call_1', function: { name: 'write', arguments: '{"lot":2}' } }] },
    { role: 'tool', tool_call_id: 'call_1', content: 'A car.' },
  ])
  await look(page(), 'playground-tools')
  await page().getByRole('button', { name: 'Edit message 1' }).click()
  await page().getByRole('form', { name: 'Message 1, edited' }).waitFor()
  await message().fill('Look once more')
  await page().getByRole('button', { name: 'Send again' }).click()
  await until('it is asked anew', () => Promise.resolve(fast!.asked.length === 3))
  expect(fast!.asked[2]!.body['messages']).toHaveLength(1)
  await answers('fast').getByText(said).waitFor()
  expect(await answers('fast').count()).toBe(1)
})

test('a conversation survives a reload, also in the midst of an answer; it is renamed, shared, deleted and brought back', async () => {
  const { behaviour, go } = held(3)
  fast!.next(behaviour)
  await open()
  await message().fill('Which lot has three?')
  await message().press('Control+Enter')
  await answers('fast').getByText(words.slice(0, 2).join('')).waitFor()
  await answers('strong').getByText(said).waitFor()
  await page().waitForURL(/\/gateway\/playground\/plg_/)
  const saved = page().waitForResponse((reply) => reply.url().endsWith('/content') && reply.ok())
  await page().getByLabel('System prompt').fill('Be brief.')
  await saved
  await page().reload()
  go()
  await answers('fast').getByText('Cut off when the page was left.').waitFor()
  await answers('strong').getByText(said).waitFor()
  expect(await page().getByLabel('System prompt').inputValue()).toBe('Be brief.')
  await look(page(), 'playground-cut')

  const url = page().url()
  await page().getByRole('button', { name: 'Share' }).click()
  await page().getByRole('switch', { name: 'Shared' }).click()
  await page().getByLabel('Link').waitFor()
  await look(page(), 'playground-share')
  await page().keyboard.press('Escape')
  const { token } = await newPerson(scene.platform.database.db, scene.platform.ctx, 'operator', 'Omar')
  await using omar = await visit(scene.browser, `${scene.platform.url}/link#${token}`)
  await omar.page.goto(url)
  await omar.page.getByText('Somebody shares this with you.').waitFor()
  expect(await omar.page.getByRole('textbox', { name: 'Message', exact: true }).count()).toBe(0)
  await omar.page.getByRole('button', { name: 'Make a copy' }).click()
  await omar.page.getByRole('textbox', { name: 'Message', exact: true }).waitFor()
  await omar.page.waitForURL((at) => at.toString() !== url)

  await page().getByRole('button', { name: 'Conversations' }).click()
  const drawer = page().getByRole('dialog', { name: 'Conversations' })
  const row = drawer.getByRole('listitem').filter({ hasText: 'Which lot has three?' })
  await row.waitFor()
  await look(page(), 'playground-conversations')
  await row.getByRole('button', { name: /^More for/ }).click()
  await page().getByRole('menuitem', { name: 'Rename' }).click()
  await drawer.getByLabel('Name').fill('Lots')
  await drawer.getByRole('button', { name: 'Save' }).click()
  const lots = drawer.getByRole('listitem').filter({ hasText: 'Lots' })
  await lots.getByRole('button', { name: 'More for Lots' }).click()
  await page().getByRole('menuitem', { name: 'Delete' }).click()
  await drawer.getByText('Lots is deleted.').waitFor()
  await drawer.getByRole('button', { name: 'Undo' }).click()
  await lots.getByRole('link', { name: 'Lots' }).click()
  await page().getByText('Lots', { exact: true }).first().waitFor()
})

test('what is asked is shown as code, with the address of the gateway and no key', async () => {
  await open()
  await message().fill("It's due")
  await message().press('Control+Enter')
  await answers('fast').getByText(said).waitFor()
  await page().getByRole('button', { name: 'Code' }).click()
  const dialog = page().getByRole('dialog')
  await dialog
    .getByText(/YOUR_KEY/)
    .first()
    .waitFor()
  expect(await dialog.textContent()).toContain(`${scene.platform.url}/gateway/openai/v1/chat/completions`)
  for (const tab of ['TypeScript', 'Python', 'Anthropic']) {
    await dialog.getByRole('tab', { name: tab }).click()
    await dialog
      .getByText(/YOUR_KEY/)
      .first()
      .waitFor()
  }
  await look(page(), 'playground-code')
  await page().keyboard.press('Escape')
  await page().setViewportSize({ width: 390, height: 844 })
  await page().getByRole('button', { name: 'strong', pressed: false }).click()
  await answers('strong').getByText(said).waitFor()
  expect(await answers('fast').isVisible()).toBe(false)
  await expectNoSidewaysScroll(page())
  await picture(page(), 'playground-390-second')
  await page().setViewportSize({ width: 1440, height: 900 })
})
