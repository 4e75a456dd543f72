import { expect, test } from 'vitest'
import * as chat from './chat/index.ts'
import { type Change, frame, saysOnlyUsage, type ServerEvent, type StreamReader, type StreamWriter } from './change.ts'
import type { Dialogue } from './dialogue.ts'
import { fold, Folded } from './fold.ts'
import * as messages from './messages/index.ts'
import { EventSplitter, joined } from './sse.ts'

/** What gateways are known to get wrong between two wires, each told as what a user would notice. */
const changes = (reader: StreamReader, events: object[], end = true): Change[] => [
  ...events.flatMap((event) => reader.read({ data: JSON.stringify(event) })),
  ...(end ? reader.finish() : []),
]
const written = (writer: StreamWriter, all: Iterable<Change>): ServerEvent[] =>
  [...all].flatMap((change) => writer.write(change))
const parsed = (events: ServerEvent[]) => events.map(({ data }) => (data === '[DONE]' ? data : JSON.parse(data)))
const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'chatcmpl-1',
  model: 'm',
  created: 1,
  choices: [{ index: 0, delta, finish_reason }],
})
const ask = (turns: Dialogue['turns'], more: Partial<Dialogue> = {}): Dialogue => ({
  model: 'm',
  maxTokens: 9,
  turns,
  ...more,
})
const paths = (unsaid: { path: string; matters: boolean }[]) => unsaid.map(({ path, matters }) => [path, matters])

test('a stream tells its usage at its end, and a client that did not ask for it does not see it', () => {
  const events = [
    {
      type: 'message_start',
      message: { id: 'msg_1', model: 'm', usage: { input_tokens: 9, cache_read_input_tokens: 90, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
    { type: 'message_stop' },
  ]
  const usage = {
    prompt_tokens: 99,
    completion_tokens: 7,
    total_tokens: 106,
    prompt_tokens_details: { cached_tokens: 90 },
  }
  const all = changes(messages.streamReader(), events)
  const asked = parsed(written(chat.streamWriter({ usage: true }), all))
  expect(asked.at(-2)).toMatchObject({ choices: [], usage })
  expect(asked.slice(0, -2).every((one) => one.usage === null)).toBe(true)
  expect(asked.at(-1)).toBe('[DONE]')
  const not = parsed(written(chat.streamWriter({ usage: false }), all))
  expect(not.every((one) => one === '[DONE]' || !('usage' in one))).toBe(true)
  expect(not).toHaveLength(asked.length - 1)
})

test('tokens of the cache are counted once, whichever wire tells them', () => {
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 5,
    total_tokens: 105,
    prompt_tokens_details: { cached_tokens: 80, cache_write_tokens: 15 },
  }
  const reply = chat.readReply({ id: 'a', model: 'm', choices: [], usage })
  expect(reply.usage).toEqual({ input: 5, cacheRead: 80, cacheWrite: 15, output: 5 })
  expect(messages.writeReply(reply).body['usage']).toMatchObject({
    input_tokens: 5,
    cache_read_input_tokens: 80,
    cache_creation_input_tokens: 15,
    output_tokens: 5,
  })
  expect(chat.writeReply(messages.readReply(messages.writeReply(reply).body)).body['usage']).toEqual(usage)
})

test('a stream that is cut is never told as a clean end', () => {
  const cut = changes(chat.streamReader(), [chunk({ role: 'assistant', content: 'Hel' })])
  expect(cut.at(-1)).toMatchObject({ type: 'error', failure: { class: 'broken' } })
  const told = written(messages.streamWriter(), cut)
  expect(told.map(({ event }) => event)).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'error',
  ])
  // not even where the provider sends its last word without a reason
  const reader = chat.streamReader()
  changes(reader, [chunk({ content: 'Hel' })], false)
  expect(reader.read({ data: '[DONE]' })).toMatchObject([{ type: 'error' }])
  expect(changes(messages.streamReader(), [])).toMatchObject([{ type: 'error', failure: { class: 'broken' } }])
})

test('tools, their schemas and the arguments keep their order, so that the cache of the provider still fits', () => {
  const properties = { zebra: { type: 'string' }, apple: { type: 'object', properties: { y: {}, b: {} } } }
  const names = ['zoo', 'ask', 'mail', 'book']
  const body = {
    model: 'm',
    max_tokens: 9,
    messages: [
      { role: 'user', content: 'x' },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_1', name: 'zoo', input: { z: 1, a: { y: 1, b: 2 } } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }] },
    ],
    tools: names.map((name) => ({ name, input_schema: { type: 'object', required: ['zebra'], properties } })),
  }
  const first = chat.writeRequest(messages.readRequest(body)).body
  const tools = first['tools'] as { function: { name: string; parameters: object } }[]
  expect(tools.map((tool) => tool.function.name)).toEqual(names)
  expect(JSON.stringify(tools[0]!.function.parameters)).toBe(JSON.stringify(body.tools[0]!.input_schema))
  expect(JSON.stringify(first['messages'])).toContain(String.raw`"arguments":"{\"z\":1,\"a\":{\"y\":1,\"b\":2}}"`)
  expect(JSON.stringify(chat.writeRequest(messages.readRequest(body)).body)).toBe(JSON.stringify(first))
})

test('calls that a stream tells in turns reach an Anthropic client one after another, each whole', () => {
  const call = (index: number, more: object) => ({ tool_calls: [{ index, ...more }] })
  const events = [
    chunk({ role: 'assistant', content: 'Wait' }),
    chunk(call(0, { id: 'call_a', type: 'function', function: { name: 'stock', arguments: '' } })),
    chunk(call(1, { id: 'call_b', type: 'function', function: { name: 'price', arguments: '{' } })),
    chunk(call(0, { function: { arguments: '{"a":' } })),
    chunk(call(1, { function: { arguments: '"b":2}' } })),
    chunk(call(0, { function: { arguments: '1}' } })),
    chunk({}, 'tool_calls'),
  ]
  const told = parsed(written(messages.streamWriter(), changes(chat.streamReader(), events)))
  const kinds = told.map((one) => (one.index === undefined ? one.type : `${one.type} ${one.index}`))
  expect(kinds).toEqual([
    'message_start',
    'content_block_start 0',
    'content_block_delta 0',
    'content_block_stop 0',
    'content_block_start 1',
    'content_block_delta 1',
    'content_block_delta 1',
    'content_block_stop 1',
    'content_block_start 2',
    'content_block_delta 2',
    'content_block_delta 2',
    'content_block_stop 2',
    'message_delta',
    'message_stop',
  ])
  const { choices } = fold(changes(messages.streamReader(), told))
  expect(choices[0]).toEqual({
    stop: 'tool_calls',
    parts: [
      { type: 'text', text: 'Wait' },
      { type: 'tool_call', id: 'call_a', name: 'stock', arguments: '{"a":1}' },
      { type: 'tool_call', id: 'call_b', name: 'price', arguments: '{"b":2}' },
    ],
  })
})

test('calls are told apart where a server counts them all as the first, or not at all', () => {
  const whole = (id: string, name: string, index?: number) => ({ id, index, function: { name, arguments: '{}' } })
  const found = (...calls: object[]) => {
    const events = [...calls.map((one) => chunk({ tool_calls: [one] })), chunk({}, 'stop')]
    const [choice] = fold(changes(chat.streamReader(), events)).choices
    return [
      choice!.stop,
      ...choice!.parts.map((part) => part.type === 'tool_call' && [part.id, part.name, part.arguments]),
    ]
  }
  const both = ['tool_calls', ['a', 'stock', '{}'], ['b', 'price', '{}']]
  expect(found(whole('a', 'stock', 0), whole('b', 'price', 0))).toEqual(both)
  expect(found(whole('a', 'stock'), whole('b', 'price'))).toEqual(both)
  expect(found(whole('a', 'stock', 0), whole('a', 'price', 0))).toEqual([
    'tool_calls',
    ['a', 'stock', '{}'],
    ['call_0_1', 'price', '{}'],
  ])
})

test('a call without arguments has none: no client is given a text that is no JSON', () => {
  const events = [chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'now' } }] }), chunk({}, 'tool_calls')]
  const told = written(messages.streamWriter(), changes(chat.streamReader(), events))
  expect(parsed(told).filter(({ type }) => type === 'content_block_delta')).toEqual([])
  const { body } = messages.writeReply(fold(changes(chat.streamReader(), events)))
  expect(body['content']).toMatchObject([{ type: 'tool_use', input: {} }])
})

test('several results, and what the user says beside them, are one message at Anthropic and one each at OpenAI', () => {
  const body = {
    model: 'm',
    messages: [
      { role: 'user', content: 'x' },
      {
        role: 'assistant',
        content: null,
        tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
      },
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'tool', tool_call_id: 'b', content: '2' },
      { role: 'user', content: 'Go on' },
    ],
  }
  const there = messages.writeRequest(chat.readRequest(body)).body
  expect((there['messages'] as object[]).at(-1)).toEqual({
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'a', content: '1' },
      { type: 'tool_result', tool_use_id: 'b', content: '2' },
      { type: 'text', text: 'Go on' },
    ],
  })
  expect(chat.writeRequest(messages.readRequest(there)).body['messages']).toEqual(body.messages)
})

test('an image in the result of a tool is shown at OpenAI too, and one is told how', () => {
  const image = { type: 'image', source: { from: 'bytes', mime: 'image/png', base64: 'AA==' } } as const
  const { body, unsaid } = chat.writeRequest(
    ask([{ role: 'tool', parts: [{ type: 'tool_result', call: 'a', parts: [{ type: 'text', text: 'see' }, image] }] }]),
  )
  expect(body['messages']).toEqual([
    { role: 'tool', tool_call_id: 'a', content: 'see' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'From the tool call a:' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
      ],
    },
  ])
  expect(paths(unsaid)).toEqual([['/turns/0/parts/0/parts/1', false]])
})

test('tokens are counted for a request that does not say how much may be answered', () => {
  const body = {
    model: 'm',
    messages: [{ role: 'user', content: 'x' }],
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
  }
  const asked = messages.readCount(body)
  expect(asked).not.toHaveProperty('maxTokens')
  expect(chat.writeRequest(asked).body).not.toHaveProperty('max_completion_tokens')
  expect(asked.tools).toHaveLength(1)
})

test('while nothing is said an Anthropic client is kept waiting with pings, which change nothing', () => {
  expect(messages.streamReader().read(messages.ping)).toEqual([])
  expect(frame(messages.ping)).toBe('event: ping\ndata: {"type":"ping"}\n\n')
})

test('a stream is passed on byte for byte, but for the usage that nobody but us had asked for', () => {
  const usage = {
    id: 'chatcmpl-1',
    model: 'm',
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
  }
  const data = [chunk({ content: 'Hi' }), chunk({}, 'stop')].map((one) => `data:  ${JSON.stringify(one)}\r\n\r\n`)
  const last = `data: ${JSON.stringify(usage)}\r\n\r\n`
  const text = [': waiting\n\n', ...data, last, 'data: [DONE]\n\n'].join('')
  const [splitter, reader, folded] = [new EventSplitter(), chat.streamReader(), new Folded()]
  const passed = splitter.push(new TextEncoder().encode(text)).filter(({ event }) => {
    const told = event === undefined ? [] : reader.read(event)
    for (const change of told) folded.add(change)
    return !saysOnlyUsage(told)
  })
  expect(new TextDecoder().decode(joined(passed.map(({ bytes }) => bytes)))).toBe(text.replace(last, ''))
  expect([folded.ended, folded.usage]).toEqual([true, { input: 9, output: 2 }])
})

test('what an Anthropic model would refuse for its blanks is left out, and told', () => {
  const text = (one: string) => ({ type: 'text', text: one }) as const
  const { body, unsaid } = messages.writeRequest(
    ask([{ role: 'user', parts: [text('x'), text(' \n')] }], { stop: ['\n\n', 'END'] }),
  )
  expect(body).toMatchObject({ messages: [{ role: 'user', content: 'x' }], stop_sequences: ['END'] })
  expect(unsaid.map(({ path, matters }) => [path, matters])).toEqual([
    ['/turns/0/parts/1', false],
    ['/stop', true],
  ])
})

test('an answer that says within a good status that it failed is a failure', () => {
  expect(() => chat.readReply({ error: { message: 'No model is free', code: 503 } })).toThrow(/No model is free/)
})
