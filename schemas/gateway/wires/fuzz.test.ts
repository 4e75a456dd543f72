import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileJson } from '#test/harness/arbitrary.ts'
import { isFault } from '#schemas/errors.ts'
import { dialogues, replies } from '#test/harness/dialogues.ts'
import type { Sayable } from '#test/harness/dialogue-parts.ts'
import type { Change } from './change.ts'
import type { Reply } from './dialogue.ts'
import * as completions from './completions/index.ts'
import { fold, unfold } from './fold.ts'
import { type Wire, wires } from './index.ts'
import { isObject } from './members.ts'

const names = Object.keys(wires) as Sayable['wire'][]
const wireOf = (name: Sayable['wire']): Wire => wires[name]
const address = { model: 'm' }

/** The value at one place of a body is replaced, or taken away. */
const spoiled = (body: unknown, steps: readonly number[], by: unknown): unknown => {
  const [step, ...rest] = steps
  if (step === undefined || typeof body !== 'object' || body === null) return by
  if (Array.isArray(body))
    return body.length === 0 ? by : body.with(step % body.length, spoiled(body[step % body.length], rest, by))
  const keys = Object.keys(body)
  const key = keys[step % keys.length]
  if (key === undefined) return by
  const value = spoiled((body as Record<string, unknown>)[key], rest, by)
  return { ...body, [key]: value }
}
const steps = fc.array(fc.nat(), { minLength: 1, maxLength: 6 })

const given = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (error) {
    if (!isFault(error)) throw error
    return undefined
  }
}

test.each(names)(
  '%s: a body that is spoiled anywhere is read or refused, and what was read can be said on every wire',
  (name) => {
    const wire = wireOf(name)
    fc.assert(
      fc.property(dialogues({ wire: name, thoughts: true }), steps, hostileJson, (dialogue, at, by) => {
        const body = spoiled(JSON.parse(JSON.stringify(wire.writeRequest(dialogue).body)), at, by)
        const read = given(() => wire.readRequest(body, address))
        if (read === undefined) return
        for (const other of names) {
          const { body: written, unsaid } = wireOf(other).writeRequest(read)
          expect(isObject(JSON.parse(JSON.stringify(written)))).toBe(true)
          for (const { path, sentence } of unsaid)
            expect([path, sentence]).toEqual([expect.stringMatching(/^\//), expect.stringMatching(/\.$/s)])
        }
      }),
      { numRuns: 1000 },
    )
  },
)

test.each(names)('%s: an answer that is spoiled anywhere is read, or is the failure of the provider', (name) => {
  const wire = wireOf(name)
  fc.assert(
    fc.property(replies({ wire: name, thoughts: true }), steps, hostileJson, (reply, at, by) => {
      const body = spoiled(JSON.parse(JSON.stringify(wire.writeReply(reply).body)), at, by)
      try {
        const read = wire.readReply(body)
        for (const other of names) JSON.stringify(wireOf(other).writeReply(read).body)
        completions.writeReply(read)
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable' })
      }
    }),
    { numRuns: 1000 },
  )
})

test.each(names)('%s: a stream with a spoiled event ends once, with an end or an error, on every wire', (name) => {
  const wire = wireOf(name)
  fc.assert(
    fc.property(replies({ wire: name, thoughts: true }), fc.nat(), steps, hostileJson, (reply, which, at, by) => {
      const writer = wire.streamWriter({ usage: true })
      const events = [...unfold(reply)].flatMap((change) => writer.write(change))
      const one = which % events.length
      const reader = wire.streamReader()
      const changes: Change[] = events.flatMap((event, index) => {
        if (index !== one || event.data === '[DONE]') return reader.read(event)
        return reader.read({ ...event, data: JSON.stringify(spoiled(JSON.parse(event.data), at, by)) ?? 'null' })
      })
      changes.push(...reader.finish())
      expect(changes.filter(({ type }) => type === 'end' || type === 'error')).toHaveLength(1)
      expect(changes.at(-1)!.type).toMatch(/^(end|error)$/)
      fold(changes)
      for (const other of names) {
        const again = wireOf(other).streamWriter({ usage: true })
        for (const change of changes) again.write(change)
      }
    }),
    { numRuns: 1000 },
  )
})

/** Arguments that are no object come as they are in a stream, where nobody can know it before their end. */
const calledWell = ({ choices }: Reply): boolean =>
  choices.every(({ parts }) => parts.every((part) => part.type !== 'tool_call' || part.arguments.startsWith('{')))

test.each(names)('%s: any answer of it reaches the clients of every wire, streamed as well as whole', (name) => {
  fc.assert(
    fc.property(replies({ wire: name, thoughts: true }).filter(calledWell), (reply) => {
      for (const other of names) {
        const wire = wireOf(other)
        const writer = wire.streamWriter({ usage: true })
        const reader = wire.streamReader()
        const changes = [...unfold(reply)]
          .flatMap((change) => writer.write(change))
          .flatMap((event) => reader.read(event))
        changes.push(...reader.finish())
        expect(changes.at(-1)).toEqual({ type: 'end' })
        const [streamed, whole] = [
          fold(changes),
          wire.readReply(JSON.parse(JSON.stringify(wire.writeReply(reply).body))),
        ]
        const { created: _, ...rest } = whole
        expect(streamed).toMatchObject({ usage: rest.usage, choices: rest.choices.map(({ stop }) => ({ stop })) })
        // the texts and the calls are the same, however they are cut into parts
        const calls = ({ choices }: Reply) =>
          choices.map(({ parts }) => parts.filter((part) => part.type === 'tool_call'))
        const text = ({ choices }: Reply) =>
          choices.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join(''))
        expect([calls(streamed), text(streamed)]).toEqual([calls(whole), text(whole)])
      }
    }),
    { numRuns: 60 },
  )
})

test('any event at all is read as nothing, as something or as an error', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), hostileJson), { maxLength: 5 }), (events) => {
      for (const name of names) {
        const reader = wireOf(name).streamReader()
        for (const [event, data] of events) reader.read({ event, data: JSON.stringify(data) ?? '' })
        reader.finish()
        wireOf(name).readError(500, events[0]?.[1])
      }
    }),
    { numRuns: 100 },
  )
})
