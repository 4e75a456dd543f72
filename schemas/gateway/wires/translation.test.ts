import { expect, test } from 'vitest'
import * as chat from './chat/index.ts'
import type { Change, ServerEvent, StreamReader, StreamWriter } from './change.ts'
import type { Dialogue, Reply } from './dialogue.ts'
import { fold, unfold } from './fold.ts'
import * as messages from './messages/index.ts'

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

test('signed thoughts of Claude go through an OpenAI client and come back to Claude as they were', () => {
  const parts: Reply['choices'][0]['parts'] = [
    { type: 'thinking', text: 'Hm.', seal: { wire: 'messages', data: 'EqQB' } },
    { type: 'thinking', text: '', hidden: true, seal: { wire: 'messages', data: 'EmwK' } },
    { type: 'tool_call', id: 'toolu_1', name: 'stock', arguments: '{}' },
  ]
  const reply: Reply = { id: 'msg_1', model: 'm', choices: [{ parts, stop: 'tool_calls' }] }
  const whole = chat.writeReply(reply).body['choices'] as { message: object }[]
  expect(whole[0]!.message).toMatchObject({ content: null, reasoning_content: 'Hm.' })
  const streamed = fold(
    changes(chat.streamReader(), parsed(written(chat.streamWriter({ usage: false }), unfold(reply))).slice(0, -1)),
  )
  expect(streamed.choices[0]!.parts).toEqual(parts)
  const next = chat.readRequest({ model: 'm', messages: [whole[0]!.message] })
  expect(messages.writeRequest(next, messages.messagesQuirks.all).body['messages']).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'EqQB' },
        { type: 'redacted_thinking', data: 'EmwK' },
        { type: 'tool_use', id: 'toolu_1', name: 'stock', input: {} },
      ],
    },
  ])
})

test('thoughts are never sent on as if the model had said them aloud', () => {
  const turn = {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Secret', signature: 's' },
      { type: 'text', text: 'Hi' },
    ],
  }
  const asked = messages.readRequest({ model: 'm', max_tokens: 9, messages: [turn] })
  const { body, unsaid } = chat.writeRequest(asked)
  expect(body['messages']).toEqual([{ role: 'assistant', content: 'Hi' }])
  expect(paths(unsaid)).toEqual([['/turns/0/parts/0', false]])
  expect(chat.writeRequest(asked, chat.chatQuirks.vllm).body['messages']).toMatchObject([
    { content: 'Hi', reasoning_content: 'Secret' },
  ])
  // a thought that another wire signed would be refused by Claude
  const other = ask([
    {
      role: 'assistant',
      parts: [
        { type: 'thinking', text: 'x', seal: { wire: 'gemini', data: 's' } },
        { type: 'text', text: 'Hi' },
      ],
    },
  ])
  expect(messages.writeRequest(other).body['messages']).toEqual([{ role: 'assistant', content: 'Hi' }])
})

test('thoughts of other models reach an Anthropic client, and their seals find their way back', () => {
  const thought = { type: 'thinking', text: 'Hm.', seal: { wire: 'responses', data: 'gAAAA' }, id: 'rs_1' } as const
  const reply: Reply = {
    id: 'a',
    model: 'm',
    choices: [{ parts: [thought, { type: 'text', text: 'Hi' }], stop: 'end' }],
  }
  const { content } = messages.writeReply(reply).body
  expect(
    messages.readRequest({ model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content }] }).turns[0]!.parts,
  ).toMatchObject([thought, { type: 'text', text: 'Hi' }])
})

test('a model is asked to think as it can be asked, and whatever that rules out is told', () => {
  const say = (model: string, more: Partial<Dialogue>) => {
    const { body, unsaid } = messages.writeRequest(
      ask([{ role: 'user', parts: [{ type: 'text', text: 'x' }] }], { model, maxTokens: 9000, ...more }),
    )
    return [body['thinking'], body['output_config'], body['temperature'], ...unsaid.map(({ path }) => path)]
  }
  const thinking = { mode: 'auto', effort: 'high' } as const
  expect(say('claude-opus-5', { thinking, temperature: 0.2 })).toEqual([
    { type: 'adaptive' },
    { effort: 'high' },
    undefined,
    '/temperature',
  ])
  expect(say('claude-sonnet-4-5-20250929', { thinking, temperature: 0.2 })).toEqual([
    { type: 'enabled', budget_tokens: 8999 },
    undefined,
    undefined,
    '/thinking/effort',
    '/temperature',
  ])
  expect(say('claude-opus-4-7', { thinking: { mode: 'on', budget: 5000 } })).toEqual([
    { type: 'adaptive' },
    undefined,
    undefined,
    '/thinking/budget',
  ])
  expect(say('claude-haiku-4-5', { thinking, maxTokens: 900 })).toEqual([undefined, undefined, undefined, '/thinking'])
  expect(
    say('claude-haiku-4-5', { thinking, tools: [{ type: 'function', name: 'f' }], toolChoice: 'required' }),
  ).toEqual([undefined, undefined, undefined, '/thinking'])
  expect(say('claude-3-5-haiku-latest', { temperature: 1.7 })).toEqual([undefined, undefined, 1, '/temperature'])
})

test('what a wire cannot say is told, never left out in silence', () => {
  const body = {
    model: 'claude-x',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
          { type: 'text', text: 'x' },
        ],
      },
    ],
    n: 2,
    seed: 7,
    logprobs: true,
    logit_bias: { a: 1 },
    frequency_penalty: 0.5,
    response_format: { type: 'json_object' },
    web_search_options: {},
    metadata: { team: 'sales' },
    store: true,
    service_tier: 'flex',
    prompt_cache_key: 'k',
  }
  const { unsaid } = messages.writeRequest(chat.readRequest(body))
  expect(Object.fromEntries(paths(unsaid))).toEqual({
    '/maxTokens': true,
    '/turns/0/parts/0': true,
    '/choices': true,
    '/seed': true,
    '/logprobs': true,
    '/logit_bias': true,
    '/frequencyPenalty': true,
    '/format': true,
    '/web_search_options': true,
    '/metadata': false,
    '/store': false,
    '/tier': false,
    '/cacheKey': false,
  })
  expect(unsaid.every(({ sentence }) => sentence.endsWith('.'))).toBe(true)
  const back = chat.writeRequest(
    messages.readRequest({
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'user', content: [{ type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }] },
      ],
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      top_k: 4,
      thinking: { type: 'enabled', budget_tokens: 3000 },
    }),
  )
  expect(Object.fromEntries(paths(back.unsaid))).toEqual({
    '/turns/0/parts/0': true,
    '/tools/0': true,
    '/topK': true,
    '/thinking/budget': true,
  })
})

test('arguments that are no object are handed to Claude as a text in one', () => {
  const call = (text: string) =>
    ask([{ role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name: 'f', arguments: text }] }])
  const { body, unsaid } = messages.writeRequest(call('{"a":'))
  expect(body['messages']).toMatchObject([{ content: [{ input: { unreadable: '{"a":' } }] }])
  expect(unsaid).toHaveLength(1)
  expect(messages.writeRequest(call('')).unsaid).toEqual([])
})

test('ids of calls fit the provider, and call and result still find each other', () => {
  const id = 'functions.get_weather:0'
  const turns: Dialogue['turns'] = [
    { role: 'assistant', parts: [{ type: 'tool_call', id, name: 'f', arguments: '{}' }] },
    { role: 'tool', parts: [{ type: 'tool_result', call: id, parts: [{ type: 'text', text: 'x' }] }] },
  ]
  const mistral = chat.writeRequest(ask(turns), chat.chatQuirks.mistral).body['messages'] as [
    { tool_calls: { id: string }[] },
    { tool_call_id: string },
  ]
  expect(mistral[0].tool_calls[0]!.id).toMatch(/^[a-zA-Z0-9]{9}$/)
  expect(mistral[1].tool_call_id).toBe(mistral[0].tool_calls[0]!.id)
  const claude = messages.writeRequest(ask(turns)).body['messages'] as {
    content: { id?: string; tool_use_id?: string }[]
  }[]
  expect(claude[0]!.content[0]!.id).toMatch(/^[a-zA-Z0-9_-]+$/)
  expect(claude[1]!.content[0]!.tool_use_id).toBe(claude[0]!.content[0]!.id)
  expect(chat.writeRequest(ask(turns)).body['messages']).toMatchObject([{}, { tool_call_id: id }])
})

test('Mistral is asked in its own words', () => {
  const asked = ask([{ role: 'developer', parts: [{ type: 'text', text: 'x' }] }], {
    seed: 7,
    toolChoice: 'required',
    stream: true,
    streamUsage: true,
    user: 'u',
  })
  const { body, unsaid } = chat.writeRequest(asked, chat.chatQuirks.mistral)
  expect(body).toEqual({
    model: 'm',
    messages: [{ role: 'system', content: 'x' }],
    tool_choice: 'any',
    max_tokens: 9,
    random_seed: 7,
    stream: true,
  })
  expect(paths(unsaid)).toEqual([['/user', false]])
})

test.each([
  [429, { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } }, 'rate_limited'],
  [429, { error: { message: 'Pay first', type: 'insufficient_quota', code: 'insufficient_quota' } }, 'billing'],
  [
    400,
    { error: { message: 'Too long', type: 'invalid_request_error', code: 'context_length_exceeded' } },
    'context_length',
  ],
  [
    400,
    { error: { message: "This model's maximum context length is 9 tokens.", type: 'invalid_request_error' } },
    'context_length',
  ],
  [400, { error: { code: 'content_filter', message: 'No', innererror: {} } }, 'content_policy'],
  [401, { error: { message: 'Who?', code: 'invalid_api_key' } }, 'unauthenticated'],
  [503, { error: { message: 'Overloaded', type: 'server_error' } }, 'overloaded'],
  [422, { detail: [{ loc: ['body'], msg: 'field required' }] }, 'invalid'],
  [404, { object: 'error', message: 'The model does not exist', type: 'NotFoundError', code: 404 }, 'not_found'],
  [400, { error: 'invalid model' }, 'invalid'],
  [502, '<html>Bad Gateway</html>', 'broken'],
  [500, undefined, 'internal'],
])('a refusal of a chat provider is known for what it is: %d %j', (status, body, of) => {
  expect(chat.readError(status, body)).toMatchObject({ class: of, status })
})

test.each([
  [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded', 503],
  [
    400,
    { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' } },
    'context_length',
    400,
  ],
  [413, { type: 'error', error: { type: 'request_too_large', message: 'Too large' } }, 'too_large', 413],
  [429, { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } }, 'rate_limited', 429],
  [500, 'oops', 'internal', 500],
])('a refusal of Anthropic is told to an OpenAI client as it knows it: %d %j', (status, body, of, told) => {
  const failure = messages.readError(status, body)
  expect(failure).toMatchObject({ class: of, status })
  expect(chat.writeError(failure)).toMatchObject({ status: told })
})

test('how long to wait is passed on, however it was said', () => {
  const at = (headers: Record<string, string>) => chat.readError(429, {}, (name) => headers[name], 1_000_000).retryAfter
  expect(at({ 'retry-after': '20' })).toBe(20)
  expect(at({ 'retry-after-ms': '1500', 'retry-after': '20' })).toBe(1.5)
  expect(at({ 'retry-after': new Date(1_030_000).toUTCString() })).toBe(30)
  expect(at({ 'retry-after': 'soon' })).toBeUndefined()
  expect(messages.writeError({ class: 'overloaded', status: 503, message: 'x', retryAfter: 1.5 })).toMatchObject({
    status: 529,
    headers: { 'retry-after': '2' },
  })
})
