import type { ServerResponse } from 'node:http'
import { RateLimitError, type OpenAI } from 'openai'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addProviderKey, findProvider } from '#activities/gateway/store-providers.ts'
import { listHealthChanges, listUnwell } from '#activities/gateway/store-health.ts'
import { createSeal } from '#activities/seal.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { usualRouting, type Routing } from '#schemas/gateway/routing.ts'
import { testKey } from '#test/harness/database.ts'
import { useGateway, type Asker } from '#test/harness/gateway.ts'
import { until } from '#test/harness/until.ts'
import { json, partly, well, words } from '#test/harness/upstream.ts'

const { gateway, first, second } = await useGateway({ first: well, second: well })
const { db } = gateway.database

const providers = () => [
  { kind: 'openai' as const, name: 'one', baseUrl: first.url, apiKey: 'sk-first' },
  { kind: 'openai' as const, name: 'two', baseUrl: second.url, apiKey: 'sk-second' },
]
const both: (Partial<Target> & Pick<Target, 'provider' | 'model'>)[] = [
  { provider: 'one', model: 'gpt-5-mini' },
  { provider: 'two', model: 'gpt-5-mini' },
]
/** A tenant with a route `fast` to these. */
const tenant = (targets = both, routing: Partial<Routing> = usualRouting) =>
  gateway.tenant(providers(), targets, { routing })
const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'What is on the lot?' }] }
const ask = ({ openai }: Asker, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) =>
  openai.chat.completions.create({ ...question, ...more }).withResponse()
const answerer = async (...asked: Parameters<typeof ask>) =>
  (await ask(...asked)).response.headers.get('x-auterity-provider')
const busy = json(503, { error: { message: 'Busy.', type: 'server_error' } })
const silent = (): void => {}

test('what may pass is asked for once more, and the caller waits for the answer', async () => {
  const asker = await tenant(both.slice(0, 1))
  first.next(busy)
  expect((await ask(asker)).data.choices[0]?.message.content).toBe(words.join(''))
  const [row] = await gateway.written(asker.ctx)
  expect(row).toMatchObject({ outcome: 'ok', attempts: [{ failure: 'overloaded' }, { provider: 'one' }] })
  // the pause between them is not our own time
  expect(row!.attempts[1]!.at - row!.attempts[0]!.ms).toBeGreaterThan(120)
  expect(row!.overhead_ms).toBeLessThan(120)
})

test('it is asked for as often as the route says, and then the failure is told', async () => {
  const asker = await tenant(both, { ...usualRouting, retries: 2 })
  const all = [busy, busy, busy]
  first.next(...all)
  second.next(...all)
  await expect(ask(asker)).rejects.toMatchObject({ status: 503 })
  expect([first.asked.length, second.asked.length]).toEqual([3, 3])
})

test('who asks to be left alone for a little is waited for; for longer than the route has patience the caller is told', async () => {
  const asker = await tenant(both.slice(0, 1))
  const slowDown = (after: Record<string, string>) => json(429, { error: { message: 'Slow down.' } }, after)
  first.next(slowDown({ 'retry-after-ms': '400' }))
  await ask(asker)
  const [row] = await gateway.written(asker.ctx)
  expect(row!.attempts[1]!.at).toBeGreaterThanOrEqual(400)

  first.beginAnew()
  first.next(slowDown({ 'retry-after': '30' }))
  const limited = (await ask(asker).catch((error: unknown) => error)) as RateLimitError
  expect(limited).toBeInstanceOf(RateLimitError)
  expect(limited.headers?.get('retry-after')).toBe('30')
  // it rests: nobody is asked in the meantime
  const told = (await ask(asker).catch((error: unknown) => error)) as RateLimitError
  expect(told).toMatchObject({ status: 429, message: expect.stringContaining('left alone for a while') as string })
  expect(Number(told.headers?.get('retry-after'))).toBeGreaterThan(20)
  expect(first.asked).toHaveLength(1)
})

test('a key that is refused rests, and another of the same provider is used in its place', async () => {
  const asker = await tenant(both.slice(0, 1))
  await withTenant(db, asker.ctx, async (tx) => {
    const { id } = await findProvider(tx, asker.ctx, 'one')
    await addProviderKey(tx, asker.ctx, createSeal([testKey]), id, { apiKey: 'sk-other', label: 'Spare' })
  })
  const keys = () => first.asked.map(({ headers }) => headers.authorization)
  // until both are known, and the turn comes to the one that is refused
  const refusing = (response: ServerResponse, asked: (typeof first.asked)[number]) =>
    asked.headers.authorization === 'Bearer sk-other'
      ? json(401, { error: { message: 'Incorrect API key provided.' } })(response)
      : well(response, asked)
  let content = 0
  await until('the spare key is tried', async () => {
    first.next(refusing, refusing)
    await ask(asker, { messages: [{ role: 'user', content: `Car ${content++}` }] })
    return keys().includes('Bearer sk-other')
  })
  expect(keys().at(-1)).toBe('Bearer sk-first')
  first.beginAnew()
  for (let n = 0; n < 10; n++) await ask(asker, { messages: [{ role: 'user', content: `Van ${n}` }] })
  expect(new Set(keys())).toEqual(new Set(['Bearer sk-first']))
  await gateway.written(asker.ctx)
  expect(await withTenant(db, asker.ctx, (tx) => listUnwell(tx, asker.ctx))).toMatchObject([
    { provider: 'one', key: { label: 'Spare' }, state: 'resting', why: 'Incorrect API key provided.' },
  ])
})

test('who fails again and again is left alone, which is an event; the next answers at once', async () => {
  const asker = await tenant()
  first.next(...Array.from({ length: 5 }, () => busy))
  for (let n = 0; n < 6; n++) expect(await answerer(asker)).toBe('two')
  expect(first.asked).toHaveLength(5)
  await gateway.written(asker.ctx)
  const changes = await withTenant(db, asker.ctx, (tx) => listHealthChanges(tx, asker.ctx))
  expect(changes).toMatchObject([{ provider: 'one', model: 'gpt-5-mini', key: null, state: 'open', why: 'Busy.' }])
  expect(Date.parse(changes[0]!.until ?? '')).toBeGreaterThan(Date.parse(changes[0]!.at))
  const other = await tenant()
  expect(await withTenant(db, other.ctx, (tx) => listHealthChanges(tx, other.ctx))).toEqual([])
  expect(await answerer(other)).toBe('one')
})

test('who answers most of the time is asked first, however often it failed in all', async () => {
  const asker = await tenant()
  const four = Array.from({ length: 4 }, () => busy)
  first.next(...four)
  for (let n = 0; n < 4; n++) expect(await answerer(asker)).toBe('two')
  for (let n = 0; n < 10; n++) expect(await answerer(asker)).toBe('one')
  first.next(...four)
  for (let n = 0; n < 4; n++) expect(await answerer(asker)).toBe('two')
  expect(await answerer(asker)).toBe('one')
})

test('with nobody well, those that only seem unwell are asked all the same', async () => {
  const asker = await tenant(both.slice(0, 1), { ...usualRouting, retries: 0, patience: 0 })
  first.next(...Array.from({ length: 5 }, () => busy))
  for (let n = 0; n < 5; n++) await expect(ask(asker)).rejects.toMatchObject({ status: 503 })
  expect(await answerer(asker)).toBe('one')
})

test('a conversation stays with whom it began, and conversations are shared out', async () => {
  const asker = await tenant(both.map((one) => ({ ...one, priority: 0 })))
  const begins = new Set<string | null>()
  for (let n = 0; n < 20; n++) {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: 'You sell cars.' },
      { role: 'user', content: `Tell me of car ${n}.` },
    ]
    const begun = await answerer(asker, { messages })
    begins.add(begun)
    messages.push({ role: 'assistant', content: 'It is red.' }, { role: 'user', content: 'How old is it?' })
    expect(await answerer(asker, { messages })).toBe(begun)
  }
  expect(begins).toEqual(new Set(['one', 'two']))
})

test.each([
  ['whole', false],
  ['as a stream', true],
])('who does not begin in time is left for the next: %s', async (_, stream) => {
  const asker = await tenant(both, { ...usualRouting, firstToken: 0.2 })
  first.next(stream ? partly(1, silent) : silent)
  if (stream) {
    let text = ''
    for await (const { choices } of await asker.openai.chat.completions.create({ ...question, stream }))
      text += choices[0]?.delta.content ?? ''
    expect(text).toBe(words.join(''))
  } else expect(await answerer(asker)).toBe('two')
  const [row] = await gateway.written(asker.ctx)
  expect(row).toMatchObject({ outcome: 'ok', provider: 'two', attempts: [{ failure: 'timeout' }, {}] })
  await until('the first is told to stop', () => Promise.resolve(first.abandoned === 1))
})

test('with hedging the next is asked as well; the first to begin answers, the other is told to stop, both are paid', async () => {
  const asker = await tenant(both, { ...usualRouting, hedge: 0.1 })
  first.next(silent)
  expect(await answerer(asker)).toBe('two')
  await until('the first is told to stop', () => Promise.resolve(first.abandoned === 1))
  const [row] = await gateway.written(asker.ctx)
  expect(row).toMatchObject({ outcome: 'ok', provider: 'two', attempts: [{ failure: 'outrun' }, { provider: 'two' }] })
  const alone = await tenant(both.slice(0, 1))
  await ask(alone)
  const [single] = await gateway.written(alone.ctx)
  // nine tokens were read by the other in vain
  expect(Number(row!.cost_nano) - Number(single!.cost_nano)).toBe(9 * 250)
})

test('a question that is too long for one goes to the next, and so does one whose key may not', async () => {
  const asker = await tenant()
  first.next(json(400, { error: { message: 'Too long.', code: 'context_length_exceeded' } }))
  expect(await answerer(asker)).toBe('two')
  first.next(json(403, { error: { message: 'Not for this project.' } }))
  expect(await answerer(asker)).toBe('two')
})

test('who is not able to do what is asked is left out; where nobody is, that is said', async () => {
  const image = [
    {
      role: 'user' as const,
      content: [{ type: 'image_url' as const, image_url: { url: 'https://example.com/car.png' } }],
    },
  ]
  const asker = await tenant([{ ...both[0]!, capabilities: ['tools'] }, both[1]!])
  expect(await answerer(asker)).toBe('one')
  expect(await answerer(asker, { messages: image })).toBe('two')
  const alone = await tenant([{ ...both[0]!, capabilities: ['tools'], context: 100 }])
  await expect(ask(alone, { messages: image })).rejects.toMatchObject({ status: 400, code: 'model_not_able' })
  const long = [{ role: 'user' as const, content: 'a car '.repeat(100) }]
  await expect(ask(alone, { messages: long })).rejects.toMatchObject({ status: 400, code: 'model_not_able' })
  expect(await answerer(alone)).toBe('one')
})

test('the cheapest comes first where the route says so', async () => {
  const dear = { ...both[0]!, model: 'gpt-5', priority: 0 }
  const cheap = { ...both[1]!, model: 'gpt-5-nano', priority: 0 }
  const thrifty = await tenant([dear, cheap], { ...usualRouting, choice: 'cheapest' })
  for (let n = 0; n < 4; n++)
    expect(await answerer(thrifty, { messages: [{ role: 'user', content: `Car ${n}` }] })).toBe('two')
})
