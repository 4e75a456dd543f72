import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { changeRecording } from '#activities/gateway/store-recording.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { look, settled } from '../harness/browser.ts'
import { testKey } from '../harness/database.ts'
import { answering, compared, comparing, judgedBefore, long, preferring, samplesIn, short } from '../harness/quality.ts'
import { setScene } from '../harness/scene.ts'
import { until } from '../harness/until.ts'
import { startUpstream, type TestUpstream } from '../harness/upstream.ts'

const scene = setScene({
  processes: ['api', 'worker', 'projector'],
  env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' },
})
let upstream: TestUpstream
let openai: OpenAI
let policy: string
beforeAll(async () => {
  upstream = await startUpstream(answering(preferring(`${compared.strong} says`)))
  const { ctx, database, url } = scene.platform
  const { key } = await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'gpt', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    await addRoute(tx, ctx, {
      alias: 'fast',
      targets: [{ provider: 'gpt', model: compared.strong, weight: 1, priority: 0 }],
    })
    await changeRecording(tx, ctx, { of: 'everything' })
    return createVirtualKey(tx, ctx, { name: 'Service desk', models: null, tags: { store: 'north' } })
  })
  policy = await comparing(database.db, ctx, 'gpt')
  openai = new OpenAI({ apiKey: key, baseURL: `${url}/gateway/openai/v1`, maxRetries: 0 })
})
afterAll(() => upstream[Symbol.asyncDispose]())

const ask = (content: string) =>
  openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }] })
const judged = (count: number) =>
  until(`${count} samples are judged`, async () => {
    const all = await samplesIn(scene.platform.database.db, scene.platform.ctx)
    return all.filter(({ shadow_id: id, state }) => id !== null && state === 'judged').length === count
  })

test('the guard is turned on, says what is kept beside chance, shows a sample blind, and takes a rule out of force', async () => {
  const { page } = scene.dana
  const { url, ctx, database } = scene.platform
  const { db } = database
  await page.goto(`${url}/gateway/levers`)
  await settled(page)
  await page.getByRole('listitem').filter({ hasText: 'Quality guard' }).getByRole('link', { name: 'Off' }).click()
  await page.getByText('What do cheaper models keep of the quality?').waitFor()
  await settled(page)
  await look(page, 'gateway-quality-off')

  await page.getByRole('button', { name: 'Turn on' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Judge').waitFor()
  await settled(page)
  await look(page, 'gateway-quality-dialog')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('say which route judges').waitFor()
  await dialog.getByLabel('Judge').selectOption('cheap')
  await dialog.getByLabel('When a rule keeps less').selectOption('withdraw')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Nothing to compare yet').waitFor()
  await dialog.waitFor({ state: 'detached' })
  await look(page, 'gateway-quality-empty')

  // more than people may choose, so that each of a few requests is sampled
  await db.system.updateTable('gateway_quality').set({ share: 1 }).where('tenant_id', '=', ctx.tenant).execute()
  await judgedBefore(db, ctx, { policy, rule: 'easy' }, ['win', 'tie', 'tie', 'loss'], { daysAgo: 9 })
  await judgedBefore(db, ctx, { policy, rule: 'easy' }, ['tie', 'loss', 'loss'], { daysAgo: 8, arm: 'kept' })
  await judgedBefore(db, ctx, { policy, rule: 'easy' }, ['tie', 'tie', 'tie', 'win'], { daysAgo: 4 })
  await page.getByRole('button', { name: 'Change' }).click()
  await dialog.getByLabel('Judge').selectOption('judge')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await db.system.updateTable('gateway_quality').set({ share: 1 }).where('tenant_id', '=', ctx.tenant).execute()
  await until('a request is sampled', async () => {
    await ask(`${short} Or three?`)
    return (await samplesIn(db, ctx)).length > 11
  })
  await ask(short)
  await ask(long)
  await until('all that was sampled is judged', async () => {
    const all = await samplesIn(db, ctx)
    return all.filter(({ arm }) => arm === 'kept').length === 4 && all.every(({ state }) => state === 'judged')
  })
  await page.reload()
  await page.getByRole('img', { name: /^Quality kept over time/ }).waitFor()
  await page.getByRole('table', { name: 'Quality by rule and models' }).getByText('Easy ones: easy').waitFor()
  await settled(page)
  await look(page, 'gateway-quality')

  const samples = page.getByRole('table', { name: 'Samples' })
  await samples.getByRole('button', { name: 'Read' }).first().click()
  const drawer = page.getByRole('dialog', { name: 'Sample' })
  await drawer.getByText('Which lot has two?').waitFor()
  expect(await drawer.getByText('the cheaper one').count()).toBe(0)
  await look(page, 'gateway-quality-sample-blind')
  await drawer.getByRole('button', { name: 'Show which is which' }).click()
  await drawer.getByText('the cheaper one').waitFor()
  await drawer.getByText('It is clearer.').first().waitFor()
  await look(page, 'gateway-quality-sample')
  await drawer.getByRole('link', { name: 'the one beside' }).click()
  await page.getByText('quality-guard').first().waitFor()

  await judgedBefore(
    db,
    ctx,
    { policy, rule: 'easy' },
    Array.from({ length: 20 }, () => 'loss' as const),
  )
  const before = (await samplesIn(db, ctx)).filter(({ shadow_id: id }) => id !== null).length
  await ask(short)
  await judged(before + 1)
  await page.goto(`${url}/gateway/levers/quality`)
  const alert = page.getByRole('alert')
  await alert.getByText('It is out of force').waitFor()
  await settled(page)
  await look(page, 'gateway-quality-fallen')
  await page.goto(`${url}/gateway/costs`)
  await page.getByText(/^the quality guard cost/).waitFor()
  await page.getByText('In so many requests that rules sent to a cheaper model').waitFor()
  await settled(page)
  await look(page, 'gateway-quality-costs')
  await page.goto(`${url}/gateway/levers/quality`)
  await alert.getByRole('button', { name: 'Put back' }).click()
  await page.getByText('The rule “easy” is back in force.').waitFor()
  await alert.getByText('It is out of force').waitFor({ state: 'detached' })
  await page.goto(`${url}/settings/audit`)
  await page
    .getByText(/quality.rule.restored/i)
    .first()
    .waitFor()
})

test('what does not come is asked for again', async () => {
  const { page } = scene.dana
  await page.route('**/v1/gateway/quality-guard/figures?*', (route) => route.fulfill({ status: 500, body: '{}' }))
  await page.goto(`${scene.platform.url}/gateway/levers/quality`)
  await page.getByRole('button', { name: /again/i }).waitFor()
  await look(page, 'gateway-quality-failed')
  await page.unroute('**/v1/gateway/quality-guard/figures?*')
  await page.getByRole('button', { name: /again/i }).click()
  await page.getByRole('button', { name: 'Change' }).waitFor()
  // it is the failure that was asked for
  for (const one of scene.dana.complaints.splice(0)) expect(one).toContain('/quality-guard/figures')
})
