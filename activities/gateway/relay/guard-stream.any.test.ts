import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { frame, type Change } from '#schemas/gateway/wires/change.ts'
import * as completions from '#schemas/gateway/wires/completions/index.ts'
import type { Part } from '#schemas/gateway/wires/dialogue.ts'
import { fold, unfold } from '#schemas/gateway/wires/fold.ts'
import { compileGuard } from '#schemas/gateway/guardrails/kinds.ts'
import { wires } from '#schemas/gateway/wires/index.ts'
import { EventSplitter } from '#schemas/gateway/wires/sse.ts'
import type { Guarding as Act } from '#schemas/steering/actions.ts'
import { readAsked, type Asked } from './asked.ts'
import { lookAtInput } from './guard-input.ts'
import { Seen } from './guard-seen.ts'
import { Guarding } from './guard-sink.ts'
import { Texts } from './guard-texts.ts'
import { Pseudonyms } from './pseudonyms.ts'
import { speeches } from './speech.ts'

const mail = 'bob.lee@example.com'
const pseudonyms = new Pseudonyms(Buffer.alloc(32, 7))
const name = pseudonyms.of('email', mail, () => false)

/** A request that held an address, and has passed guardrails that mask. */
const guardingOf = (operation: Asked['operation'], act: Act = 'mask') => {
  const question = act === 'mask' ? mail : 'Whom?'
  const body = {
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: question }],
    input: question,
    prompt: question,
  }
  const asked = readAsked(operation, Buffer.from(JSON.stringify(body)))
  if ('why' in asked) throw new Error(asked.why)
  const guard = {
    id: 'grd_1',
    name: 'pii',
    kind: 'pii',
    input: true,
    output: true,
    check: compileGuard('pii', {}),
  } as const
  const seen = [new Seen({ guard, act })]
  const texts = new Texts(seen, pseudonyms)
  lookAtInput(asked, seen, texts, null)
  const said: Buffer[] = []
  const sink = {
    begin: () => {},
    write: (bytes: Uint8Array | string) => said.push(Buffer.from(bytes as string)) > 0,
    end: (bytes?: Uint8Array | string) => void said.push(Buffer.from((bytes ?? '') as string)),
    cut: () => {},
    drained: (go: () => void) => go(),
  }
  const guarding = new Guarding(sink, asked, seen, texts, { leave: () => {}, again: () => false })
  return { guarding, seen, told: () => Buffer.concat(said).toString() }
}

type Wire = 'chat' | 'messages' | 'responses' | 'completions'
const operations: readonly Wire[] = ['chat', 'messages', 'responses', 'completions']

/** The bytes of a stream that says these parts, its texts growing in pieces of so many characters. */
const streamOf = (wire: Wire, parts: readonly Part[], length: number): string => {
  const writer =
    wire === 'completions' ? completions.streamWriter({ usage: true }) : wires[wire].streamWriter({ usage: true })
  const reply = {
    id: 'a1',
    model: 'm',
    created: 1,
    choices: [
      {
        parts: [...parts],
        stop: parts.some(({ type }) => type === 'tool_call') ? ('tool_calls' as const) : ('end' as const),
      },
    ],
    usage: { input: 3, output: 4 },
  }
  const grown = [...unfold(reply)].flatMap((change): Change[] =>
    change.type === 'grow'
      ? Array.from({ length: Math.ceil(change.text.length / length) }, (_, n) => ({
          ...change,
          text: change.text.slice(n * length, (n + 1) * length),
        }))
      : [change],
  )
  return grown
    .flatMap((change) => writer.write(change))
    .map(frame)
    .join('')
}

/** What a client of the wire makes of it. */
const readOf = (wire: Wire, bytes: string): { parts: unknown[]; usage: unknown; stop: unknown } => {
  const events = new EventSplitter().push(Buffer.from(bytes)).flatMap(({ event }) => event ?? [])
  if (wire === 'completions') {
    const chunks = events
      .filter(({ data }) => data !== '[DONE]')
      .map(
        ({ data }) => JSON.parse(data) as { choices: { text: string; finish_reason: string | null }[]; usage?: object },
      )
    return {
      parts: [chunks.map(({ choices }) => choices.map(({ text }) => text).join('')).join('')],
      usage: chunks.at(-1)?.usage,
      stop: chunks.flatMap(({ choices }) => choices.flatMap((choice) => choice.finish_reason ?? [])),
    }
  }
  const reader = wires[wire].streamReader()
  const { choices, usage } = fold([...events.flatMap((event) => reader.read(event)), ...reader.finish()])
  return { parts: choices.flatMap(({ parts }) => parts), usage, stop: choices.map(({ stop }) => stop) }
}

const bits = fc.constantFrom(
  `, ${name}, `,
  name.slice(0, 8),
  name.slice(0, -1),
  ', eve@example.com, ',
  ', 4111 1111 1111 1111, ',
  'Call ',
  ' ',
  '"',
  '\n',
  '\\',
  'é',
  '😀',
  'EMAIL-',
  'at 503-555-2142',
  '.',
)
const text = fc.array(bits, { minLength: 1, maxLength: 8 }).map((all) => all.join(''))
const partsOf = (wire: Wire): fc.Arbitrary<Part[]> => {
  const said = text.map((one): Part => ({ type: 'text', text: one }))
  if (wire === 'completions') return said.map((one) => [one])
  const call = text.map((to): Part => ({
    type: 'tool_call',
    id: 'call_1',
    name: 'write',
    arguments: JSON.stringify({ to, n: 1 }),
  }))
  return fc.oneof(
    said.map((one) => [one]),
    fc.tuple(said, call),
    call.map((one) => [one]),
  )
}

const passed = (wire: Wire, bytes: Buffer, cuts: readonly number[]): string => {
  const { guarding, told } = guardingOf(wire)
  guarding.begin(200, { 'content-type': 'text/event-stream' })
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
  for (const [n, from] of [0, ...at].entries()) guarding.write(bytes.subarray(from, at[n] ?? bytes.length))
  guarding.end()
  return told()
}

test.each(operations)('on %s a stream says the same however its texts and its bytes are cut', (wire) => {
  fc.assert(
    fc.property(
      partsOf(wire),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(5000), { maxLength: 6 }),
      (parts, length, cuts) => {
        const whole = readOf(wire, passed(wire, Buffer.from(streamOf(wire, parts, 10_000)), []))
        const bytes = Buffer.from(streamOf(wire, parts, length))
        expect(readOf(wire, passed(wire, bytes, cuts))).toEqual(whole)
        const plain = readOf(wire, streamOf(wire, parts, length))
        expect(whole.stop).toEqual(plain.stop)
        expect(whole.usage).toEqual(plain.usage)
        const said = JSON.stringify(whole.parts)
        expect(said).not.toContain('eve@')
        expect(said).not.toContain('4111')
        expect(said.includes(name)).toBe(false)
        expect(said.includes(mail)).toBe(JSON.stringify(plain.parts).includes(name))
      },
    ),
    { numRuns: 300, seed: 11 },
  )
})

test('on responses the events stay numbered in order, and tell the same text in all their ways', () => {
  const bytes = Buffer.from(streamOf('responses', [{ type: 'text', text: `To ${name}` }], 4))
  const events = new EventSplitter()
    .push(Buffer.from(passed('responses', bytes, [])))
    .flatMap(({ event }) =>
      event === undefined ? [] : [JSON.parse(event.data) as { type: string; sequence_number: number; text?: string }],
    )
  const numbers = events.map((event) => event.sequence_number)
  expect(numbers).toEqual([...numbers].toSorted((a, b) => a - b))
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(events.find(({ type }) => type === 'response.output_text.done')?.text).toBe(`To ${mail}`)
  expect(JSON.stringify(events.at(-1))).toContain(`To ${mail}`)
  expect(JSON.stringify(events)).not.toContain(name)
})

test.each(operations)('on %s what breaks off says what was held back, and then that it broke', (wire) => {
  const bytes = Buffer.from(streamOf(wire, [{ type: 'text', text: `To ${name.slice(0, 9)}` }], 4))
  const cut = bytes.subarray(0, bytes.indexOf(name.slice(7, 9)) + 60)
  const { guarding, told } = guardingOf(wire)
  guarding.begin(200, { 'content-type': 'text/event-stream' })
  guarding.write(bytes.subarray(0, bytes.lastIndexOf('\n\n', cut.length) + 2))
  guarding.end(speeches[wire].stream(true).broken({ class: 'broken', status: 502, message: 'It broke.' }) ?? '')
  expect(told()).toMatch(/EMA(?:[^]*)It broke\.[^]*$/)
})

test.each(operations)('on %s a block ends the stream with an error of the wire, and nothing after it', (wire) => {
  const bytes = Buffer.from(streamOf(wire, [{ type: 'text', text: 'The address is eve@example.com, I think.' }], 5))
  const { guarding, told, seen } = guardingOf(wire, 'block')
  guarding.begin(200, { 'content-type': 'text/event-stream' })
  // what comes in one piece with what is refused is not said either
  const from = bytes.indexOf('\n\n', bytes.indexOf('The')) + 2
  guarding.write(bytes.subarray(0, from))
  guarding.write(bytes.subarray(from))
  guarding.end()
  expect(told()).not.toContain('eve@')
  expect(told()).toMatch(/The guardrail “pii” refuses this[^]*\n\n$/)
  expect(told().split('refuses this')).toHaveLength(2)
  expect(seen[0]?.told).toMatchObject({ did: 'blocked', output: { email: 1 } })
})

test('on messages what was held back of a block is said before the block is over', () => {
  const bytes = Buffer.from(streamOf('messages', [{ type: 'text', text: 'It is EMAIL-' }], 4))
  const types = new EventSplitter()
    .push(Buffer.from(passed('messages', bytes, [])))
    .flatMap(({ event }) => (event === undefined ? [] : [(JSON.parse(event.data) as { type: string }).type]))
  expect(types.lastIndexOf('content_block_delta')).toBeLessThan(types.indexOf('content_block_stop'))
  expect(types.at(-1)).toBe('message_stop')
})
