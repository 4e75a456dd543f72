import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { dialogues, inPieces, replies } from '#test/harness/dialogues.ts'
import type { Sayable } from '#test/harness/dialogue-parts.ts'
import { type Change, frame, type ServerEvent, type StreamReader, type StreamWriter } from './change.ts'
import type { Dialogue, Reply, Written } from './dialogue.ts'
import * as chat from './chat/index.ts'
import { fold, unfold } from './fold.ts'
import * as converse from './converse/index.ts'
import * as gemini from './gemini/index.ts'
import * as messages from './messages/index.ts'
import * as responses from './responses/index.ts'
import { EventSplitter } from './sse.ts'

type Round = {
  say: Sayable
  readRequest(body: unknown): Dialogue
  writeRequest(dialogue: Dialogue): Written
  readReply(body: unknown): Reply
  writeReply(reply: Reply): Written
  streamReader(): StreamReader
  streamWriter(): StreamWriter
}

const wires: Round[] = [
  { say: { wire: 'chat' }, ...chat, streamWriter: () => chat.streamWriter({ usage: true }) },
  { say: { wire: 'messages', thoughts: true }, ...messages },
  {
    say: { wire: 'responses', thoughts: true },
    ...responses,
    writeRequest: (dialogue) => responses.writeRequest(dialogue, { stateless: false }),
  },
  {
    say: { wire: 'gemini', thoughts: true },
    ...gemini,
    readRequest: (body) => gemini.readRequest(body, { model: 'm' }),
    writeRequest: (dialogue) => gemini.writeRequest(dialogue, { ids: true, levels: false, asksForSignatures: false }),
  },
  {
    say: { wire: 'converse', thoughts: true },
    ...converse,
    readRequest: (body) => converse.readRequest(body, { model: 'm' }),
  },
]
const each = wires.map((wire) => [wire.say.wire, wire] as const)
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test.each(each)('%s: a dialogue that it can say comes back as it was, and nothing is unsaid', (_, wire) => {
  fc.assert(
    fc.property(dialogues(wire.say), (dialogue) => {
      const { body, unsaid } = wire.writeRequest(dialogue)
      expect(unsaid).toEqual([])
      expect(wire.readRequest(asJson(body))).toEqual(dialogue)
      expect(JSON.stringify(wire.writeRequest(wire.readRequest(asJson(body))).body)).toBe(JSON.stringify(body))
    }),
    { numRuns: 150 },
  )
})

test.each(each)('%s: an answer comes back as it was', (_, wire) => {
  fc.assert(
    fc.property(replies(wire.say), (reply) => {
      const { body, unsaid } = wire.writeReply(reply)
      expect(unsaid).toEqual([])
      expect(wire.readReply(asJson(body))).toEqual(reply)
    }),
    { numRuns: 150 },
  )
})

const events = (bytes: Uint8Array, cuts: number[]): ServerEvent[] => {
  const splitter = new EventSplitter()
  const at = [0, ...cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const blocks = at.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(at[index], end)))
  return blocks.flatMap(({ event }) => (event === undefined ? [] : [event]))
}

test.each(each)('%s: an answer that is streamed, in any pieces, is the same as one that is not', (_, wire) => {
  const pieces = fc.array(fc.nat(), { maxLength: 5 })
  fc.assert(
    fc.property(replies(wire.say), pieces, pieces, (reply, grown, cuts) => {
      const writer = wire.streamWriter()
      const text = inPieces(unfold(reply), grown)
        .flatMap((change) => writer.write(change))
        .map(frame)
        .join('')
      const reader = wire.streamReader()
      const changes = events(new TextEncoder().encode(text), cuts).flatMap((event) => reader.read(event))
      changes.push(...reader.finish())
      expect(changes.at(-1)).toEqual({ type: 'end' })
      expect(fold(changes)).toEqual(reply)
    }),
    { numRuns: 150 },
  )
})

test.each(each)('%s: a stream that is cut before its end says so, after what had come', (_, wire) => {
  fc.assert(
    fc.property(replies(wire.say), fc.nat(), (reply, at) => {
      const writer = wire.streamWriter()
      const all = [...unfold({ ...reply, choices: reply.choices.slice(0, 1) })]
      const stop = all.findIndex(({ type }) => type === 'stop')
      const before = all.slice(0, at % (stop + 1))
      const reader = wire.streamReader()
      const read = before.flatMap((change) => writer.write(change)).flatMap((event) => reader.read(event))
      const last = reader.finish()
      expect(last).toEqual([{ type: 'error', failure: expect.objectContaining({ class: 'broken', status: 502 }) }])
      // calls are told when they are whole where a wire has no pieces of them
      const spoken = (change: Change) =>
        change.type === 'grow' && reply.choices[0]?.parts[change.part]?.type !== 'tool_call'
      expect(read.filter(spoken)).toEqual(before.filter(spoken))
      expect(reader.finish()).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test.each(each)(
  '%s: an error in the middle of a stream, and an event that is no JSON, end it with what went wrong',
  (_, wire) => {
    const begun = () => {
      const [writer, reader] = [wire.streamWriter(), wire.streamReader()]
      const open = { type: 'open', choice: 0, part: 0, is: { type: 'text', text: '' } } as const
      const grow = { type: 'grow', choice: 0, part: 0, text: 'Hel' } as const
      for (const change of [{ type: 'begin', id: 'x', model: 'm' } as const, open, grow])
        for (const event of writer.write(change)) reader.read(event)
      return [writer, reader] as const
    }
    const [writer, reader] = begun()
    const failure = { class: 'overloaded', status: 503, message: 'Too much to do.' } as const
    const told = writer.write({ type: 'error', failure }).flatMap((event) => reader.read(event))
    expect(told).toEqual([{ type: 'error', failure: expect.objectContaining({ message: 'Too much to do.' }) }])
    expect(reader.read({ data: '{}' })).toEqual([])
    const [, other] = begun()
    expect(other.read({ data: '{"id":"x","cho' })).toEqual([
      { type: 'error', failure: expect.objectContaining({ class: 'broken' }) },
    ])
  },
)
