import { expect, test } from 'vitest'
import * as chat from './chat/index.ts'
import type { ServerEvent, StreamReader } from './change.ts'
import * as chatGolden from './fixtures/chat.ts'
import * as messagesGolden from './fixtures/messages.ts'
import * as responsesGolden from './fixtures/responses.ts'
import { fold } from './fold.ts'
import * as messages from './messages/index.ts'
import * as responses from './responses/index.ts'

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const read = (reader: StreamReader, events: ServerEvent[]) => [
  ...events.flatMap((event) => reader.read(event)),
  ...reader.finish(),
]

test('chat: what a client may send comes back member for member', () => {
  const { body, unsaid } = chat.writeRequest(chat.readRequest(json(chatGolden.request)))
  expect(unsaid).toEqual([])
  expect(body).toEqual(chatGolden.request)
})

test('chat: what is answered comes back member for member', () => {
  const { body, unsaid } = chat.writeReply(chat.readReply(json(chatGolden.reply)))
  expect(unsaid).toEqual([])
  expect(body).toEqual(chatGolden.reply)
})

test('chat: calls whose arguments take turns are told apart, and the usage counts', () => {
  const events = [...chatGolden.chunks.map((chunk) => ({ data: JSON.stringify(chunk) })), { data: '[DONE]' }]
  const changes = read(chat.streamReader(), events)
  expect(fold(changes)).toEqual({
    id: 'chatcmpl-1',
    model: 'gpt-5.6-sol',
    created: 1_741_570_283,
    choices: [
      {
        parts: [
          { type: 'text', text: 'A cat.' },
          { type: 'tool_call', id: 'call_1', name: 'stock', arguments: '{"z":1}' },
          { type: 'tool_call', id: 'call_2', name: 'price', arguments: '{}' },
        ],
        stop: 'tool_calls',
      },
    ],
    usage: { input: 4, cacheRead: 5, output: 4 },
  })
  const writer = chat.streamWriter({ usage: true })
  const again = changes.flatMap((change) => writer.write(change)).map(({ data }) => data)
  expect(again).toEqual(events.map(({ data }) => data))
})

test('messages: what a client may send comes back member for member', () => {
  const { body, unsaid } = messages.writeRequest(messages.readRequest(json(messagesGolden.request)))
  expect(unsaid).toEqual([])
  expect(body).toEqual(messagesGolden.request)
})

test('messages: what is answered comes back member for member', () => {
  const { body, unsaid } = messages.writeReply(messages.readReply(json(messagesGolden.reply)))
  expect(unsaid).toEqual([])
  expect(body).toEqual(messagesGolden.reply)
})

test('messages: a stream is the answer that it would be without one', () => {
  const events = messagesGolden.events.map((event) => ({ event: event.type, data: JSON.stringify(event) }))
  const ping = { event: 'ping', data: '{"type":"ping"}' }
  const changes = read(messages.streamReader(), [...events.slice(0, 3), ping, ...events.slice(3)])
  expect(fold(changes)).toEqual(messages.readReply(json(messagesGolden.reply)))
  const writer = messages.streamWriter()
  const again = changes.flatMap((change) => writer.write(change))
  expect(again.map(({ event }) => event)).toEqual(
    events.filter(({ data }) => !data.includes('"partial_json":""')).map(({ event }) => event),
  )
  expect(fold(read(messages.streamReader(), again))).toEqual(messages.readReply(json(messagesGolden.reply)))
})

test('responses: what a client may send comes back member for member', () => {
  const { body, unsaid } = responses.writeRequest(responses.readRequest(json(responsesGolden.request)))
  expect(unsaid).toEqual([])
  expect(body).toEqual(responsesGolden.request)
})

test('responses: what is answered comes back with its items, but for their ids', () => {
  const { body, unsaid } = responses.writeReply(responses.readReply(json(responsesGolden.reply)))
  expect(unsaid).toEqual([])
  const [thought, message, call] = responsesGolden.output
  const output = [thought, { ...message, id: 'msg_resp_1_1' }, { ...call, id: 'fc_resp_1_2' }]
  expect(body).toEqual({ ...responsesGolden.reply, temperature: null, top_p: null, output })
})

test('responses: a stream is the answer that it would be without one', () => {
  const events = responsesGolden.events.map((event) => ({ event: event.type, data: JSON.stringify(event) }))
  const changes = read(responses.streamReader(), events)
  expect(fold(changes)).toEqual(responses.readReply(json(responsesGolden.reply)))
  const writer = responses.streamWriter()
  const again = changes.flatMap((change) => writer.write(change))
  expect(again.map(({ event }) => event)).toEqual(events.map(({ event }) => event))
  expect(again.map(({ data }) => JSON.parse(data).sequence_number)).toEqual(again.map((_, index) => index))
  expect(fold(read(responses.streamReader(), again))).toEqual(responses.readReply(json(responsesGolden.reply)))
})

const refused = (read: () => unknown): { code?: unknown; path?: unknown } => {
  try {
    read()
    return {}
  } catch (error) {
    const { code, extra } = error as { code: unknown; extra: { issues?: { path: string }[] } }
    return { code, path: extra.issues?.[0]?.path }
  }
}

test.each([
  [undefined, 'bad_request', ''],
  [[], 'bad_request', ''],
  [{ messages: [] }, 'invalid', '/model'],
  [{ model: 'm' }, 'invalid', '/messages'],
  [{ model: 'm', messages: [{ role: 'user' }] }, 'invalid', '/messages/0/content'],
  [{ model: 'm', messages: [{ role: 'owner', content: '' }] }, 'invalid', '/messages/0/role'],
  [{ model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'invalid', '/messages/0/content/0/text'],
  [{ model: 'm', messages: [{ role: 'tool', content: '' }] }, 'invalid', '/messages/0/tool_call_id'],
  [{ model: 'm', messages: [], max_tokens: 0 }, 'invalid', '/max_tokens'],
  [{ model: 'm', messages: [], temperature: '1' }, 'invalid', '/temperature'],
  [{ model: 'm', messages: [], tools: [{ type: 'function' }] }, 'invalid', '/tools/0/function'],
  [{ model: 'm', messages: [], tool_choice: 'some' }, 'invalid', '/tool_choice'],
  [{ model: 'm', messages: [], metadata: { 'a/b': 1 } }, 'invalid', '/metadata/a~1b'],
])('chat: a malformed body is refused with the place of the mistake: %j', (body, code, path) => {
  expect(refused(() => chat.readRequest(body))).toEqual({ code, path })
})

test.each([
  ['{', 'bad_request', ''],
  [{ model: 'm', messages: [] }, 'invalid', '/max_tokens'],
  [{ model: 'm', max_tokens: 1.5, messages: [] }, 'invalid', '/max_tokens'],
  [{ model: 'm', max_tokens: 1, messages: [{ role: 'tool', content: '' }] }, 'invalid', '/messages/0/role'],
  [
    { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'x' } }] }] },
    'invalid',
    '/messages/0/content/0/source/type',
  ],
  [{ model: 'm', max_tokens: 1, messages: [], tools: [{ name: 'a' }] }, 'invalid', '/tools/0/input_schema'],
])('messages: a malformed body is refused with the place of the mistake: %j', (body, code, path) => {
  expect(refused(() => messages.readRequest(body))).toEqual({ code, path })
})

test('an answer that is malformed is the failure of the provider', () => {
  expect(refused(() => chat.readReply({ id: 'x' }))).toEqual({ code: 'unavailable', path: '/choices' })
  expect(refused(() => messages.readReply('<html>'))).toEqual({ code: 'unavailable', path: '' })
})
