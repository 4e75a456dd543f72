import { expect, test } from 'vitest'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { readAsked, type Asked } from './asked.ts'
import { trimmedOf } from './trimming.ts'

const passage = 'The warranty covers the engine and the gearbox for three years. '.repeat(5).trim()
const pointer =
  '[The same passage as above that begins “The warranty covers the engine and the gearbox for three yea”.]'
/** What is sent in place of a body; null where that is the body as it came. */
const sent = (operation: Operation, body: object) => {
  const asked = readAsked(operation, Buffer.from(JSON.stringify({ model: 'm', ...body }))) as Asked
  const trimmed = trimmedOf(asked)
  if (trimmed === null) return null
  expect(trimmed.asked.scanned).toEqual((readAsked(operation, trimmed.asked.bytes) as Asked).scanned)
  const { model: _, ...said } = JSON.parse(Buffer.from(trimmed.asked.bytes).toString()) as Record<string, unknown>
  return { ...said, ...trimmed.trimmed }
}
const user = (content: unknown) => ({ role: 'user', content })
const text = (said: string) => ({ type: 'text', text: said })
const tokens = (passages: number) => ({
  passages,
  tokens: Math.ceil((passages * (passage.length - pointer.length)) / 4),
})

test('on OpenAI’s wire, what users and tools have said before is named; the rest stays', () => {
  const [system, assistant] = [`${passage} \n\n\nBe brief.`, `${passage}\n\nThat is all.`]
  const call = {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: `{"a":"${passage}"}` } }],
  }
  const before = [
    { role: 'system', content: system },
    user(passage),
    { role: 'assistant', content: assistant },
    user([text(passage), { type: 'image_url', image_url: { url: passage } }]),
    call,
  ]
  const last = user(`${passage}\n\nFor how long? `)
  const tool = (content: unknown) => ({ role: 'tool', tool_call_id: 'c1', content })
  expect(sent('chat', { messages: [...before, last, call, tool(passage), tool([text(passage)])] })).toEqual({
    messages: [
      { role: 'system', content: system },
      user(pointer),
      { role: 'assistant', content: assistant },
      user([text(pointer), { type: 'image_url', image_url: { url: passage } }]),
      call,
      last,
      call,
      tool(pointer),
      tool([text(pointer)]),
    ],
    ...tokens(4),
  })
})

test('on Anthropic’s wire, a turn that only hands on results is no turn of the user; thoughts and calls stay', () => {
  const thinks = {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: passage, signature: 's' },
      { type: 'tool_use', id: 't1', name: 'read', input: { a: passage } },
    ],
  }
  const result = (content: unknown) => ({ type: 'tool_result', tool_use_id: 't1', content })
  const question = user([text(`${passage}\n\nWhich? `)])
  const messages = [question, thinks, user([result(passage)]), thinks, user([result([text(passage), text('New.')])])]
  expect(sent('messages', { system: 'Be brief.', messages })).toEqual({
    system: 'Be brief.',
    messages: [question, thinks, user([result(pointer)]), thinks, user([result([text(pointer), text('New.')])])],
    ...tokens(2),
  })
  expect(sent('messages', { system: [text(passage)], messages: [user(passage), user('And?')] })).toMatchObject({
    system: [text(passage)],
    messages: [user(pointer), user('And?')],
  })
})

test('on the wire of responses', () => {
  const said = { type: 'message', role: 'user', content: [{ type: 'input_text', text: passage }] }
  const output = { type: 'function_call_output', call_id: 'c', output: passage }
  const answer = {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: passage, annotations: [] }],
  }
  expect(sent('responses', { instructions: passage, input: [said, answer, output, user('And?')] })).toMatchObject({
    instructions: passage,
    input: [
      { ...said, content: [{ type: 'input_text', text: pointer }] },
      answer,
      { ...output, output: pointer },
      user('And?'),
    ],
  })
  expect(sent('responses', { instructions: passage, input: passage })).toBeNull()
})

test('the last turn of the user stays, wherever it stands, and is shorter once another follows', () => {
  const first = user(passage)
  const again = user(`${passage} `)
  expect(sent('chat', { messages: [first, again] })).toBeNull()
  expect(sent('chat', { messages: [first, again, { role: 'assistant', content: 'Yes.' }] })).toBeNull()
  expect(sent('chat', { messages: [first, again, user('And?')] })).toMatchObject({
    messages: [first, user(pointer), user('And?')],
  })
})

test('numbers keep their digits, and what is no conversation is left alone', () => {
  const body = Buffer.from(
    `{"model":"m","messages":[{"role":"user","content":"${passage}","n":12345678901234567890},{"role":"user","content":"${passage}"},{"role":"user","content":"And?"}],"seed":1.0}`,
  )
  const trimmed = trimmedOf(readAsked('chat', body) as Asked)
  expect(Buffer.from(trimmed!.asked.bytes).toString()).toContain('"n":12345678901234567890')
  expect(Buffer.from(trimmed!.asked.bytes).toString()).toContain('"seed":1.0')
  for (const messages of [
    passage,
    null,
    [],
    [passage, passage],
    [null, 1, [user(passage)]],
    [user(null), user({ text: passage }), user(7)],
    [{ role: 'user' }, { role: 'tool', content: [null, 1, 'x'] }],
  ])
    expect(sent('chat', { messages })).toBeNull()
  expect(sent('embeddings', { input: [passage, passage] })).toBeNull()
  expect(sent('count_tokens', { messages: [user(passage), user(passage), user('And?')] })).toBeNull()
  expect(trimmedOf(readAsked('chat', Buffer.from('{"model":"m","messages":[{"role":]}')) as Asked)).toBeNull()
})
