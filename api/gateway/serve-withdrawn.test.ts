import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { restoreRule } from '#activities/gateway/store-quality.ts'
import { documentsInForce } from '#activities/steering/store-known.ts'
import { useGateway } from '#test/harness/gateway.ts'
import {
  answering,
  compared,
  comparing,
  guardQuality,
  judgeAll,
  judgedBefore,
  preferring,
  short,
} from '#test/harness/quality.ts'
import { until } from '#test/harness/until.ts'

const { gateway, gpt } = await useGateway({ gpt: answering(preferring(`${compared.strong} says`)) })
const { db } = gateway.database

test('a rule that is found to keep too little leads nobody to the cheaper model any more, until somebody puts it back', async () => {
  const { ctx, openai } = await gateway.tenant(
    [{ kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' }],
    [{ provider: 'gpt', model: compared.strong }],
  )
  const policy = await comparing(db, ctx, 'gpt')
  await guardQuality(gateway, ctx, { below: 'withdraw' })
  const served = async () => {
    const messages = [{ role: 'user' as const, content: short }]
    const { response } = await openai.chat.completions.create({ model: 'fast', messages }).withResponse()
    return response.headers.get('x-auterity-model')
  }
  const rules = async () => {
    const documents = await withTenant(db, ctx, (tx) => documentsInForce(tx, ctx.tenant, null))
    return documents.flatMap(({ document }) => document.rules.map(({ id }) => id))
  }
  await until('the rule is known', async () => (await served()) === compared.cheap)
  await judgedBefore(
    db,
    ctx,
    { policy, rule: 'easy' },
    Array.from({ length: 19 }, () => 'loss' as const),
  )
  expect(await judgeAll(gateway, ctx)).toBeGreaterThan(0)
  expect(await rules()).toEqual([])
  await until('the gateway has heard of it', async () => (await served()) === compared.strong)
  await withTenant(db, ctx, (tx) => restoreRule(tx, ctx, { policy, rule: 'easy' }))
  expect(await rules()).toEqual(['easy'])
  await until('the gateway has heard that it is back', async () => (await served()) === compared.cheap)
})
