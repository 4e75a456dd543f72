import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { openSample, readVerdicts } from '#activities/gateway/store-verdicts.ts'
import { setCache } from '#test/harness/cache.ts'
import { useComparing } from '#test/harness/compared.ts'
import { startGateway, type Asker } from '#test/harness/gateway.ts'
import { guard, saying } from '#test/harness/guarded.ts'
import { compared, comparing, guardQuality, judgeAll, long, samplesIn, short, shownTo } from '#test/harness/quality.ts'
import { setRecording } from '#test/harness/recording.ts'
import { until } from '#test/harness/until.ts'
import { json, partly } from '#test/harness/upstream.ts'

const { gateway, gpt, db, seal, asker, ask, stream, samples, modelsAsked, judged } = await useComparing()
const figures = ({ ctx }: Asker) => withTenant(db, ctx, (tx) => readVerdicts(tx, ctx, 7))

test('what a rule sent to the cheaper model is asked of the other one too, and judged blind in both orders', async () => {
  const one = await asker()
  const { data, response } = await ask(one, short).withResponse()
  expect(data.choices[0]?.message.content).toBe('This is what gpt-5-nano says.')
  expect(await samples(one)).toMatchObject([
    { id: response.headers.get('x-request-id'), arm: 'routed', rule: 'easy', asked: 'fast', state: 'waiting' },
  ])
  expect(modelsAsked()).toEqual([compared.cheap])
  expect(await judgeAll(gateway, one.ctx)).toBe(1)
  expect(modelsAsked()).toEqual([compared.cheap, compared.strong, compared.judge, compared.judge])
  const [sample] = await samples(one)
  expect(sample).toMatchObject({ state: 'judged', verdict: 'loss', flipped: false })
  expect(sample).toMatchObject({ strong: 'gpt/gpt-5', cheap: 'gpt/gpt-5-nano', policy_id: one.policy })
  const orders = judged().map((shown) => [shownTo(shown, 'FIRST ANSWER'), shownTo(shown, 'SECOND ANSWER')])
  const [strong, cheap] = ['This is what gpt-5 says.', 'This is what gpt-5-nano says.']
  expect(new Set(orders.map((order) => order.join()))).toEqual(new Set([`${strong},${cheap}`, `${cheap},${strong}`]))
  for (const shown of judged()) {
    expect(shownTo(shown, 'REQUEST')).toBe(`[user]\n${short}`)
    const asked = shown.text.replaceAll('This is what gpt-5 says.', '').replaceAll('This is what gpt-5-nano says.', '')
    expect(asked).not.toMatch(/gpt-5|fast|cheap/)
    expect(shown.body['response_format']).toMatchObject({ type: 'json_schema', json_schema: { strict: true } })
  }
  const rows = await gateway.written(one.ctx)
  expect(rows.map(({ tags, key_id: key }) => [tags, key === null])).toEqual([
    [{ store: 'north' }, false],
    ...['shadow', 'judge', 'judge'].map((what) => [{ 'quality-guard': what }, true]),
  ])
  expect(sample!.shadow_id).toBe(rows[1]!.id)
})

test('what the same rule left at the model that was asked for is asked of the cheaper one: the line of chance', async () => {
  const one = await asker()
  await ask(one, long)
  expect(await samples(one)).toMatchObject([
    { arm: 'kept', rule: 'easy', strong: 'gpt/gpt-5', cheap: 'gpt/gpt-5-nano' },
  ])
  expect((await figures(one)).byChance).toBeNull()
  gpt.next(
    saying(() => ({ text: 'The same.' })),
    ...Array.from({ length: 2 }, () => saying(() => ({ text: '{"reason":"Both do.","better":"same"}' }))),
  )
  await judgeAll(gateway, one.ctx)
  expect(modelsAsked().slice(0, 2)).toEqual([compared.strong, compared.cheap])
  await ask(one, short)
  await judgeAll(gateway, one.ctx)
  const { routed, kept, byChance, pairs } = await figures(one)
  expect(routed).toMatchObject({ n: 1, losses: 1, kept: { value: 0 }, net: -1 })
  expect(kept).toMatchObject({ n: 1, ties: 1, kept: { value: 1 }, net: 0 })
  expect(byChance?.value).toBe(0.5)
  expect(pairs).toMatchObject([
    { policy: one.policy, rule: 'easy', name: 'Easy ones', routed: { n: 1 }, kept: { n: 1 } },
  ])
})

test('streams are put together; no rule, no sample, and the guard samples nothing that it asks itself', async () => {
  const one = await asker()
  await stream(one, short)
  await judgeAll(gateway, one.ctx)
  expect(await samples(one)).toMatchObject([{ arm: 'routed', state: 'judged', verdict: 'loss' }])
  expect(shownTo(judged()[0]!, 'FIRST ANSWER')).toMatch(/^This is what gpt-5(-nano)? says\.$/)
  expect(gpt.asked[1]!.body['stream']).toBeUndefined()
  await one.openai.chat.completions.create({ model: 'judge', messages: [{ role: 'user', content: short }] })
  expect(await samples(one)).toHaveLength(1)
  expect(await judgeAll(gateway, one.ctx)).toBe(0)
})

test('on the wire of Anthropic too, and where rules set parameters the other model gets the same', async () => {
  const one = await asker(
    {},
    `name: Easy ones
rules:
  - id: easy
    when: prompt.tokens < 30 && request.model == "fast"
    also: { set: { maxTokens: 77 } }
    decide: { downgrade: cheap }`,
  )
  const { content } = await one.anthropic.messages.create({
    model: 'fast',
    max_tokens: 500,
    system: 'Be brief.',
    messages: [{ role: 'user', content: short }],
  })
  expect(content).toMatchObject([{ type: 'text', text: 'This is what gpt-5-nano says.' }])
  await judgeAll(gateway, one.ctx)
  expect(await samples(one)).toMatchObject([{ operation: 'messages', verdict: 'loss' }])
  expect(gpt.asked.slice(0, 2).map(({ body }) => body['max_completion_tokens'])).toEqual([77, 77])
  expect(shownTo(judged()[0]!, 'REQUEST')).toBe(`[system]\nBe brief.\n\n[user]\n${short}`)
})

test.each([
  ['a failure', json(400, { error: { message: 'no' } }), {}],
  ['a stream that breaks', partly(3, (response) => response.destroy()), { stream: true }],
  ['a call of a tool', saying(() => ({ args: '{}' })), {}],
  ['an image that no judge could see', undefined, { image: true }],
])(
  '%s is no sample',
  async (_, behaviour, { stream: streamed = false, image = false }: { stream?: boolean; image?: boolean }) => {
    const one = await asker()
    if (behaviour !== undefined) gpt.next(behaviour)
    const url = `data:image/png;base64,${Buffer.alloc(30).toString('base64')}`
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: short },
          { type: 'image_url', image_url: { url } },
        ],
      },
    ]
    await (streamed ? stream(one, short) : ask(one, short, image ? { messages } : {})).catch(() => {})
    await until('it is written down', async () => (await gateway.written(one.ctx)).length === 1)
    expect(await samples(one)).toEqual([])
  },
)

test('what is asked beside is asked anew, whatever the cache has', async () => {
  const one = await asker()
  await setCache(gateway, one.ctx, { mode: 'exact' })
  await one.openai.chat.completions.create({ model: 'cheap', messages: [{ role: 'user', content: long }] })
  await ask(one, long)
  await judgeAll(gateway, one.ctx)
  expect(modelsAsked().slice(0, 3)).toEqual([compared.cheap, compared.strong, compared.cheap])
})

test('an answer of the cache is no sample, and nor is anything while the guard is off', async () => {
  const one = await asker()
  await setCache(gateway, one.ctx, { mode: 'exact' })
  await ask(one, short)
  await ask(one, short)
  expect(await samples(one)).toHaveLength(1)
  await judgeAll(gateway, one.ctx)
  await guardQuality(gateway, one.ctx, { on: false })
  await ask(one, `${short} And now?`)
  expect(await samples(one)).toHaveLength(1)
})

test('what a guardrail masks is masked for whoever is asked beside, and for the judge', async () => {
  const one = await asker()
  await guard(gateway, one.ctx, 'pii', 'mask')
  await until('the guardrail is known', async () => {
    return (await gateway.relaying.relay.knowledge.models(one.ctx.tenant)).guards !== null
  })
  await setRecording(gateway, one.ctx)
  gpt.next(saying(() => ({ text: 'Wrote to eve@example.com.' })))
  await ask(one, 'Write to bob.lee@example.com')
  await judgeAll(gateway, one.ctx)
  const [sample] = await samples(one)
  expect(sample).toMatchObject({ state: 'judged' })
  const { cheapAnswer } = await withTenant(db, one.ctx, (tx) => openSample(tx, one.ctx, seal, sample!.id))
  expect(cheapAnswer).toMatch(/^Wrote to EMAIL-/)
  for (const { text } of gpt.asked) expect(text).not.toMatch(/bob\.lee|eve@example/)
})

test('where there is no room for samples, requests are served as ever and those that are lost are counted', async () => {
  await using full = await startGateway({ mostSampled: 10 })
  const { ctx, openai } = await full.tenant(
    [{ kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' }],
    [{ provider: 'gpt', model: compared.strong }],
  )
  const { db: other } = full.database
  await comparing(other, ctx, 'gpt')
  await guardQuality(full, ctx)
  const served = async () => {
    const messages = [{ role: 'user' as const, content: short }]
    return (await openai.chat.completions.create({ model: 'fast', messages })).choices[0]?.message.content
  }
  await until('the rule is known', async () => (await served()) === 'This is what gpt-5-nano says.')
  expect(full.relaying.figures().unsampled).toBeGreaterThan(0)
  await full.relaying.flush()
  expect(await samplesIn(other, ctx)).toEqual([])
})

test('rules that do not look at the prompt leave nothing to chance', async () => {
  const one = await asker(
    {},
    `name: Service
rules:
  - id: easy
    when: '"store=south" in tags'
    decide: { downgrade: cheap }`,
  )
  await ask(one, short)
  expect(await samples(one)).toEqual([])
})

test.each([
  ['is sent by route, as it may go nowhere else', `    decide: { route: cheap }`],
  ['is kept by a rule', '    decide: { keep: true }'],
  ['a rule requires something of', '    also: { require: { context: 10 } }\n    decide: { downgrade: cheap }'],
])('what %s is asked of nobody else', async (_, says) => {
  const one = await asker(
    {},
    `name: Contracts
rules:
  - id: contracts
    when: prompt.text.contains("lot")
${says}
  - id: easy
    when: prompt.tokens < 30
    decide: { downgrade: cheap }`,
  )
  await ask(one, short)
  await ask(one, long)
  expect(await samples(one)).toEqual([])
})

test('what a rule calls a guardrail for is asked of nobody else', async () => {
  const one = await asker(
    {},
    `name: Easy ones
rules:
  - id: masked
    also: { guardrail: { pii: mask } }
  - id: easy
    when: prompt.tokens < 30
    decide: { downgrade: cheap }`,
  )
  await ask(one, short)
  expect(await samples(one)).toEqual([])
})
