import { expect, test } from 'vitest'
import type { MarkedWire } from './marking-bytes.ts'
import { Marking, promptsKeptMs } from './marking.ts'
import { Marks } from './marks.ts'

const text = 'The car on the lot is red. '.repeat(200)
const mark = { type: 'ephemeral' }
/** What is sent the second time that a body comes, where it is a conversation that goes on. */
const again = (body: object, wire: MarkedWire = 'messages'): unknown => {
  const marks = new Marks(promptsKeptMs)
  const bytes = Buffer.from(JSON.stringify(body))
  expect(new Marking(marks, 't').of(bytes, wire, 'a')).toBeNull()
  const marked = new Marking(marks, 't').of(bytes, wire, 'a')
  return marked === null ? null : JSON.parse(Buffer.from(marked).toString())
}
const user = (content: unknown) => ({ role: 'user', content })

test.each<[string, object, object | null]>([
  [
    'a text that stands for itself',
    { messages: [user(text)] },
    { messages: [user([{ type: 'text', text, cache_control: mark }])] },
  ],
  [
    'the last block that takes a mark: no thought, no blank text, nothing unknown',
    {
      messages: [
        user([
          { type: 'text', text },
          { type: 'text', text: ' \n' },
          { type: 'redacted_thinking', data: 'x' },
          { type: 'of_later' },
        ]),
      ],
    },
    {
      messages: [
        user([
          { cache_control: mark, type: 'text', text },
          { type: 'text', text: ' \n' },
          { type: 'redacted_thinking', data: 'x' },
          { type: 'of_later' },
        ]),
      ],
    },
  ],
  ['a last message that is blank', { messages: [user(text), { role: 'assistant', content: ' ' }] }, null],
  [
    'blocks of which none takes one',
    { messages: [user([{ type: 'thinking', thinking: text, signature: 'x' }])] },
    null,
  ],
  ['a body without messages', { prompt: text }, null],
  ['messages that are no list', { messages: text }, null],
  ['a message without content', { messages: [{ role: 'user', of: text }] }, null],
  ['a message that is no object', { messages: [text] }, null],
])('%s', (_, body, expected) => {
  expect(again(body)).toEqual(expected)
})

const shared = (more: object) => (question: string) =>
  Buffer.from(JSON.stringify({ ...more, messages: [user(question)] }))
const sharedAgain = (more: object, wire: MarkedWire = 'messages'): unknown => {
  const [marks, of] = [new Marks(promptsKeptMs), shared(more)]
  new Marking(marks, 't').of(of('one'), wire, 'a')
  const marked = new Marking(marks, 't').of(of('two'), wire, 'a')
  return marked === null ? null : JSON.parse(Buffer.from(marked).toString())
}
const tool = (name: string, more = {}) => ({ name, description: text, input_schema: {}, ...more })

test('tools are kept with the instructions, and without such by a mark of their own', () => {
  const system = 'Be brief.'
  expect(sharedAgain({ tools: [tool('a')], system })).toMatchObject({
    tools: [tool('a')],
    system: [{ type: 'text', text: system, cache_control: mark }],
  })
  expect(sharedAgain({ tools: [tool('a'), tool('b')] })).toMatchObject({
    tools: [tool('a'), tool('b', { cache_control: mark })],
    messages: [user('two')],
  })
})

test('a tool that is told of only when it is searched for takes no mark', () => {
  const later = tool('b', { defer_loading: true })
  expect(sharedAgain({ tools: [tool('a'), later] })).toMatchObject({ tools: [{ cache_control: mark }, later] })
  expect(sharedAgain({ tools: [later] })).toBeNull()
})

test('at Bedrock a mark is a block of its own, and instructions without any take none', () => {
  expect(sharedAgain({ system: [{ text }] }, 'converse')).toMatchObject({
    system: [{ text }, { cachePoint: { type: 'default' } }],
  })
  expect(sharedAgain({ toolConfig: { tools: [{ toolSpec: { description: text } }] } }, 'converse')).toBeNull()
  expect(again({ messages: [user([{ text }])] }, 'converse')).toEqual({
    messages: [user([{ text }, { cachePoint: { type: 'default' } }])],
  })
  expect(again({ system: [{ text }], messages: [user([])] }, 'converse')).toBeNull()
})

test('what is shorter than a provider keeps is no place for a mark, also before what is long', () => {
  const marks = new Marks(promptsKeptMs)
  const of = (question: string) => Buffer.from(JSON.stringify({ system: 'Be brief.', messages: [user(question)] }))
  expect(new Marking(marks, 't').of(of(text), 'messages', 'a')).toBeNull()
  expect(new Marking(marks, 't').of(of(`${text}!`), 'messages', 'a')).toBeNull()
})

test('each model at each provider has a memory of its own', () => {
  const marks = new Marks(promptsKeptMs)
  const bytes = Buffer.from(JSON.stringify({ messages: [user(text)] }))
  expect(new Marking(marks, 't').of(bytes, 'messages', 'a')).toBeNull()
  expect(new Marking(marks, 't').of(bytes, 'messages', 'b')).toBeNull()
  expect(new Marking(marks, 't').of(bytes, 'messages', 'a')).not.toBeNull()
})

test('bytes that are no JSON, or end in the midst, are left as they are', () => {
  const marks = new Marks(promptsKeptMs)
  for (const body of [
    text.repeat(2),
    `{"messages":[{"role":"user","content":"${text}`,
    `{"messages":[{"content":[{"type":"text",${text}}]}]}`,
  ])
    for (let n = 0; n < 2; n++) expect(new Marking(marks, 't').of(Buffer.from(body), 'messages', body)).toBeNull()
})
