import { APIError } from 'openai'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addPrice } from '#activities/gateway/store-prices.ts'
import { addBudget, changeBudget, deleteBudget, findBudget } from '#activities/gateway/store-budgets.ts'
import type { Limits, Subject, Unit } from '#schemas/gateway/budgets.ts'
import { startGateway, useGateway, type Asker } from '#test/harness/gateway.ts'
import { json, well } from '#test/harness/upstream.ts'
import { until } from '#test/harness/until.ts'

const { gateway, gpt } = await useGateway({ gpt: well })
const { db } = gateway.database

const someone = () =>
  gateway.tenant(
    [{ kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' }],
    [{ provider: 'gpt', model: 'gpt-5-mini' }],
  )
const given = ({ ctx }: Asker, unit: Unit, limits: Limits, subject: Subject = { kind: 'tenant' }) =>
  withTenant(db, ctx, (tx) => addBudget(tx, ctx, { name: 'Desk', subject, unit, limits, zone: 'UTC' }))
const stateOf = ({ ctx }: Asker, id: string) => withTenant(db, ctx, (tx) => findBudget(tx, ctx, id))
/** It reads 1,000 tokens, 500 of them from a cache, and writes 100: so many are reserved at least. */
const ask = ({ openai }: Asker, model = 'fast') =>
  openai.chat.completions
    .create({ model, max_completion_tokens: 100, messages: [{ role: 'user', content: 'word '.repeat(700) }] })
    .withResponse()
const refusal = async (asking: Promise<unknown>): Promise<APIError> => {
  const error = await asking.then(
    () => undefined,
    (why: unknown) => why,
  )
  if (error instanceof APIError) return error
  throw new Error('it was not refused')
}

test('what a request cost is taken off its budget to the billionth of a dollar', async () => {
  const one = await someone()
  const { id } = await given(one, 'usd', [
    { per: 'day', limit: 1 },
    { per: 'ever', limit: 2 },
  ])
  await ask(one)
  const [row] = await gateway.written(one.ctx)
  expect(Number(row!.cost_nano)).toBeGreaterThan(0)
  const { windows, courses } = await stateOf(one, id)
  expect(windows).toMatchObject([
    { per: 'day', limit: 1, spent: Number(row!.cost_nano) / 1e9 },
    { per: 'ever', limit: 2, spent: Number(row!.cost_nano) / 1e9, anewAt: null },
  ])
  expect(courses.map(({ points }) => points.at(-1)?.spent)).toEqual(windows.map(({ spent }) => spent))
})

test('what is left over of a lease comes back', async () => {
  const one = await someone()
  const { id } = await given(one, 'tokens', [{ per: 'day', limit: 1_000_000 }])
  await ask(one)
  await gateway.written(one.ctx)
  const spent = (await stateOf(one, id)).windows[0]!
  expect(spent).toMatchObject({ spent: 1100 })
  const last = await until('nothing is leased', async () => {
    const [state] = (await stateOf(one, id)).windows
    return state!.leased === 0 ? state : undefined
  })
  expect(last).toMatchObject({ spent: 1100, leased: 0, left: 998_900 })
})

test('a request past the limit is refused as the official clients know it, and told when to come again', async () => {
  const one = await someone()
  const { id } = await given(one, 'requests', [{ per: 'day', limit: 2 }], { kind: 'key', key: one.key })
  const { response } = await ask(one)
  expect(response.headers.get('x-ratelimit-limit-requests')).toBe('2')
  expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('1')
  expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+h)?(\d+m)?\d+s$/)
  await ask(one)
  const refused = await refusal(ask(one))
  expect(refused).toMatchObject({
    status: 429,
    code: 'budget_exceeded',
    type: 'rate_limit_error',
    message: expect.stringMatching(/The budget “Desk” of 2 requests per day is used up.* begins anew at 20/),
  })
  expect(Number(refused.headers?.get('retry-after'))).toBeGreaterThan(0)
  expect(refused.headers?.get('x-should-retry')).toBe('false')
  expect(gpt.asked).toHaveLength(2)
  expect((await gateway.written(one.ctx)).at(-1)).toMatchObject({
    outcome: 'refused',
    status: 429,
    budget_id: id,
    cost_nano: null,
  })
})

test('on Anthropic’s wire the refusal is in its words', async () => {
  const one = await someone()
  await given(one, 'requests', [{ per: 'minute', limit: 0 }])
  const asking = one.anthropic.messages.create({
    model: 'fast',
    max_tokens: 10,
    messages: [{ role: 'user', content: 'Hi' }],
  })
  await expect(asking).rejects.toMatchObject({ status: 429, error: { error: { type: 'rate_limit_error' } } })
})

test('all budgets that a request falls under hold it, and none is charged for one that another refuses', async () => {
  const one = await someone()
  const wide = await given(one, 'usd', [{ per: 'month', limit: 100 }])
  await given(one, 'requests', [{ per: 'hour', limit: 0 }], { kind: 'tag', tag: 'store', value: 'north' })
  const elsewhere = await given(one, 'requests', [{ per: 'ever', limit: 0 }], {
    kind: 'tag',
    tag: 'store',
    value: 'south',
  })
  expect(await refusal(ask(one))).toMatchObject({ status: 429, code: 'budget_exceeded' })
  await gateway.written(one.ctx)
  expect((await stateOf(one, wide.id)).windows[0]).toMatchObject({ spent: 0 })
  expect((await stateOf(one, elsewhere.id)).windows[0]).toMatchObject({ spent: 0 })
})

test('a request that fails costs nothing of a budget in dollars, and counts as one', async () => {
  const one = await someone()
  const money = await given(one, 'usd', [{ per: 'day', limit: 1 }])
  const count = await given(one, 'requests', [{ per: 'day', limit: 10 }])
  gpt.next(json(400, { error: { message: 'No.', type: 'invalid_request_error' } }))
  await refusal(ask(one))
  await gateway.written(one.ctx)
  expect((await stateOf(one, money.id)).windows[0]).toMatchObject({ spent: 0 })
  expect((await stateOf(one, count.id)).windows[0]).toMatchObject({ spent: 1 })
})

test('so many at once, and the next as soon as one is over', async () => {
  const one = await someone()
  await given(one, 'requests', [{ per: 'at_once', limit: 1 }])
  let go = () => {}
  gpt.next((response, asked) => {
    go = () => well(response, asked)
  })
  const first = ask(one)
  await until('the provider is asked', () => Promise.resolve(gpt.asked.length === 1))
  expect(await refusal(ask(one))).toMatchObject({ code: 'rate_limit_exceeded' })
  go()
  await first
  await ask(one)
})

test('a model without a price is refused where there is a budget in dollars, and only there', async () => {
  const one = await gateway.tenant(
    [{ kind: 'compatible', name: 'local', baseUrl: gpt.url }],
    [{ provider: 'local', model: 'our-own' }],
  )
  await ask(one)
  await given(one, 'usd', [{ per: 'day', limit: 1 }])
  await until('the budget is known', async () => (await refusal(ask(one)).catch(() => undefined)) !== undefined)
  expect(await refusal(ask(one))).toMatchObject({ status: 400, code: 'price_unknown' })
  await withTenant(db, one.ctx, (tx) =>
    addPrice(tx, one.ctx, { provider: 'local', model: 'our-own', input: 1, cached: 0.5, output: 10 }),
  )
  await until('the price is known', () => ask(one).then(Boolean, () => false))
  // 500 tokens at $1, 500 of the cache at $0.50 and 100 at $10 a million
  expect((await gateway.written(one.ctx)).at(-1)).toMatchObject({
    cost_nano: '1750000',
    price: expect.stringMatching(/^own price since 20/),
  })
})

test('a raised limit lets through at once, a deleted budget holds nobody', async () => {
  const one = await someone()
  const { id } = await given(one, 'requests', [{ per: 'ever', limit: 0 }])
  expect(await refusal(ask(one))).toMatchObject({ code: 'budget_exceeded' })
  await withTenant(db, one.ctx, (tx) => changeBudget(tx, one.ctx, id, { limits: [{ per: 'ever', limit: 1 }] }))
  await until('it is let through', () => ask(one).then(Boolean, () => false))
  await refusal(ask(one))
  await withTenant(db, one.ctx, (tx) => deleteBudget(tx, one.ctx, id))
  await until('it is let through', () => ask(one).then(Boolean, () => false))
})

test('one request may not come to more than the whole of a budget', async () => {
  const one = await someone()
  await given(one, 'tokens', [{ per: 'minute', limit: 500 }])
  expect((await refusal(ask(one))).message).toMatch(/this request alone may come to/)
})

test('where nothing can be written to the disk, who has a budget is refused and the others are not', async () => {
  await using full = await startGateway({ home: '/dev/null/full' })
  const one = await full.tenant(
    [{ kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' }],
    [{ provider: 'gpt', model: 'gpt-5-mini' }],
  )
  await ask(one)
  expect(await full.written(one.ctx)).toHaveLength(1)
  await withTenant(full.database.db, one.ctx, (tx) =>
    addBudget(tx, one.ctx, {
      name: 'Desk',
      subject: { kind: 'tenant' },
      unit: 'usd',
      limits: [{ per: 'day', limit: 1 }],
      zone: 'UTC',
    }),
  )
  const refused = await until('the budget is known', () => refusal(ask(one)))
  expect(refused).toMatchObject({ status: 503, code: 'budget_unavailable' })
  expect(full.relaying.figures().unspooled).toBeGreaterThan(0)
})
