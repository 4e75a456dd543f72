import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { changeRoute } from '#activities/gateway/store-routes.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { setCache } from '#test/harness/cache.ts'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { until } from '#test/harness/until.ts'
import { chunksOf, json, partly, well, words, type Behaviour } from '#test/harness/upstream.ts'

const { gateway, gpt, tenant } = await useBothWires()
const { db } = gateway.database

const cached = async (...given: Partial<Parameters<typeof tenant>>) => {
  const one = await tenant(given[0] ?? ['gpt'], given[1])
  await setCache(gateway, one.ctx, { mode: 'exact' })
  return one
}
const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'How many Corollas are on the lot?' }] }
const ask = async ({ openai }: Pick<Asker, 'openai'>, more: object = {}, signal?: AbortSignal) => {
  const { data, response } = await openai.chat.completions
    .create({ ...question, ...more, stream: false }, signal === undefined ? {} : { signal })
    .withResponse()
  return { how: response.headers.get('x-auterity-cache'), said: data.choices[0]?.message.content }
}
/** A provider that answers when it is told to. */
const held = () => {
  let answer: () => void = () => {}
  const behaviour: Behaviour = (response, asked) => void (answer = () => well(response, asked))
  return { behaviour, answer: () => answer() }
}
const outcomes = async ({ ctx }: Asker) =>
  (await gateway.written(ctx)).map(({ outcome, cache }) => `${outcome} ${cache}`)

test('fifty that ask the same at the same time ask once, and all are answered, as each wants it', async () => {
  const one = await cached()
  const provider = held()
  gpt.next(provider.behaviour)
  const all = Array.from({ length: 50 }, async (_, n) => {
    if (n % 5 > 0) return (await ask(one)).said
    const stream = await one.openai.chat.completions.create({ ...question, stream: true })
    let said = ''
    for await (const { choices } of stream) said += choices[0]?.delta.content ?? ''
    return said
  })
  await until('somebody asks', () => Promise.resolve(gpt.asked.length > 0))
  // the others are on their way, or there
  await until(
    'the others have come',
    async () => (await fetch(gateway.openai.replace('/gateway/openai/v1', '/nothing'))).status === 404,
  )
  provider.answer()
  expect(new Set(await Promise.all(all))).toEqual(new Set([words.join('')]))
  expect(gpt.asked).toHaveLength(1)
  const told = await outcomes(one)
  expect(told.filter((word) => word === 'ok exact')).toHaveLength(49)
  expect(told.filter((word) => word === 'ok miss')).toHaveLength(1)
})

test('one who asks for all and goes away hands over to the next', async () => {
  const one = await cached()
  const [first, second] = [held(), held()]
  gpt.next(first.behaviour)
  const abort = new AbortController()
  const leader = ask(one, {}, abort.signal).catch(() => 'gone')
  await until('the first asks', () => Promise.resolve(gpt.asked.length === 1))
  const others = [ask(one), ask(one)]
  await until('they are there', async () => (await ask(one, { seed: 1 })).how !== null)
  gpt.next(second.behaviour)
  abort.abort()
  expect(await leader).toBe('gone')
  await until('the next asks', () => Promise.resolve(gpt.asked.length === 3))
  second.answer()
  const told = await Promise.all(others)
  expect(new Set(told.map(({ how }) => how))).toEqual(new Set(['hit', 'miss']))
  expect(gpt.asked).toHaveLength(3)
  expect((await outcomes(one)).toSorted()).toEqual(['cancelled miss', 'ok exact', 'ok miss', 'ok miss'])
})

test('one who waits for another and goes away is written down, and holds up nobody', async () => {
  const one = await cached()
  const provider = held()
  gpt.next(provider.behaviour)
  const leader = ask(one)
  await until('the first asks', () => Promise.resolve(gpt.asked.length === 1))
  const abort = new AbortController()
  const waiter = ask(one, {}, abort.signal).catch(() => 'gone')
  await until('it waits', async () => (await ask(one, { seed: 1 })).how !== null)
  abort.abort()
  expect(await waiter).toBe('gone')
  await until('it is written down', async () => (await outcomes(one)).includes('cancelled miss'))
  provider.answer()
  expect((await leader).said).toBe(words.join(''))
  expect((await ask(one)).how).toBe('hit')
})

test('nobody is asked for those who have all gone', async () => {
  const one = await cached()
  gpt.next(held().behaviour)
  const aborts = [new AbortController(), new AbortController()] as const
  const leader = ask(one, {}, aborts[0].signal).catch(() => 'gone')
  await until('the first asks', () => Promise.resolve(gpt.asked.length === 1))
  const waiter = ask(one, {}, aborts[1].signal).catch(() => 'gone')
  await until('it waits', async () => (await ask(one, { seed: 1 })).how !== null)
  aborts[1].abort()
  await until('it is written down', async () => (await outcomes(one)).includes('cancelled miss'))
  aborts[0].abort()
  await until('both are', async () => (await outcomes(one)).filter((word) => word === 'cancelled miss').length === 2)
  expect(await Promise.all([leader, waiter])).toEqual(['gone', 'gone'])
  expect((await ask(one)).how).toBe('miss')
  expect(gpt.asked.filter(({ body }) => body['seed'] === undefined)).toHaveLength(2)
})

test('where the one that asks is refused, those that wait ask for themselves', async () => {
  const one = await cached()
  let refuse: () => void = () => {}
  gpt.next(
    (response) =>
      void (refuse = () => json(400, { error: { message: 'No.', type: 'invalid_request_error' } })(response)),
  )
  const leader = ask(one).catch((error: { status: number }) => error.status)
  await until('the first asks', () => Promise.resolve(gpt.asked.length === 1))
  const others = [ask(one), ask(one)]
  await until('they are there', async () => (await ask(one, { seed: 1 })).how !== null)
  refuse()
  expect(await leader).toBe(400)
  expect((await Promise.all(others)).map(({ said }) => said)).toEqual([words.join(''), words.join('')])
})

const broken: [string, Behaviour, boolean][] = [
  ['was refused', json(400, { error: { message: 'No.' } }), false],
  ['failed', json(500, { error: { message: 'Oh.' } }), false],
  ['was cut', partly(4, (response) => void response.destroy()), true],
  ['ended before its end', partly(4, (response) => void response.end()), true],
  ['broke in its midst', partly(4, (response) => void response.end('data: {"no json\n\n')), true],
  ['is no JSON', (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{'), false],
  ['was filtered by the provider', stopped('content_filter'), false],
  ['says nothing', saying({ content: null }), false],
  ['is larger than what is kept', saying({ content: 'word '.repeat(120_000) }), false],
]
function stopped(finish_reason: string): Behaviour {
  const message = { role: 'assistant', content: 'Hm.', refusal: null }
  return json(200, {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message, finish_reason }],
  })
}
function saying(said: object): Behaviour {
  const message = { role: 'assistant', refusal: null, ...said }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  return json(200, { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices })
}

test.each(broken)('an answer that %s is not given again', async (_, behaviour, stream) => {
  const one = await cached()
  gpt.next(behaviour)
  await one.openai.chat.completions
    .create({ ...question, stream })
    .then(async (said) => (Symbol.asyncIterator in said ? drained(said) : undefined))
    .catch(() => {})
  await gateway.written(one.ctx)
  expect(await ask(one)).toEqual({ how: 'miss', said: words.join('') })
})

const drained = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of stream);
}

test('a stream that its caller leaves is not given again', async () => {
  const one = await cached()
  let open: ServerResponse | undefined
  gpt.next((response, { body }) => {
    open = response
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of chunksOf(body).slice(0, 3)) response.write(event)
  })
  const abort = new AbortController()
  const stream = await one.openai.chat.completions.create({ ...question, stream: true }, { signal: abort.signal })
  for await (const _ of stream) break
  abort.abort()
  await until('it is written down', async () => (await outcomes(one)).includes('cancelled miss'))
  expect(open?.destroyed).toBe(true)
  expect((await ask(one)).how).toBe('miss')
})

test('a stream passes as it comes, while it is gathered', async () => {
  const one = await cached()
  let response: ServerResponse | undefined
  const rest: string[] = []
  gpt.next((given, { body }) => {
    response = given
    const events = chunksOf(body)
    rest.push(...events.slice(3), 'data: [DONE]\n\n')
    given.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of events.slice(0, 3)) given.write(event)
  })
  const stream = await one.openai.chat.completions.create({ ...question, stream: true })
  let said = ''
  for await (const { choices } of stream) {
    said += choices[0]?.delta.content ?? ''
    // the provider says the rest only once the caller has heard of this
    if (said === words.slice(0, 2).join('')) response?.end(rest.splice(0).join(''))
  }
  expect(said).toBe(words.join(''))
  expect((await ask(one)).how).toBe('hit')
})

test('a route says it in place of its tenant, and a rule in place of both', async () => {
  const one = await tenant(['gpt'])
  const route = await db.system
    .selectFrom('gateway_route')
    .select('id')
    .where('tenant_id', '=', one.ctx.tenant)
    .executeTakeFirstOrThrow()
  const isOn = async (how: string) => {
    await ask(one)
    return (await ask(one)).how === how
  }
  const set = (cache: { mode: 'off' | 'exact' } | null) =>
    withTenant(db, one.ctx, (tx) =>
      changeRoute(tx, one.ctx, route.id, { routing: { ...usualRouting, retries: 0, cache } }),
    )
  await set({ mode: 'exact' })
  await until('the route has it on', () => isOn('hit'))
  await withTenant(db, one.ctx, async (tx) => {
    const rules = '  - { id: fresh, when: request.stream == false, also: { cache: off } }'
    const { id } = await createPolicy(tx, one.ctx, `name: Test\nrules:\n${rules}\n`)
    await publish(tx, one.ctx, id, { revision: 1 })
  })
  await until('the rule has it off', async () => (await ask(one)).how === null)
  await setCache(gateway, one.ctx, { mode: 'exact' })
  expect((await ask(one)).how).toBeNull()
  await set({ mode: 'off' })
})

test('a rule keeps answers for as long as it says', async () => {
  const one = await tenant(['gpt'])
  await withTenant(db, one.ctx, async (tx) => {
    const text = 'name: Test\nrules:\n  - { id: keep, also: { cache: { mode: exact, ttl: 1s } } }\n'
    const { id } = await createPolicy(tx, one.ctx, text)
    await publish(tx, one.ctx, id, { revision: 1 })
  })
  await until('it is kept', async () => (await ask(one)).how === 'hit')
  await until('its second is over', async () => (await ask(one)).how === 'miss')
})
