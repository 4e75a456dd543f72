import { afterAll, beforeAll, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { changeRecording } from '#activities/gateway/store-recording.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { expectNoSidewaysScroll, look, settled } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { saying } from '../harness/guarded.ts'
import { setScene } from '../harness/scene.ts'
import { startUpstream, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({ processes: ['api'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
let upstream: TestUpstream
beforeAll(async () => {
  upstream = await startUpstream()
  const { ctx, database } = scene.platform
  await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'openai', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    for (const [alias, model] of [
      ['fast', 'gpt-5-mini'],
      ['strong', 'gpt-5'],
    ] as const)
      await addRoute(tx, ctx, { alias, targets: [{ provider: 'openai', model, weight: 1, priority: 0 }] })
  })
})
afterAll(() => upstream[Symbol.asyncDispose]())

const page = () => scene.dana.page
/** Asks in the playground, and goes to the page of the request. */
const ask = async (text: string) => {
  await page().goto(`${scene.platform.url}/gateway/playground`)
  await page().getByRole('textbox', { name: 'Message', exact: true }).fill(text)
  await page().getByRole('button', { name: 'Send', exact: true }).click()
  const answer = page().getByRole('article', { name: 'fast: answer' })
  await answer.getByText('The north lot has two.').waitFor()
  await answer.getByRole('link', { name: /^Request …/ }).click()
  await page().waitForURL(/\/gateway\/requests\//)
}
const panel = () => page().getByRole('region', { name: 'Send it again' })

test('what was not recorded cannot be sent again, and says where to turn that on', async () => {
  await ask('Not kept')
  await panel().getByText('What it asked is not recorded.').waitFor()
  await settled(page())
  await look(page(), 'gateway-request-not-again')
  await panel().getByRole('link', { name: 'Turn recording on' }).click()
  await page().waitForURL(/\/gateway\/recording$/)
})

test('a recorded request is sent again, compared with what it was, and opens in the playground', async () => {
  const { ctx, database } = scene.platform
  await withTenant(database.db, ctx, (tx) => changeRecording(tx, ctx, { of: 'everything' }))
  const send = panel().getByRole('button', { name: 'Send again' })
  // until the process has heard of it
  for (let at = 0; !(await send.isVisible()); at++) {
    await ask(`Which lot? ${at}`)
    await panel()
      .getByText(/not recorded|It cost/)
      .waitFor()
    await settled(page())
  }
  await panel().getByLabel('To which model').selectOption('strong')
  await panel()
    .getByText(/With as many tokens, strong costs about \$0\.00/)
    .waitFor()
  await look(page(), 'gateway-request-again')

  upstream.next(saying(() => ({ text: 'The south lot has three.' })))
  const before = page().url()
  await send.click()
  await page().waitForURL((at) => at.toString() !== before)
  const compared = page().getByRole('region', { name: 'Beside the one it repeats' })
  await compared.getByText('openai/gpt-5', { exact: true }).waitFor()
  const gone = compared.locator('del').first()
  // both bodies are written down a little after the answer
  while (!(await gone.isVisible()))
    await compared.getByRole('button', { name: 'Compare what they said' }).or(gone).first().click()
  await page().getByText('replay', { exact: true }).waitFor()
  await settled(page())
  await look(page(), 'gateway-request-compared')
  await page().setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page())
  await page().setViewportSize({ width: 1440, height: 900 })

  await compared.getByRole('link', { name: /^Before/ }).click()
  await page().getByRole('list', { name: 'Sent again as' }).getByText('openai/gpt-5', { exact: true }).waitFor()
  await panel().getByRole('button', { name: 'Edit in the playground' }).click()
  await page().waitForURL(/\/gateway\/playground\/plg_/)
  await page()
    .getByText(/^Which lot\? \d$/)
    .waitFor()
})
