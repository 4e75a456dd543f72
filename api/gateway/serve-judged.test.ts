import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { classifierActivities } from '#activities/gateway/classifiers.ts'
import {
  publishClassifier,
  requestClassifier,
  scorePrompt,
  withdrawClassifier,
} from '#activities/gateway/store-classifiers.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { createSeal } from '#activities/seal.ts'
import { testKey } from '#test/harness/database.ts'
import { useGateway } from '#test/harness/gateway.ts'
import { csvOf, drawnOutcomes } from '#test/harness/outcomes.ts'
import { until } from '#test/harness/until.ts'
import { well } from '#test/harness/upstream.ts'

const { gateway, first } = await useGateway({ first: well })
const seal = createSeal([testKey])

const rules = `name: Easy ones
rules:
  - id: easy
    when: prompt.suffices
    decide: { route: [{ provider: one, model: gpt-5-nano }] }`

test('what a classifier finds easy goes to the cheap model while it is in force, and all else to the one that was asked for', async () => {
  const { db } = gateway.database
  const { ctx, openai } = await gateway.tenant(
    [{ kind: 'openai', name: 'one', baseUrl: first.url, apiKey: 'sk-one' }],
    [{ provider: 'one', model: 'gpt-5' }],
  )
  const [easy, hard] = ['hello write friendly reply thanks customer', 'contract clause prove exactly jurisdiction']
  const served = async (content: string) => {
    const { response } = await openai.chat.completions
      .create({ model: 'fast', messages: [{ role: 'user', content }] })
      .withResponse()
    return response.headers.get('x-auterity-model')
  }
  const wish = { outcomes: csvOf(drawnOutcomes(2000, 9)), rows: 2000, notes: '' }
  const { id } = await withTenant(db, ctx, async (tx) => {
    const policy = await createPolicy(tx, ctx, rules)
    await publish(tx, ctx, policy.id, { revision: 1 })
    return requestClassifier(tx, ctx, seal, wish)
  })
  await classifierActivities({ db, seal }).trainClassifier({ classifier: id, tenant: ctx.tenant })
  expect([await served(easy), await served(hard)]).toEqual(['gpt-5', 'gpt-5'])

  const told = await withTenant(db, ctx, async (tx) => {
    await publishClassifier(tx, ctx, id, 0.95)
    return [
      await scorePrompt(tx, ctx, id, { prompt: easy, task: '' }),
      await scorePrompt(tx, ctx, id, { prompt: hard, task: '' }),
    ]
  })
  expect(told.map(({ suffices }) => suffices)).toEqual([true, false])
  await until('the gateway has heard of it', async () => (await served(easy)) === 'gpt-5-nano')
  expect(await served(hard)).toBe('gpt-5')
  // what it said is kept with each request that a rule asked of
  const rows = (await gateway.written(ctx)).slice(-2)
  expect(rows).toMatchObject([
    { model: 'gpt-5-nano', suffices: true, easy: told[0]!.easy },
    { model: 'gpt-5', suffices: false, easy: told[1]!.easy },
  ])

  await withTenant(db, ctx, (tx) => withdrawClassifier(tx, ctx, id))
  await until('the gateway has heard that it is not any more', async () => (await served(easy)) === 'gpt-5')
})
