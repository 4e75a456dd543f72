import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ServerEvent } from './change.ts'
import { EventSplitter, joined } from './sse.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const cut = (bytes: Uint8Array, cuts: number[]): Uint8Array[] => {
  const at = [0, ...cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.slice(at[index], end))
}

const split = (pieces: Uint8Array[]) => {
  const splitter = new EventSplitter()
  const blocks = pieces.flatMap((piece) => splitter.push(piece))
  const events = blocks.map(({ event }) => event).filter((one) => one !== undefined)
  return { events, bytes: joined([...blocks.map(({ bytes }) => bytes), splitter.rest]), rest: splitter.rest }
}

const line = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll(/[\r\n\uFEFF]/g, ''))
const event = fc.record(
  { event: line.filter((one) => one !== ''), data: fc.array(line, { minLength: 1, maxLength: 3 }) },
  { requiredKeys: ['data'] },
)

test('events are the same wherever the bytes are cut, with any ends of lines, and no byte is lost', () => {
  const end = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(event, fc.boolean())),
      end,
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.boolean(),
      (all, end, cuts, mark) => {
        const wanted: ServerEvent[] = all.map(([{ event, data }]) => ({
          ...(event === undefined ? {} : { event }),
          data: data.join('\n'),
        }))
        const text = all.map(([{ event, data }, comment]) =>
          [
            ...(comment ? [': keep-alive', 'id: 7'] : []),
            ...(event === undefined ? [] : [`event: ${event}`]),
            ...data.map((one) => `data: ${one}`),
            '',
            ...(comment ? [':', ''] : []),
            '',
          ].join(end),
        )
        const bytes = bytesOf((mark ? '\uFEFF' : '') + text.join(''))
        const found = split(cut(bytes, cuts))
        expect(found.events).toEqual(wanted)
        expect(Buffer.compare(found.bytes, bytes)).toBe(0)
      },
    ),
    { numRuns: 200 },
  )
})

test('a character of several bytes is read whole when the bytes are cut within it', () => {
  const bytes = bytesOf('data: ä💥\n\n')
  expect(split([...bytes].map((byte) => Uint8Array.of(byte))).events).toEqual([{ data: 'ä💥' }])
})

test('a field without a colon or a blank is read as the standard says', () => {
  expect(split([bytesOf('data\ndata:x\ndata:  y\nevent:\n\nevent: z\n\n')]).events).toEqual([{ data: '\nx\n y' }])
})

test('what has no blank line after it is no event, and its bytes are told', () => {
  const { events, rest } = split([bytesOf('data: a\n\ndata: b\n')])
  expect([events, new TextDecoder().decode(rest)]).toEqual([[{ data: 'a' }], 'data: b\n'])
})

test('an event that never ends is refused before it fills the memory', () => {
  const splitter = new EventSplitter(1000)
  expect(() => {
    for (let n = 0; n < 20; n++) splitter.push(bytesOf('data: '.padEnd(99, 'x')))
  }).toThrow(/more than 1000 bytes/)
})
