import Anthropic from '@anthropic-ai/sdk'
import * as fc from 'fast-check'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { replies } from '#test/harness/dialogues.ts'
import * as chat from './chat/index.ts'
import { frame, type StreamWriter } from './change.ts'
import type { Reply } from './dialogue.ts'
import { unfold } from './fold.ts'
import * as messages from './messages/index.ts'
import * as responses from './responses/index.ts'

const stream = (reply: Reply, writer: StreamWriter): string =>
  [...unfold(reply)]
    .flatMap((change) => writer.write(change))
    .map(frame)
    .join('')

const answering =
  (status: number, body: string, type: string, headers: Record<string, string> = {}) =>
  async () =>
    new Response(body, { status, headers: { 'content-type': type, ...headers } })
const openai = (fetch: () => Promise<Response>) => new OpenAI({ apiKey: 'sk-test', maxRetries: 0, fetch })
const anthropic = (fetch: () => Promise<Response>) => new Anthropic({ apiKey: 'sk-test', maxRetries: 0, fetch })

const said = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] }

test('the OpenAI client puts a stream together to what it gets without one', async () => {
  await fc.assert(
    fc.asyncProperty(replies({ wire: 'chat' }), async (reply) => {
      const text = stream(reply, chat.streamWriter({ usage: true }))
      const client = openai(answering(200, text, 'text/event-stream'))
      const ended = await client.chat.completions
        .stream({ ...said, stream_options: { include_usage: true } })
        .finalChatCompletion()
        .catch((error: unknown) => error)
      // its helper refuses answers that were cut short
      if (reply.choices.some(({ stop }) => stop === 'length' || stop === 'filtered')) return
      const body = JSON.stringify(chat.writeReply(reply).body)
      const whole = await openai(answering(200, body, 'application/json')).chat.completions.create(said)
      expect(JSON.parse(JSON.stringify(ended))).toMatchObject({
        id: whole.id,
        model: whole.model,
        usage: whole.usage,
        choices: whole.choices.map(({ message, finish_reason }) => ({
          finish_reason,
          message: { content: message.content, ...(message.tool_calls && { tool_calls: message.tool_calls }) },
        })),
      })
    }),
    { numRuns: 40 },
  )
})

test('the OpenAI client puts a stream of responses together to what it gets without one', async () => {
  await fc.assert(
    fc.asyncProperty(replies({ wire: 'responses', thoughts: true }), async (reply) => {
      const client = openai(answering(200, stream(reply, responses.streamWriter()), 'text/event-stream'))
      const all: OpenAI.Responses.ResponseStreamEvent[] = []
      const streamed = client.responses.stream({ model: 'm', input: 'Hello' })
      streamed.on('event', (event) => void all.push(event))
      const { output } = await streamed.finalResponse()
      const whole = responses.writeReply(reply).body['output'] as object[]
      expect(JSON.parse(JSON.stringify(output))).toMatchObject(whole.map((item) => JSON.parse(JSON.stringify(item))))
      // each item is told as done the way it stands in the whole answer
      const done = all.flatMap((event) => (event.type === 'response.output_item.done' ? [event.item] : []))
      expect(JSON.parse(JSON.stringify(done))).toEqual(JSON.parse(JSON.stringify(whole)))
    }),
    { numRuns: 40 },
  )
})

test('the Anthropic client puts a stream together to what it gets without one', async () => {
  await fc.assert(
    fc.asyncProperty(replies({ wire: 'messages', thoughts: true }), async (reply) => {
      const client = anthropic(answering(200, stream(reply, messages.streamWriter()), 'text/event-stream'))
      const ended = await client.messages.stream({ ...said, max_tokens: 9 }).finalMessage()
      const body = JSON.stringify(messages.writeReply(reply).body)
      const unstreamed = anthropic(answering(200, body, 'application/json'))
      const { usage, ...whole } = await unstreamed.messages.create({ ...said, max_tokens: 9 })
      const { usage: used, ...message } = JSON.parse(JSON.stringify(ended)) as Anthropic.Message & {
        parsed_output?: null
      }
      delete message.parsed_output
      for (const block of message.content) delete (block as { parsed?: null }).parsed
      expect(message).toEqual(JSON.parse(JSON.stringify(whole)))
      const { input_tokens, output_tokens, cache_read_input_tokens } = usage
      expect(used).toMatchObject({ input_tokens, output_tokens, cache_read_input_tokens })
    }),
    { numRuns: 40 },
  )
})

test.each([
  ['rate_limited', 'RateLimitError'],
  ['unauthenticated', 'AuthenticationError'],
  ['forbidden', 'PermissionDeniedError'],
  ['not_found', 'NotFoundError'],
  ['invalid', 'BadRequestError'],
  ['context_length', 'BadRequestError'],
  ['overloaded', 'InternalServerError', 'OverloadedError'],
  ['internal', 'InternalServerError'],
] as const)('both clients know a failure for what it is: %s', async (of, name, other: string = name) => {
  const failure = { class: of, status: 418, message: 'Not now.', retryAfter: 1.5 }
  const told = chat.writeError(failure)
  const asked = openai(answering(told.status, JSON.stringify(told.body), 'application/json', told.headers))
  const refused = await asked.chat.completions.create(said).catch((error: unknown) => error)
  expect((refused as Error).constructor.name).toBe(name)
  expect((refused as { headers?: Headers }).headers?.get('retry-after')).toBe('2')
  const also = messages.writeError(failure)
  const client = anthropic(answering(also.status, JSON.stringify(also.body), 'application/json', also.headers))
  const error = await client.messages.create({ ...said, max_tokens: 9 }).catch((error: unknown) => error)
  expect((error as Error).constructor.name).toBe(other)
  expect((error as Error).message).toContain('Not now.')
})

test('both clients throw where a stream tells an error in its middle', async () => {
  const failure = { class: 'overloaded', status: 529, message: 'Too much to do.' } as const
  const changes = [
    { type: 'begin', id: 'a', model: 'm' },
    { type: 'open', choice: 0, part: 0, is: { type: 'text', text: '' } },
    { type: 'grow', choice: 0, part: 0, text: 'Hel' },
    { type: 'error', failure },
  ] as const
  const text = (writer: StreamWriter) =>
    changes
      .flatMap((change) => writer.write(change))
      .map(frame)
      .join('')
  const first = openai(answering(200, text(chat.streamWriter({ usage: false })), 'text/event-stream'))
  const reading = async (all: AsyncIterable<unknown>) => {
    for await (const _ of all);
  }
  await expect(reading(await first.chat.completions.create({ ...said, stream: true }))).rejects.toThrow(
    /Too much to do/,
  )
  const second = anthropic(answering(200, text(messages.streamWriter()), 'text/event-stream'))
  const events = await second.messages.create({ ...said, max_tokens: 9, stream: true })
  await expect(reading(events)).rejects.toThrow(/Too much to do/)
})
