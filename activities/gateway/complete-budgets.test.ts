import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import type { Limits } from '#schemas/gateway/budgets.ts'
import { newId } from '#schemas/ids.ts'
import { useGateway } from '#test/harness/gateway.ts'
import { well } from '#test/harness/upstream.ts'
import { createGateway } from './complete.ts'
import { keptInMemory } from './fixture.ts'
import { addBudget } from './store-budgets.ts'

const { gateway, gpt } = await useGateway({ gpt: well })

/** Asks as a step, so often, at a tenant with this limit of requests; gives how the last is refused. */
const refusedAfter = async (count: number, limits: Limits) => {
  const { ctx } = await gateway.tenant(
    [{ kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' }],
    [{ provider: 'gpt', model: 'gpt-5-mini' }],
  )
  await withTenant(gateway.database.db, ctx, (tx) =>
    addBudget(tx, ctx, { name: 'Steps', subject: { kind: 'tenant' }, unit: 'requests', limits, zone: 'UTC' }),
  )
  const model = createGateway({ relay: gateway.relaying.relay, answers: keptInMemory() })
  const ask = () => {
    const asker = { tenant: ctx.tenant, run: newId('run'), step: 'ai#0', tags: {} }
    return model.complete({ asker, model: 'fast', turns: [{ role: 'user', content: 'Hi' }] })
  }
  for (let n = 0; n < count; n++) await ask()
  return expect(ask()).rejects
}

test('a step that a budget refuses is not tried again: that would not help', async () => {
  const refused = await refusedAfter(1, [{ per: 'ever', limit: 1 }])
  await refused.toMatchObject({ code: 'model_refused', message: expect.stringContaining('The budget “Steps”') })
})

test('nor is one that is more than the whole of a limit', async () => {
  const refused = await refusedAfter(0, [{ per: 'minute', limit: 0 }])
  await refused.toMatchObject({ code: 'model_refused' })
})

test('a step that a limit refuses is tried again when that has passed', async () => {
  const refused = await refusedAfter(1, [{ per: 'hour', limit: 1 }])
  await refused.toMatchObject({ code: 'unavailable', extra: { retryAfterMs: expect.any(Number) } })
})
