import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { readCourse } from '#activities/gateway/store-cache.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import type { CacheSettings } from '#schemas/gateway/cache.ts'
import { setCache } from '#test/harness/cache.ts'
import { useGateway, type Asker } from '#test/harness/gateway.ts'
import { until } from '#test/harness/until.ts'
import { json, words, type Behaviour } from '#test/harness/upstream.ts'

/** The directions of questions, in degrees: the cosine of what lies between two is how alike they are. */
const directions: Record<string, number> = {}
/** What the model answers to a question, where that is not what it says to all. */
const answers: Record<string, string> = {}
let verdict = 'SAME'

const embeds: Behaviour = (response, { body }) => {
  const angle = ((directions[String(body['input'])] ?? 0) * Math.PI) / 180
  // longer than one, as some models have them
  const embedding = [3 * Math.cos(angle), 3 * Math.sin(angle)]
  const usage = { prompt_tokens: 8, total_tokens: 8 }
  json(200, {
    object: 'list',
    model: 'text-embedding-3-small',
    data: [{ object: 'embedding', index: 0, embedding }],
    usage,
  })(response)
}
const says: Behaviour = (response, { body }) => {
  const turns = body['messages'] as { content: string }[]
  const question = turns.at(-1)?.content ?? ''
  const content = question.startsWith('Question:') ? verdict : (answers[question] ?? words.join(''))
  const choices = [
    { index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop', logprobs: null },
  ]
  const usage = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 }
  json(200, { id: 'x', object: 'chat.completion', created: 1, model: 'gpt-5-mini', choices, usage })(response)
}
const { gateway, gpt, embedder } = await useGateway({ gpt: says, embedder: embeds })
const { db } = gateway.database

const cached = async (more: Partial<CacheSettings> = {}, models: string[] | null = null): Promise<Asker> => {
  const one = await gateway.tenant(
    [
      { kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' },
      { kind: 'openai', name: 'embedder', baseUrl: embedder.url, apiKey: 'sk-emb' },
    ],
    [{ provider: 'gpt', model: 'gpt-5-mini' }],
    { models },
  )
  const targets = [{ provider: 'embedder', model: 'text-embedding-3-small', weight: 1, priority: 0 }]
  await withTenant(db, one.ctx, (tx) => addRoute(tx, one.ctx, { alias: 'embed', targets }))
  await setCache(gateway, one.ctx, { mode: 'semantic', embeddings: 'embed', auditShare: 0, similarity: 0.95, ...more })
  return one
}
const ask = async ({ openai }: Asker, content: string, more: object = {}) => {
  const { data, response } = await openai.chat.completions
    .create({ model: 'fast', messages: [{ role: 'user', content }], ...more, stream: false })
    .withResponse()
  const header = (name: string) => response.headers.get(name)
  return {
    said: data.choices[0]?.message.content,
    how: header('x-auterity-cache'),
    similarity: header('x-auterity-similarity'),
  }
}
const [first, near, far] = ['How many Corollas do you have?', 'What number of Corollas is there?', 'Do you sell tyres?']
Object.assign(directions, { [first]: 0, [near]: 10, [far]: 60 })
const kept = async ({ ctx }: Asker, count = 1) =>
  until('it is kept', async () => {
    const rows = await db.system
      .selectFrom('gateway_cache_entry')
      .selectAll()
      .where('tenant_id', '=', ctx.tenant)
      .execute()
    const compared = rows.filter(({ vector }) => vector !== null)
    return compared.length >= count && compared
  })

test('a question that is nearly the same gets the answer, which is told, counted and charged for its embedding alone', async () => {
  const one = await cached({}, ['fast'])
  expect((await ask(one, first)).how).toBe('miss')
  const [entry] = await kept(one)
  expect(entry!.vector!.length).toBeGreaterThan(8)
  expect(await ask(one, near)).toEqual({
    said: words.join(''),
    how: 'hit',
    similarity: Math.cos(Math.PI / 18).toFixed(4),
  })
  expect((await ask(one, far)).how).toBe('miss')
  expect(gpt.asked).toHaveLength(2)
  const rows = await gateway.written(one.ctx)
  const chats = rows.filter(({ operation }) => operation === 'chat')
  expect(chats).toMatchObject([
    { cache: 'miss' },
    { cache: 'semantic', cache_of: chats[0]!.id, cost_nano: '0' },
    { cache: 'miss' },
  ])
  expect(chats[1]!.cache_similarity).toBeCloseTo(0.9848, 3)
  expect(chats[1]!.list_nano).toBe(chats[0]!.cost_nano)
  const embeddings = rows.filter(({ operation }) => operation === 'embeddings')
  expect(embeddings).toHaveLength(3)
  expect(Number(embeddings[0]!.cost_nano)).toBeGreaterThan(0)
  expect(embeddings[0]).toMatchObject({ key_id: one.key, cache: null })
})

test('a question less alike than is asked for is asked, as is one with another number or in another context', async () => {
  const one = await cached({ similarity: 0.99 })
  await ask(one, first)
  await kept(one)
  expect((await ask(one, near)).how).toBe('miss')
  const two = await cached()
  await ask(two, `${first} 2024`)
  await kept(two)
  expect((await ask(two, `${first} 2023`)).how).toBe('miss')
  expect((await ask(two, `${first} 2024`, { max_completion_tokens: 9 })).how).toBe('miss')
  expect((await ask(two, `So: ${first} 2024`)).how).toBe('hit')
})

test('no answer goes to another tenant, however alike the questions are', async () => {
  const [one, two] = [await cached(), await cached()]
  await ask(one, first)
  await kept(one)
  expect((await ask(two, near)).how).toBe('miss')
})

test('with tools on offer only the very same request gets the answer', async () => {
  const one = await cached()
  const tools = [{ type: 'function', function: { name: 'book', parameters: { type: 'object' } } }]
  await ask(one, first, { tools })
  expect((await ask(one, near, { tools })).how).toBe('miss')
  expect((await ask(one, first, { tools })).how).toBe('hit')
  expect(embedder.asked).toEqual([])
})

test('where nobody makes embeddings the model is asked, and the answer kept for the same request', async () => {
  const one = await cached()
  embedder.next(json(500, { error: { message: 'Oh.' } }))
  expect((await ask(one, first)).how).toBe('miss')
  expect((await ask(one, first)).how).toBe('hit')
})

test('an audited answer that is right stays; words in another order of marks are the same, others are judged', async () => {
  answers[near] = 'the north lot HAS, two!'
  const one = await cached({ auditShare: 1 })
  await ask(one, first)
  await kept(one)
  expect((await ask(one, near)).said).toBe(words.join(''))
  const course = async () => (await withTenant(db, one.ctx, (tx) => readCourse(tx, one.ctx, 1))).points[0]
  await until('it is audited', async () => (await course())?.audited === 1)
  expect(gpt.asked.filter(({ text }) => text.includes('Answer A'))).toHaveLength(0)
  const audits = (await gateway.written(one.ctx)).filter(({ tags }) => tags['cache_audit'] === 'yes')
  expect(await course()).toMatchObject({ audited: 1, wrong: 0, semantic: 1, missed: 1 })
  expect(audits.map(({ operation }) => operation)).toContain('chat')
  delete answers[near]
})

test('an audited answer that was wrong is counted, told of, and not given again to such a question', async () => {
  answers[near] = 'Seven.'
  verdict = 'DIFFERENT'
  const one = await cached({ auditShare: 1 })
  await ask(one, first)
  await kept(one)
  expect((await ask(one, near)).how).toBe('hit')
  const course = async () => (await withTenant(db, one.ctx, (tx) => readCourse(tx, one.ctx, 1))).points[0]
  await until('it is found to be wrong', async () => (await course())?.wrong === 1)
  const events = await db.system
    .selectFrom('event')
    .selectAll()
    .where('tenant_id', '=', one.ctx.tenant)
    .where('type', '=', 'cached_answer_wrong')
    .execute()
  expect(events).toHaveLength(1)
  expect(events[0]!.data).toMatchObject({ similarity: expect.closeTo(0.9848, 3), threshold: expect.closeTo(0.9924, 3) })
  // what the model said then is what this question gets from now on, and another as far off asks anew
  await kept(one, 2)
  expect(await ask(one, near)).toMatchObject({ said: 'Seven.', how: 'hit', similarity: null })
  const other = 'And what number of Corollas would that be?'
  directions[other] = -10
  await setCache(gateway, one.ctx, { auditShare: 0 })
  expect((await ask(one, other)).how).toBe('miss')
  const closer = 'How many of those Corollas do you have?'
  directions[closer] = -2
  expect((await ask(one, closer)).how).toBe('hit')
  delete answers[near]
  verdict = 'SAME'
})

test('nobody is judged by an answer that is neither word', async () => {
  answers[near] = 'Seven.'
  verdict = 'Hard to say.'
  const one = await cached({ auditShare: 1 })
  await ask(one, first)
  await kept(one)
  await ask(one, near)
  await until('it was asked', () => Promise.resolve(gpt.asked.some(({ text }) => text.includes('Answer A'))))
  await gateway.relaying.flush()
  const { points } = await withTenant(db, one.ctx, (tx) => readCourse(tx, one.ctx, 1))
  expect(points[0]).toMatchObject({ audited: 0, wrong: 0 })
  delete answers[near]
  verdict = 'SAME'
})
