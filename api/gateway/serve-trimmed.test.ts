import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { findModelRequest } from '#activities/gateway/store-requests.ts'
import { readCosts } from '#activities/gateway/store-costs.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { publish } from '#activities/steering/store-versions.ts'
import type { Context } from '#schemas/tenancy.ts'
import { useBothWires } from '#test/harness/gateway.ts'
import { setLevers } from '#test/harness/levers.ts'
import { until } from '#test/harness/until.ts'

const { gateway, gpt, claude, tenant } = await useBothWires()

const passage = 'The warranty covers the engine and the gearbox for three years. '.repeat(20).trim()
const pointer =
  '[The same passage as above that begins “The warranty covers the engine and the gearbox for three yea”.]'
const tokens = Math.ceil((passage.length - pointer.length) / 4)
const messages = [
  { role: 'user' as const, content: passage },
  { role: 'assistant' as const, content: 'Noted.' },
  { role: 'user' as const, content: passage },
  { role: 'assistant' as const, content: 'Again.' },
  { role: 'user' as const, content: 'For how long?' },
]
const shorter = messages.with(2, { role: 'user', content: pointer })

test('a passage that stands above is named to whoever is asked; header, row and ledger tell of it', async () => {
  const { openai, ctx } = await tenant(['gpt'])
  await setLevers(gateway, ctx, { trims: true })
  const { response } = await openai.chat.completions.create({ model: 'fast', messages }).withResponse()
  expect(response.headers.get('x-auterity-trimmed')).toBe(`${tokens} tokens`)
  expect(gpt.asked[0]?.body['messages']).toEqual(shorter)
  const [row] = await gateway.written(ctx)
  expect(row?.trimmed).toEqual({ passages: 1, tokens })
  // $0.25 for a million tokens, and a tenth for the half that is cached
  const trimming = Math.round(tokens * (0.5 * 250 + 0.5 * 25))
  expect(Math.abs((row?.saved?.trimming ?? 0) - trimming)).toBeLessThan(250)
  expect(Number(row?.list_nano) - Number(row?.cost_nano)).toBe(Object.values(row!.saved!).reduce((a, b) => a + b, 0))
  const { db } = gateway.database
  const told = await withTenant(db, ctx, (tx) => findModelRequest(tx, ctx, row!.id))
  expect(told).toMatchObject({ trimmed: { passages: 1, tokens }, saved: { trimming: row!.saved!.trimming! / 1e9 } })
  const costs = await withTenant(db, ctx, (tx) => readCosts(tx, ctx, { days: 1, by: 'asked' }))
  expect(costs.total.saved.trimming).toBe(row!.saved!.trimming! / 1e9)
  expect(costs.total.list).toBeCloseTo(Number(row?.list_nano) / 1e9, 12)
})

test('to a provider of another wire too, and for Anthropic’s client', async () => {
  const asker = await tenant(['claude'])
  await setLevers(gateway, asker.ctx, { trims: true })
  await asker.openai.chat.completions.create({ model: 'fast', messages })
  await asker.anthropic.messages.create({ model: 'fast', max_tokens: 100, messages })
  const said = claude.asked.map(({ body }) => body['messages'] as { content: unknown }[])
  expect(JSON.stringify(said[0]?.[2])).toContain('The same passage as above')
  expect(said[1]).toEqual(shorter)
})

test('off, and where nothing is said twice, the bytes go on as they came and nothing is told', async () => {
  const [off, on] = [await tenant(['gpt']), await tenant(['gpt'])]
  await setLevers(gateway, on.ctx, { trims: true })
  const one = await off.openai.chat.completions.create({ model: 'fast', messages }).withResponse()
  const other = await on.openai.chat.completions
    .create({ model: 'fast', messages: messages.slice(0, 3) })
    .withResponse()
  for (const { response } of [one, other]) expect(response.headers.get('x-auterity-trimmed')).toBeNull()
  expect(gpt.asked.map(({ body }) => body['messages'])).toEqual([messages, messages.slice(0, 3)])
  expect((await gateway.written(on.ctx))[0]).toMatchObject({ trimmed: null })
})

const rule = async (ctx: Context, text: string) => {
  await withTenant(gateway.database.db, ctx, async (tx) => {
    const { id } = await createPolicy(tx, ctx, `name: Test\nrules:\n${text}`)
    await publish(tx, ctx, id, { revision: 1 })
  })
  await until('the rule is known', async () => {
    const { steering } = await gateway.relaying.relay.knowledge.models(ctx.tenant)
    return (steering?.everybody?.plan.rules.length ?? 0) > 0
  })
}

test('a rule turns it on for some where it is off, and is not told to the provider', async () => {
  const asker = await tenant(['gpt'])
  await rule(asker.ctx, '  - id: long\n    when: prompt.tokens > 600\n    also: { set: { trim: true } }\n')
  await asker.openai.chat.completions.create({ model: 'fast', messages })
  const few = [messages[0], messages[2], messages[4]].map((one) => ({ ...one!, content: one!.content.slice(0, 300) }))
  await asker.openai.chat.completions.create({ model: 'fast', messages: few })
  expect(gpt.asked.map(({ body }) => body['messages'])).toEqual([shorter, few])
  expect(gpt.asked[0]?.body).not.toHaveProperty('trim')
})

test('a rule turns it off where it is on', async () => {
  const asker = await tenant(['gpt', 'claude'])
  await setLevers(gateway, asker.ctx, { trims: true })
  await rule(asker.ctx, '  - id: exact\n    also: { set: { trim: false } }\n')
  await asker.openai.chat.completions.create({ model: 'fast', messages })
  expect(gpt.asked[0]?.body['messages']).toEqual(messages)
})
