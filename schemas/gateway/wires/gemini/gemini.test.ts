import { expect, test } from 'vitest'
import * as chat from '../chat/index.ts'
import type { Change } from '../change.ts'
import { fold } from '../fold.ts'
import * as messages from '../messages/index.ts'
import * as gemini from './index.ts'

const json = (value: unknown) => JSON.parse(JSON.stringify(value))

/** Bodies as Google's documentation of `generateContent` has them. */
const request = {
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  contents: [
    {
      role: 'user',
      parts: [
        { text: 'What is on these?' },
        { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
        { inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } },
        { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
        { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/cat.png' } },
      ],
    },
    {
      role: 'model',
      parts: [
        { text: 'Let me see.', thought: true, thoughtSignature: 'c2ln' },
        { functionCall: { name: 'stock', args: { b: 1, a: 2 } }, thoughtSignature: 'Y2FsbA==' },
        { functionCall: { name: 'stock', args: {} } },
        { executableCode: { language: 'PYTHON', code: '1+1' } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { name: 'stock', response: { output: '3 left' } } },
        { functionResponse: { name: 'stock', response: { error: 'no such thing' } } },
      ],
    },
  ],
  tools: [
    {
      functionDeclarations: [
        {
          name: 'stock',
          description: 'How many',
          parametersJsonSchema: { type: 'object', properties: { z: {}, a: {} } },
        },
      ],
    },
    { googleSearch: {} },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['stock'] } },
  generationConfig: {
    temperature: 0.2,
    topP: 0.9,
    topK: 40,
    maxOutputTokens: 300,
    stopSequences: ['END'],
    candidateCount: 1,
    seed: 7,
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'object' },
    thinkingConfig: { thinkingBudget: 1024, includeThoughts: true },
    mediaResolution: 'MEDIA_RESOLUTION_LOW',
  },
  safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
}

const reply = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'Hm.', thought: true },
          { text: 'A cat.', thoughtSignature: 'c2ln' },
          { functionCall: { id: 'fc-1', name: 'stock', args: { z: 1 } } },
        ],
      },
      finishReason: 'STOP',
      index: 0,
    },
  ],
  usageMetadata: {
    promptTokenCount: 100,
    cachedContentTokenCount: 60,
    candidatesTokenCount: 20,
    thoughtsTokenCount: 30,
    totalTokenCount: 150,
  },
  modelVersion: 'gemini-2.5-pro',
  responseId: 'resp-1',
}

test('what a client may send comes back member for member', () => {
  const read = gemini.readRequest(json(request), { model: 'gemini-2.5-pro', stream: true })
  const { body, unsaid } = gemini.writeRequest(read)
  expect(unsaid).toEqual([])
  expect(body).toEqual(request)
})

test('calls without ids are given such as find their results, the same ones each time', () => {
  const { turns } = gemini.readRequest(json(request), { model: 'm' })
  const calls = turns[2]!.parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []))
  const results = turns[3]!.parts.map((part) => part.type === 'tool_result' && [part.call, part.failed])
  expect(new Set(calls).size).toBe(2)
  expect(results).toEqual([
    [calls[0], undefined],
    [calls[1], true],
  ])
  expect(gemini.readRequest(json(request), { model: 'm' }).turns).toEqual(turns)
})

test('what is answered comes back member for member, thoughts counted with the output', () => {
  const read = gemini.readReply(json(reply))
  expect(read.usage).toEqual({ input: 40, cacheRead: 60, output: 50, reasoning: 30 })
  expect(read.choices[0]!.stop).toBe('tool_calls')
  expect(gemini.writeReply(read)).toEqual({ body: reply, unsaid: [] })
})

const chunk = (parts: object[], more: object = {}, finish: object = {}) => ({
  data: JSON.stringify({
    candidates: [{ content: { role: 'model', parts }, index: 0, ...finish }],
    modelVersion: 'gemini-3-pro',
    responseId: 'r',
    ...more,
  }),
})

test('a stream is the answer that it would be without one', () => {
  const reader = gemini.streamReader()
  const usage = (candidatesTokenCount: number) => ({ usageMetadata: { promptTokenCount: 9, candidatesTokenCount } })
  const changes: Change[] = [
    chunk([{ text: 'H', thought: true }], usage(1)),
    chunk([{ text: 'm.', thought: true }], usage(2)),
    chunk([{ text: 'A ' }], usage(3)),
    chunk([{ text: 'cat.' }, { functionCall: { name: 'stock', args: { z: 1 } }, thoughtSignature: 'c2ln' }], usage(4)),
    chunk([{ text: '' }], usage(5), { finishReason: 'STOP' }),
  ].flatMap((event) => reader.read(event))
  changes.push(...reader.finish())
  const whole = gemini.readReply({
    candidates: [
      {
        content: {
          parts: [
            { text: 'Hm.', thought: true },
            { text: 'A cat.' },
            { functionCall: { name: 'stock', args: { z: 1 } }, thoughtSignature: 'c2ln' },
          ],
        },
        finishReason: 'STOP',
      },
    ],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5 },
    modelVersion: 'gemini-3-pro',
    responseId: 'r',
  })
  expect(fold(changes)).toEqual(whole)
  expect(changes.at(-1)).toEqual({ type: 'end' })
})

test('a stream that stops without a reason was cut', () => {
  const reader = gemini.streamReader()
  reader.read(chunk([{ text: 'A ' }]))
  expect(reader.finish()).toMatchObject([{ type: 'error', failure: { class: 'broken' } }])
})

test('a prompt that is blocked is an answer that was filtered, not one that is empty', () => {
  const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3 }, responseId: 'r' }
  expect(gemini.readReply(blocked).choices).toMatchObject([{ parts: [], stop: 'filtered' }])
  const reader = gemini.streamReader()
  const changes = [...reader.read({ data: JSON.stringify(blocked) }), ...reader.finish()]
  expect(changes.map(({ type }) => type)).toEqual(['begin', 'stop', 'usage', 'end'])
})

test('the signature of a call goes through an OpenAI client and comes back; where one lost it, Gemini 3 is told so', () => {
  const read = gemini.readReply({
    candidates: [
      {
        content: { parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'c2ln' }] },
        finishReason: 'STOP',
      },
    ],
  })
  const { message } = (chat.writeReply(read).body['choices'] as { message: object }[])[0]!
  const next = chat.readRequest({ model: 'gemini-3-pro', messages: [{ role: 'user', content: 'x' }, message] })
  const parts = (body: Record<string, unknown>) => (body['contents'] as { parts: object[] }[])[1]!.parts
  expect(parts(gemini.writeRequest(next).body)).toEqual([
    { functionCall: { name: 'f', args: {} }, thoughtSignature: 'c2ln' },
  ])
  const other = {
    role: 'assistant',
    content: [
      { type: 'tool_use', id: 'a', name: 'f', input: {} },
      { type: 'tool_use', id: 'b', name: 'f', input: {} },
    ],
  }
  const asked = messages.readRequest({
    model: 'gemini-3-pro',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'x' }, other],
  })
  expect(parts(gemini.writeRequest(asked).body)).toEqual([
    { functionCall: { name: 'f', args: {} }, thoughtSignature: 'skip_thought_signature_validator' },
    { functionCall: { name: 'f', args: {} } },
  ])
})

test.each([
  [
    429,
    {
      error: {
        code: 429,
        message: 'Quota',
        status: 'RESOURCE_EXHAUSTED',
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '13.5s' }],
      },
    },
    { class: 'rate_limited', retryAfter: 13.5 },
  ],
  [
    400,
    {
      error: {
        code: 400,
        message: 'API key not valid.',
        status: 'INVALID_ARGUMENT',
        details: [{ reason: 'API_KEY_INVALID' }],
      },
    },
    { class: 'unauthenticated' },
  ],
  [
    400,
    [
      {
        error: {
          code: 400,
          message: 'The input token count exceeds the maximum number of tokens allowed; too many tokens',
          status: 'INVALID_ARGUMENT',
        },
      },
    ],
    { class: 'context_length' },
  ],
  [503, { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }, { class: 'overloaded' }],
  [504, { error: { code: 504, message: 'Deadline', status: 'DEADLINE_EXCEEDED' } }, { class: 'timeout' }],
])('a refusal is known for what it is: %d %j', (status, body, of) => {
  expect(gemini.readError(status, body)).toMatchObject({ status, ...of })
})

test('a client of a stream is given texts as they come, and calls when they are whole', () => {
  const writer = gemini.streamWriter()
  const said = (change: Change) => writer.write(change).map(({ data }) => JSON.parse(data).candidates[0].content.parts)
  writer.write({ type: 'begin', id: 'r', model: 'm' })
  writer.write({ type: 'open', choice: 0, part: 0, is: { type: 'text', text: '' } })
  expect(said({ type: 'grow', choice: 0, part: 0, text: 'A ' })).toEqual([[{ text: 'A ' }]])
  expect(said({ type: 'close', choice: 0, part: 0 })).toEqual([])
  writer.write({ type: 'open', choice: 0, part: 1, is: { type: 'tool_call', id: 'a', name: 'f', arguments: '' } })
  expect(said({ type: 'grow', choice: 0, part: 1, text: '{"z"' })).toEqual([])
  expect(said({ type: 'grow', choice: 0, part: 1, text: ':1}' })).toEqual([])
  expect(said({ type: 'close', choice: 0, part: 1 })).toEqual([
    [{ functionCall: { id: 'a', name: 'f', args: { z: 1 } } }],
  ])
})

test('how much to think is told to each model as it takes it', () => {
  const asked = chat.readRequest({
    model: 'gemini-3-pro',
    messages: [{ role: 'user', content: 'x' }],
    reasoning_effort: 'high',
  })
  const config = (model: string) => gemini.writeRequest(asked, gemini.quirksOfModel(model)).body['generationConfig']
  expect(config('gemini-3-pro')).toEqual({ thinkingConfig: { thinkingLevel: 'high', includeThoughts: true } })
  expect(config('gemini-2.5-flash')).toEqual({ thinkingConfig: { thinkingBudget: 24_576, includeThoughts: true } })
})
