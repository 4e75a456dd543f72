import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { publish } from '#activities/steering/store-versions.ts'
import type { Context } from '#schemas/tenancy.ts'
import { setCache } from '#test/harness/cache.ts'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { guard, lastOf, saying } from '#test/harness/guarded.ts'
import { recordedOf, setRecording } from '#test/harness/recording.ts'
import { until } from '#test/harness/until.ts'
import { chunksOf, words } from '#test/harness/upstream.ts'

const { gateway, gpt, tenant } = await useBothWires()

const said = words.join('')
const mail = 'bob.lee@example.com'
const placeholder = /EMAIL-[0-9A-Z]{8}/
const ask = ({ openai }: Asker, content: string, more: object = {}) =>
  openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }], ...more, stream: false })
const stream = async ({ openai }: Asker, content: string) => {
  const messages = [{ role: 'user' as const, content }]
  for await (const _ of await openai.chat.completions.create({ model: 'fast', messages, stream: true }));
}
const recording = async (of: Parameters<typeof setRecording>[2] = { of: 'everything' }) => {
  const asker = await tenant(['gpt'])
  await setRecording(gateway, asker.ctx, of)
  return asker
}
const kept = async ({ ctx }: Pick<Asker, 'ctx'>) => {
  const [one] = await recordedOf(gateway, ctx)
  expect(one).not.toBeNull()
  return one!
}
const sealedOf = ({ tenant: id }: Context) =>
  gateway.database.db.system.selectFrom('gateway_body').selectAll().where('tenant_id', '=', id).execute()
const inForce = (ctx: Context, rules: string) =>
  withTenant(gateway.database.db, ctx, async (tx) => {
    const { id } = await createPolicy(tx, ctx, `name: Test\nrules:\n${rules}`)
    await publish(tx, ctx, id, { revision: 1 })
    return id
  })

test('nothing is recorded of a tenant that has not said so', async () => {
  const asker = await tenant(['gpt'])
  await ask(asker, 'Which lot has two?')
  expect(await recordedOf(gateway, asker.ctx)).toEqual([null])
  expect(await sealedOf(asker.ctx)).toEqual([])
})

test('both bodies are there as they went, and as a conversation; in the database nothing of them can be read', async () => {
  const asker = await recording()
  const { data, response } = await ask(asker, 'Which lot has two?', {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Which lot has two?' },
    ],
  }).withResponse()
  const one = await kept(asker)
  expect(one).toMatchObject({ modelRequest: response.headers.get('x-request-id'), operation: 'chat' })
  expect(one.asked).toMatchObject({ type: 'application/json', whole: true, gathered: false, withheld: null })
  expect(JSON.parse(one.asked.text!)).toMatchObject({ model: 'fast', messages: [{ role: 'system' }, { role: 'user' }] })
  expect(one.asked.bytes).toBe(Buffer.byteLength(one.asked.text!))
  expect(one.asked.turns).toEqual([
    { by: 'system', parts: [{ kind: 'text', text: 'Be brief.' }] },
    { by: 'user', parts: [{ kind: 'text', text: 'Which lot has two?' }] },
  ])
  expect(JSON.parse(one.answer.text!)).toEqual(data)
  expect(one.answer).toMatchObject({ whole: true, turns: [{ by: 'assistant', parts: [{ kind: 'text', text: said }] }] })
  const rows = await sealedOf(asker.ctx)
  expect(rows).toHaveLength(2)
  for (const { sealed } of rows) expect(sealed!.includes('lot')).toBe(false)
})

test('a stream is put together, on either wire', async () => {
  const asker = await recording()
  await stream(asker, 'Which lot has two?')
  const streamed = asker.anthropic.messages.stream({
    model: 'fast',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Which lot has two?' }],
  })
  await streamed.finalMessage()
  const [chat, messages] = await recordedOf(gateway, asker.ctx)
  for (const one of [chat, messages])
    expect(one?.answer).toMatchObject({
      type: expect.stringContaining('text/event-stream') as string,
      gathered: true,
      whole: true,
      turns: [{ by: 'assistant', parts: [{ kind: 'text', text: said }] }],
    })
  expect(JSON.parse(chat!.answer.text!)).toMatchObject({ choices: [{ message: { content: said } }] })
  expect(JSON.parse(messages!.answer.text!)).toMatchObject({ type: 'message', content: [{ type: 'text', text: said }] })
})

test('images are told by what they are, calls of tools with their arguments and results', async () => {
  const asker = await recording()
  gpt.next(saying(() => ({ args: '{"lot":2}' })))
  const image = `data:image/png;base64,${Buffer.alloc(300).toString('base64')}`
  await ask(asker, '', {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: image } },
          { type: 'image_url', image_url: { url: 'https://example.com/car.jpg' } },
        ],
      },
      { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'A car.' },
    ],
  })
  const { asked, answer } = await kept(asker)
  expect(asked.turns).toEqual([
    {
      by: 'user',
      parts: [
        { kind: 'text', text: 'What is this?' },
        { kind: 'image', name: null, type: 'image/png', bytes: 300, url: null },
        { kind: 'image', name: null, type: null, bytes: null, url: 'https://example.com/car.jpg' },
      ],
    },
    { by: 'assistant', parts: [{ kind: 'call', id: 'c1', name: 'look', arguments: '{}' }] },
    { by: 'tool', parts: [{ kind: 'result', call: 'c1', text: 'A car.', failed: false }] },
  ])
  expect(answer.turns).toEqual([
    { by: 'assistant', parts: [{ kind: 'call', id: 'call_1', name: 'write', arguments: '{"lot":2}' }] },
  ])
})

test.each([false, true])(
  'what a guardrail masked is nowhere kept in clear, on either side (streamed: %s)',
  async (streamed) => {
    const asker = await recording()
    await guard(gateway, asker.ctx, 'pii', 'mask')
    gpt.next(saying((one) => ({ text: `Wrote to ${lastOf(one).split(' ').at(-1)}, copied to eve@example.com.` }), 2))
    await (streamed ? stream(asker, `Write to ${mail}`) : ask(asker, `Write to ${mail}`))
    const { asked, answer } = await kept(asker)
    expect(asked.text).toMatch(placeholder)
    expect(answer.turns?.[0]?.parts).toEqual([
      { kind: 'text', text: expect.stringMatching(/^Wrote to EMAIL-\w{8}, copied to EMAIL-\w{8}\.$/) as string },
    ])
    for (const text of [asked.text, answer.text]) expect(text).not.toMatch(/bob|eve/)
  },
)

test('what a guardrail held back is not kept, and that is told', async () => {
  const [atInput, atOutput] = [await recording(), await recording()]
  for (const { ctx } of [atInput, atOutput]) await guard(gateway, ctx, 'pii', 'block')
  await expect(ask(atInput, `Write to ${mail}`)).rejects.toThrow(/refuses/)
  gpt.next(saying(() => ({ text: `It is ${mail}` })))
  await expect(ask(atOutput, 'Who is it?')).rejects.toThrow(/refuses/)
  const [input, output] = [await kept(atInput), await kept(atOutput)]
  expect(input.asked).toMatchObject({ withheld: 'guardrail', text: null, turns: null })
  expect(JSON.parse(input.answer.text!)).toMatchObject({ error: { code: 'guardrail_blocked' } })
  expect(output.asked.turns).toEqual([{ by: 'user', parts: [{ kind: 'text', text: 'Who is it?' }] }])
  expect(output.answer).toMatchObject({ withheld: 'guardrail', text: null })
})

test('a stream that breaks where answers are masked is not kept in clear', async () => {
  const asker = await recording()
  await guard(gateway, asker.ctx, 'pii', 'mask')
  gpt.next((response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of chunksOf(body).slice(0, 3)) response.write(event.replace('The', `To ${mail}`))
    response.once('drain', () => {})
    setImmediate(() => response.destroy())
  })
  await stream(asker, 'Who?').catch(() => {})
  const { answer } = await kept(asker)
  expect(answer.whole).toBe(false)
  expect(answer.text ?? '').not.toContain('bob')
})

test('who is refused before guardrails have looked has said nothing that is kept', async () => {
  const asker = await recording()
  await guard(gateway, asker.ctx, 'pii', 'mask')
  await expect(ask(asker, `Write to ${mail}`, { model: 'nobody' })).rejects.toThrow(/no model/)
  expect((await kept(asker)).asked).toMatchObject({ withheld: 'unchecked', text: null })
})

test('of some requests: those of the keys that are named, and those with a tag, also one that a rule adds', async () => {
  const [byKey, byTag, byAnyValue, byRule, by] = await Promise.all(Array.from({ length: 5 }, () => tenant(['gpt'])))
  await setRecording(gateway, byKey!.ctx, { of: 'some', keys: [byKey!.key] })
  await setRecording(gateway, byTag!.ctx, { of: 'some', tags: ['store=north'] })
  await setRecording(gateway, byAnyValue!.ctx, { of: 'some', tags: ['store'] })
  await setRecording(gateway, byRule!.ctx, { of: 'some', tags: ['look'] })
  await inForce(byRule!.ctx, '  - id: tags\n    when: "true"\n    also: { tag: [look] }\n')
  await until('the rule is known', async () => {
    return (await gateway.relaying.relay.knowledge.models(byRule!.ctx.tenant)).steering?.everybody != null
  })
  await setRecording(gateway, by!.ctx, { of: 'some', keys: [], tags: ['store=south', 'team'] })
  for (const one of [byKey!, byTag!, byAnyValue!, byRule!, by!]) await ask(one, 'Which lot has two?')
  for (const one of [byKey!, byTag!, byAnyValue!, byRule!]) expect((await kept(one)).asked.turns).toHaveLength(1)
  expect(await recordedOf(gateway, by!.ctx)).toEqual([null])
})

test('of a long body the head is kept, and that is told', async () => {
  const asker = await recording()
  const long = 'word '.repeat(200_000)
  gpt.next(saying(() => ({ text: long })))
  await ask(asker, long)
  const { asked, answer } = await kept(asker)
  for (const body of [asked, answer]) {
    expect(body).toMatchObject({ whole: false, withheld: null, turns: null })
    expect(Buffer.byteLength(body.text!)).toBe(512 * 1024)
    expect(body.bytes).toBeGreaterThan(1_000_000)
  }
})

test('an answer that a provider refused, and what came before somebody went away, are there too', async () => {
  const asker = await recording()
  gpt.next((response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no such tool"}}'),
  )
  await expect(ask(asker, 'One')).rejects.toThrow(/no such tool/)
  gpt.next((response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of chunksOf(body).slice(0, 4)) response.write(event)
  })
  const left = new AbortController()
  const chunks = await asker.openai.chat.completions.create(
    { model: 'fast', messages: [{ role: 'user', content: 'Two' }], stream: true },
    { signal: left.signal },
  )
  let heard = ''
  try {
    for await (const chunk of chunks) {
      heard += chunk.choices[0]?.delta.content ?? ''
      if (heard === words.slice(0, 3).join('')) left.abort()
    }
  } catch {
    // it was told to go
  }
  await until('it is written down', async () => (await gateway.written(asker.ctx)).length === 2)
  const [refused, cancelled] = await recordedOf(gateway, asker.ctx)
  expect(refused?.answer).toMatchObject({ whole: true, text: '{"error":{"message":"no such tool"}}', turns: null })
  expect(cancelled?.answer).toMatchObject({
    whole: false,
    gathered: true,
    turns: [{ parts: [{ kind: 'text', text: words.slice(0, 3).join('') }] }],
  })
})

test('who goes away before anything came is recorded with what was asked, guardrails or none', async () => {
  const asker = await recording()
  await guard(gateway, asker.ctx, 'pii', 'mask')
  await until('the guardrail is known', async () => {
    return (await gateway.relaying.relay.knowledge.models(asker.ctx.tenant)).guards !== null
  })
  gpt.next(() => {})
  const left = new AbortController()
  const asking = asker.openai.chat.completions.create(
    { model: 'fast', messages: [{ role: 'user', content: `To ${mail}` }] },
    { signal: left.signal },
  )
  asking.catch(() => {})
  await until('it is asked', () => Promise.resolve(gpt.asked.length === 1))
  left.abort()
  await until('it is written down', async () => (await gateway.written(asker.ctx)).length === 1)
  const { asked, answer } = await kept(asker)
  expect(asked.text).toMatch(placeholder)
  expect(answer).toMatchObject({ bytes: 0, whole: false, withheld: null, text: null })
})

test('sound is not kept, but that it came is', async () => {
  const asker = await recording()
  gpt.next((response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(Buffer.alloc(5_000)))
  const sound = await asker.openai.audio.speech.create({ model: 'fast', input: 'Your car is ready.', voice: 'alloy' })
  await sound.arrayBuffer()
  const { asked, answer } = await kept(asker)
  expect(JSON.parse(asked.text!)).toMatchObject({ input: 'Your car is ready.' })
  expect(asked.turns).toBeNull()
  expect(answer).toMatchObject({ type: 'audio/mpeg', bytes: 5_000, withheld: 'binary', text: null, whole: false })
})

test('an answer of the cache is recorded as one that was asked', async () => {
  const asker = await recording()
  await setCache(gateway, asker.ctx, { mode: 'exact' })
  for (let twice = 0; twice < 2; twice++) await ask(asker, 'Which lot has two?')
  const [first, again] = await recordedOf(gateway, asker.ctx)
  expect(again!.modelRequest).not.toBe(first!.modelRequest)
  expect(again!.answer.turns).toEqual(first!.answer.turns)
  expect(gpt.asked).toHaveLength(1)
})
