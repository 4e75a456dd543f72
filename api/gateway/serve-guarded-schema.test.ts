import { expect, test } from 'vitest'
import { useBothWires, type Asker } from '#test/harness/gateway.ts'
import { guard, lastOf, saying } from '#test/harness/guarded.ts'

const { gateway, gpt, tenant } = await useBothWires()

const mail = 'bob.lee@example.com'
const ask = ({ openai }: Asker, content: string, more: object = {}) =>
  openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }], ...more, stream: false })
const textOf = (answer: Awaited<ReturnType<typeof ask>>) => answer.choices[0]?.message.content
const shape = {
  type: 'object',
  properties: { price: { type: 'number' } },
  required: ['price'],
  additionalProperties: false,
}

test('an answer that does not fit goes back once with what is wrong, and both are charged and written down together', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'schema', 'mask', { schema: shape })
  await guard(gateway, asker.ctx, 'pii', 'mask')
  gpt.next(
    saying((asked) => ({ text: `{"price": "${lastOf(asked)}"}` })),
    saying(() => ({ text: '```json\n{"price": 9}\n```' })),
  )
  const { data, response } = await ask(asker, mail).withResponse()
  expect(textOf(data)).toBe('```json\n{"price": 9}\n```')
  const [first, second] = await gateway.written(asker.ctx)
  expect([first, second]).toMatchObject([
    { outcome: 'ok', mends: null, input_tokens: 10 },
    { outcome: 'ok', mends: first!.id, input_tokens: 10 },
  ])
  expect(response.headers.get('x-request-id')).toBe(second!.id)
  expect(first!.guarded).toMatchObject([{ name: 'pii' }, { name: 'schema', did: 'masked', output: { schema: 1 } }])
  expect(second!.guarded).toMatchObject([{ name: 'pii' }, { name: 'schema', did: 'passed' }])
  const turns = gpt.asked[1]!.body['messages'] as { role: string; content: string }[]
  expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(turns[2]!.content).toContain('#/properties/price/type')
  expect(gpt.asked[1]!.text).not.toContain('bob')
})

test('an answer that is wrong twice is refused, with where it does not fit and nothing of what it said', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'schema', 'mask', { schema: shape })
  gpt.next(
    saying(() => ({ text: 'secret words' })),
    saying(() => ({ text: '{"price": "secret"}' })),
  )
  const refused = await ask(asker, 'Price?').catch((error: unknown) => error)
  expect(refused).toMatchObject({ status: 400, code: 'schema_unmet' })
  expect(JSON.stringify(refused)).not.toContain('secret')
  expect(gpt.asked).toHaveLength(2)
  expect(await gateway.written(asker.ctx)).toMatchObject([{ outcome: 'ok' }, { outcome: 'blocked', output_tokens: 5 }])
})

test('on the other wires an answer goes back too, also to a provider of another', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'schema', 'mask', { schema: shape })
  const [wrong, right] = [saying(() => ({ text: '{}' })), saying(() => ({ text: '{"price":1}' }))]
  gpt.next(wrong, right)
  const said = await asker.anthropic.messages.create({
    model: 'fast',
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Price?' }],
  })
  expect(said.content).toMatchObject([{ type: 'text', text: '{"price":1}' }])
  const local = await tenant(['local'])
  await guard(gateway, local.ctx, 'schema', 'mask', { schema: shape })
  gpt.next(wrong, right)
  const response = await local.openai.responses.create({ model: 'fast', input: 'Price?' })
  expect(response.output_text).toBe('{"price":1}')
})

test('what calls a tool is no answer yet, and a flag lets what does not fit through', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'schema', 'mask', { schema: shape })
  gpt.next(saying(() => ({ args: '{}' })))
  await ask(asker, 'Price?')
  const flagged = await tenant(['gpt'])
  await guard(gateway, flagged.ctx, 'schema', 'flag', { schema: shape })
  expect(textOf(await ask(flagged, 'Price?'))).toBe('The north lot has two.')
  expect(gpt.asked).toHaveLength(2)
  expect((await gateway.written(flagged.ctx))[0]).toMatchObject({
    outcome: 'ok',
    guarded: [{ did: 'flagged', why: ['It is not JSON.'] }],
  })
})

test('a stream that does not fit ends as an error in place of its end, with its usage counted', async () => {
  const asker = await tenant(['gpt'])
  await guard(gateway, asker.ctx, 'schema', 'block', { schema: shape })
  const pieces: string[] = []
  const run = async () => {
    for await (const chunk of await asker.openai.chat.completions.create({
      model: 'fast',
      messages: [{ role: 'user', content: 'Price?' }],
      stream: true,
    })) {
      pieces.push(chunk.choices[0]?.delta.content ?? '')
      expect(chunk.choices[0]?.finish_reason ?? null).toBeNull()
    }
  }
  gpt.next(saying(() => ({ text: '{"price": true}' })))
  await expect(run()).rejects.toMatchObject({ code: 'schema_unmet' })
  expect(pieces.join('')).toBe('{"price": true}')
  expect(await gateway.written(asker.ctx)).toMatchObject([{ outcome: 'blocked', output_tokens: 5, estimated: false }])
})
