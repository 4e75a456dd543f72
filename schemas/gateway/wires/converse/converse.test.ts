import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { replies } from '#test/harness/dialogues.ts'
import * as chat from '../chat/index.ts'
import { fold, unfold } from '../fold.ts'
import { joined } from '../sse.ts'
import * as converse from './index.ts'

const json = (value: unknown) => JSON.parse(JSON.stringify(value))
const bytesOf = (text: string) => new TextEncoder().encode(text)

/** Bodies as the documentation of Bedrock's Converse has them. */
const request = {
  messages: [
    {
      role: 'user',
      content: [
        { text: 'What is on these?' },
        { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
        { document: { format: 'pdf', name: 'offer', source: { bytes: 'JVBERi0=' } } },
        { video: { format: 'mp4', source: { s3Location: { uri: 's3://a/b' } } } },
        { text: 'All.' },
        { cachePoint: { type: 'default', ttl: '1h' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Let me see.', signature: 'EqQB' } } },
        { reasoningContent: { redactedContent: 'EmwK' } },
        { toolUse: { toolUseId: 'tooluse_1', name: 'stock', input: { b: 1, a: 2 } } },
      ],
    },
    {
      role: 'user',
      content: [
        { toolResult: { toolUseId: 'tooluse_1', content: [{ text: 'none' }], status: 'error' } },
        { text: 'Go on' },
      ],
    },
  ],
  system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
  inferenceConfig: { maxTokens: 300, temperature: 0.2, topP: 0.9, stopSequences: ['END'] },
  toolConfig: {
    tools: [
      {
        toolSpec: {
          name: 'stock',
          description: 'How many',
          inputSchema: { json: { type: 'object', properties: { z: {}, a: {} } } },
        },
      },
      { cachePoint: { type: 'default' } },
      { systemTool: { name: 'nova_grounding' } },
    ],
    toolChoice: { tool: { name: 'stock' } },
  },
  outputConfig: {
    textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}', name: 'answer' } } },
  },
  additionalModelRequestFields: { top_k: 40 },
  requestMetadata: { team: 'sales' },
  serviceTier: { type: 'flex' },
  guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
}

test('what a client may send comes back member for member', () => {
  const read = converse.readRequest(json(request), { model: 'amazon.nova-pro-v1:0' })
  expect(converse.writeRequest(read)).toEqual({ body: request, unsaid: [] })
})

test('what is answered comes back member for member', () => {
  const reply = {
    output: {
      message: {
        role: 'assistant',
        content: [{ text: 'A cat.' }, { toolUse: { toolUseId: 't1', name: 'stock', input: { z: 1 } } }],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 10, outputTokens: 5, totalTokens: 115, cacheReadInputTokens: 80, cacheWriteInputTokens: 20 },
    metrics: { latencyMs: 0 },
  }
  const read = converse.readReply(json(reply), { id: 'req-1', model: 'm' })
  expect(read).toMatchObject({
    id: 'req-1',
    model: 'm',
    usage: { input: 10, cacheRead: 80, cacheWrite: 20, output: 5 },
  })
  expect(converse.writeReply(read)).toEqual({ body: reply, unsaid: [] })
})

test('a client that only spoke of its tools before is understood, and so is one that speaks twice', () => {
  const body = {
    model: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
    messages: [
      { role: 'user', content: 'One' },
      { role: 'user', content: 'Two' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'functions.f:0', type: 'function', function: { name: 'f', arguments: '' } }],
      },
      { role: 'tool', tool_call_id: 'functions.f:0', content: 'x' },
    ],
    reasoning_effort: 'low',
  }
  const { body: there, unsaid } = converse.writeRequest(chat.readRequest(body))
  const messages = there['messages'] as {
    role: string
    content: { toolUse?: { toolUseId: string }; toolResult?: { toolUseId: string } }[]
  }[]
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(messages[0]!.content).toEqual([{ text: 'One' }, { text: 'Two' }])
  expect(messages[1]!.content[0]!.toolUse!.toolUseId).toBe(messages[2]!.content[0]!.toolResult!.toolUseId)
  expect(there['toolConfig']).toEqual({
    tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
  })
  expect(unsaid.map(({ path }) => path)).toEqual(['/thinking', '/tools'])
})

const framed = (reply: Parameters<typeof unfold>[0]) => {
  const writer = converse.streamWriter()
  return [...unfold(reply)].flatMap((change) => writer.write(change)).map(converse.frameOfEvent)
}

test('an answer in binary frames is the same, wherever the bytes are cut', () => {
  const cuts = fc.array(fc.nat(), { maxLength: 8 })
  fc.assert(
    fc.property(replies({ wire: 'converse', thoughts: true }), cuts, (reply, cuts) => {
      const bytes = joined(framed(reply))
      const at = [0, ...cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
      const frames = new converse.FrameReader()
      const reader = converse.streamReader()
      const changes = at
        .slice(1)
        .flatMap((end, index) =>
          frames.push(bytes.slice(at[index], end)).flatMap((frame) => reader.read(converse.eventOfFrame(frame))),
        )
      expect(frames.cut).toBe(false)
      expect(fold([...changes, ...reader.finish()])).toEqual(reply)
    }),
    { numRuns: 200 },
  )
})

test('a frame of the documentation of AWS is read', () => {
  // headers and checksums as in the examples of the event stream encoding
  const hex =
    '0000003d00000020 07fd8396 0c 636f6e74656e742d74797065 07 0010 6170706c69636174696f6e2f6a736f6e 7b27666f6f273a27626172277d 8d9c08b1'
  const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  const [frame] = new converse.FrameReader().push(bytes)
  expect(frame!.headers).toEqual({ 'content-type': 'application/json' })
  expect(new TextDecoder().decode(frame!.payload)).toBe("{'foo':'bar'}")
  expect(
    Buffer.from(converse.writeFrame({ 'content-type': 'application/json' }, frame!.payload)).equals(Buffer.from(bytes)),
  ).toBe(true)
})

test('a frame with one bit wrong is refused, and one that claims too much is not waited for', () => {
  const good = converse.writeFrame({ ':event-type': 'messageStart' }, bytesOf('{"role":"assistant"}'))
  fc.assert(
    fc.property(fc.nat(good.length * 8 - 1), (bit) => {
      const bad = good.slice()
      bad[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => new converse.FrameReader().push(bad)).toThrow(/broken/)
    }),
  )
  const reader = new converse.FrameReader()
  expect(reader.push(good.subarray(0, good.length - 1))).toEqual([])
  expect(reader.cut).toBe(true)
})

test('an exception within a stream, and one instead of it, are known for what they are', () => {
  const reader = converse.streamReader()
  reader.read({ event: 'messageStart', data: '{"role":"assistant"}' })
  const frame = converse.frameOfEvent({ event: 'throttlingException', data: '{"message":"Slow down"}' })
  const [told] = new converse.FrameReader().push(frame)
  expect(reader.read(converse.eventOfFrame(told!))).toMatchObject([
    { type: 'error', failure: { class: 'rate_limited', message: 'Slow down', code: 'ThrottlingException' } },
  ])
  const headers: Record<string, string> = { 'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/' }
  const long = { message: 'Input is too long for requested model.' }
  expect(converse.readError(400, long, (name) => headers[name])).toMatchObject({ class: 'context_length', status: 400 })
  expect(
    converse.readError(403, {
      message: 'The security token is invalid',
      __type: 'com.amazon#UnrecognizedClientException',
    }),
  ).toMatchObject({
    class: 'unauthenticated',
  })
  expect(converse.readError(503, {})).toMatchObject({ class: 'overloaded' })
})
