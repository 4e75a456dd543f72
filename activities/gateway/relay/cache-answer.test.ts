import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Reply } from '#schemas/gateway/wires/dialogue.ts'
import { frame } from '#schemas/gateway/wires/change.ts'
import * as chat from '#schemas/gateway/wires/chat/index.ts'
import * as completions from '#schemas/gateway/wires/completions/index.ts'
import { readReply, streamReader } from '#schemas/gateway/wires/completions/reader.ts'
import { fold, unfold } from '#schemas/gateway/wires/fold.ts'
import * as messages from '#schemas/gateway/wires/messages/index.ts'
import * as responses from '#schemas/gateway/wires/responses/index.ts'
import { EventSplitter } from '#schemas/gateway/wires/sse.ts'
import { accounted } from '#test/harness/accounted.ts'
import { replies } from '#test/harness/dialogues.ts'
import { readAsked, type Asked } from './asked.ts'
import { answerOf, sayAgain, textOfAnswer } from './cache-answer.ts'

const json = { 'content-type': 'application/json' }
const sse = { 'content-type': 'text/event-stream; charset=utf-8' }
const asked = (operation: Operation, more: object = {}): Asked => {
  const read = readAsked(operation, Buffer.from(JSON.stringify({ model: 'fast', ...more })))
  if ('why' in read) throw new Error(read.why)
  return read
}
const streaming = { stream: true, stream_options: { include_usage: true } }
const proper = new Set(['end', 'stop_sequence', 'tool_calls', 'length'])
const isGood = ({ choices }: Reply) => choices.every(({ parts, stop }) => parts.length > 0 && proper.has(stop))
const text = (value: unknown) => Buffer.from(JSON.stringify(value))

const wires = [
  ['chat', chat, replies({ wire: 'chat' })],
  ['messages', messages, replies({ wire: 'messages', thoughts: true })],
  ['responses', responses, replies({ wire: 'responses', thoughts: true })],
] as const

test.each(wires)(
  '%s: an answer that was whole is the same as a stream, and that the same whole again',
  (operation, wire, any) => {
    fc.assert(
      fc.property(any, (reply) => {
        const body = wire.writeReply(reply).body
        const kept = answerOf(asked(operation), text(body), json, accounted)
        expect(kept !== null).toBe(isGood(reply))
        if (kept === null) return
        expect(sayAgain(kept, asked(operation))!.body).toBe(JSON.stringify(body))
        const stream = sayAgain(kept, asked(operation, streaming))!
        expect(stream.headers['content-type']).toContain('text/event-stream')
        const again = answerOf(asked(operation, streaming), Buffer.from(stream.body), sse, accounted)
        const said = (of: string) => wire.readReply(JSON.parse(of))
        expect({ ...said(again!.body), usage: 0 }).toEqual({ ...said(kept.body), usage: 0 })
      }),
      { numRuns: 100, seed: 5 },
    )
  },
)

test('completions are read back as they were written, whole and streamed', () => {
  const reply: Reply = {
    id: 'cmpl-1',
    model: 'm',
    created: 7,
    usage: { input: 3, output: 2 },
    choices: [
      { parts: [{ type: 'text', text: 'Hello' }], stop: 'end' },
      { parts: [{ type: 'text', text: 'Good day' }], stop: 'length' },
    ],
  }
  const { body } = completions.writeReply(reply)
  expect(readReply(JSON.parse(JSON.stringify(body)))).toEqual(reply)
  const writer = completions.streamWriter({ usage: true })
  const stream = Buffer.from(
    [...unfold(reply)]
      .flatMap((change) => writer.write(change))
      .map(frame)
      .join(''),
  )
  const reader = streamReader()
  const events = new EventSplitter().push(stream).flatMap(({ event }) => event ?? [])
  expect(fold([...events.flatMap((event) => reader.read(event)), ...reader.finish()])).toEqual(reply)
  const kept = answerOf(asked('completions', streaming), stream, sse, accounted)
  expect(JSON.parse(sayAgain(kept!, asked('completions'))!.body)).toEqual(JSON.parse(JSON.stringify(body)))
  expect(sayAgain(kept!, asked('completions', streaming))!.body).toBe(stream.toString())
  for (const cut of [
    stream.subarray(0, stream.length / 2),
    Buffer.from('data: {"error":{"message":"No."}}\n\n'),
    Buffer.from('data: {\n\n'),
  ])
    expect(answerOf(asked('completions', streaming), cut, sse, accounted)).toBeNull()
})

test('a stream that told no usage is kept with what was counted, unless that was a guess', () => {
  const reply: Reply = { id: 'x', model: 'm', choices: [{ parts: [{ type: 'text', text: 'Two.' }], stop: 'end' }] }
  const writer = chat.streamWriter({ usage: false })
  const stream = Buffer.from(
    [...unfold(reply)]
      .flatMap((change) => writer.write(change))
      .map(frame)
      .join(''),
  )
  const whole = (row: typeof accounted) =>
    JSON.parse(answerOf(asked('chat', { stream: true }), stream, sse, row)!.body) as { usage?: object }
  expect(whole(accounted).usage).toMatchObject({
    prompt_tokens: 1000,
    completion_tokens: 100,
    prompt_tokens_details: { cached_tokens: 500 },
  })
  expect(whole({ ...accounted, estimated: true }).usage).toBeUndefined()
})

test('what was left out of the request is told again; embeddings are kept where there are any', () => {
  const body = chat.writeReply({
    id: 'x',
    model: 'm',
    choices: [{ parts: [{ type: 'text', text: 'Two.' }], stop: 'end' }],
  }).body
  const kept = answerOf(asked('chat'), text(body), { ...json, 'x-auterity-unsaid': '/seed' }, accounted)!
  expect(sayAgain(kept, asked('chat'))!.headers).toMatchObject({ 'x-auterity-unsaid': '/seed' })
  expect(sayAgain(kept, asked('chat', streaming))!.headers).toMatchObject({ 'x-auterity-unsaid': '/seed' })
  expect(answerOf(asked('embeddings'), text({ data: [{ embedding: [1] }] }), json, accounted)).not.toBeNull()
  expect(answerOf(asked('embeddings'), text({ data: [] }), json, accounted)).toBeNull()
  expect(answerOf(asked('chat'), text(body), json, { ...accounted, provider: null })).toBeNull()
})

test('only answers in words are compared', () => {
  const said = (parts: Reply['choices'][number]['parts']) =>
    textOfAnswer(
      asked('chat'),
      JSON.stringify(chat.writeReply({ id: 'x', model: 'm', choices: [{ parts, stop: 'end' }] }).body),
    )
  expect(said([{ type: 'text', text: 'Two.' }])).toBe('Two.')
  expect(
    said([
      { type: 'text', text: 'So:' },
      { type: 'tool_call', id: 'c', name: 'price', arguments: '{}' },
    ]),
  ).toBeNull()
  expect(textOfAnswer(asked('embeddings'), '{"data":[]}')).toBeNull()
  expect(textOfAnswer(asked('chat'), '{')).toBeNull()
})
