import { once } from 'node:events'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { findModelRequest } from '#activities/gateway/store-requests.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { setCache } from '#test/harness/cache.ts'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { guard } from '#test/harness/guarded.ts'
import { until } from '#test/harness/until.ts'

const { gateway, tenant } = await useBothWires()

const ask = ({ openai }: Asker, content = 'Which lot has two?') =>
  openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }] })
/** The newest request of a tenant, as the API tells it. */
const newest = async ({ ctx }: Asker) => {
  const rows = await gateway.written(ctx)
  return withTenant(gateway.database.db, ctx, (tx) => findModelRequest(tx, ctx, rows.at(-1)!.id))
}
const models = ({ ctx }: Asker) => gateway.relaying.relay.knowledge.models(ctx.tenant)

test('a request that nothing looks at tells how long it took to be read, and nothing else', async () => {
  const asker = await tenant(['gpt'])
  await ask(asker)
  const { steps, attempts, totalMs } = await newest(asker)
  expect(steps).toEqual([{ step: 'read', at: expect.any(Number) as number, ms: expect.any(Number) as number }])
  const [{ at, ms }] = steps as [(typeof steps)[number]]
  expect(at).toBeLessThan(0)
  expect(ms).toBeGreaterThan(0)
  expect(at + ms).toBeLessThanOrEqual(0.02)
  expect(attempts).toHaveLength(1)
  expect(attempts[0]!.at + attempts[0]!.ms).toBeLessThanOrEqual(totalMs + 0.02)
})

test('a body that comes slowly is read for as long as it took to come', async () => {
  const asker = await tenant(['gpt'])
  const body = JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'slow' }] })
  const sent = request(`${gateway.openai}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${asker.secret}`, 'content-type': 'application/json' },
  })
  sent.write(body.slice(0, 10))
  const began = performance.now()
  // until then the door has the head of it
  await ask(asker)
  await until('some time has passed', () => Promise.resolve(performance.now() - began > 30))
  sent.end(body.slice(10))
  const [reply] = (await once(sent, 'response')) as [NodeJS.ReadableStream]
  reply.resume()
  await once(reply, 'end')
  const { steps } = await newest(asker)
  expect(steps[0]).toMatchObject({ step: 'read' })
  expect(steps[0]!.ms).toBeGreaterThan(20)
})

test('rules, guardrails, the cache and budgets each tell their time, in the order in which they came', async () => {
  const asker = await tenant(['gpt'])
  const { ctx } = asker
  await guard(gateway, ctx, 'pii', 'mask')
  await setCache(gateway, ctx, { mode: 'exact' })
  await withTenant(gateway.database.db, ctx, async (tx) => {
    const limits = [{ per: 'day' as const, limit: 100 }]
    await addBudget(tx, ctx, { name: 'All', subject: { kind: 'tenant' }, unit: 'usd', zone: 'UTC', limits })
    const { id } = await createPolicy(
      tx,
      ctx,
      'name: Test\nrules:\n  - id: tags\n    when: "true"\n    also: { tag: [x] }\n',
    )
    await publish(tx, ctx, id, { revision: 1 })
  })
  await until('all of it is known', async () => {
    const { steering, budgets, guards } = await models(asker)
    return steering?.everybody != null && budgets.size > 0 && guards !== null
  })
  await ask(asker)
  const asked = await newest(asker)
  expect(asked.steps.map(({ step }) => step)).toEqual(['read', 'rules', 'guardrails', 'cache', 'budget'])
  const ends = asked.steps.map(({ at, ms }) => at + ms)
  for (const [n, { at }] of asked.steps.entries()) if (n > 0) expect(at).toBeGreaterThanOrEqual(ends[n - 1]! - 0.02)
  expect(asked.attempts[0]!.at).toBeGreaterThanOrEqual(ends.at(-1)! - 0.02)

  await ask(asker)
  const again = await newest(asker)
  expect(again).toMatchObject({ cache: { how: 'exact' }, attempts: [] })
  expect(again.steps.map(({ step }) => step)).toEqual(['read', 'rules', 'guardrails', 'cache', 'budget'])
})
