import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { scan, spanOf, splice, usageAsked, valueAt } from './splice.ts'
import { joined } from './sse.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (pieces: Uint8Array[]): string => new TextDecoder().decode(joined(pieces))

const key = fc.oneof(
  fc.constantFrom(
    'model',
    'stream',
    'stream_options',
    'messages',
    '__proto__',
    '',
    'a"b',
    'a\\',
    '\\"',
    'ä💥',
    '\u0000',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
/** Long enough that the ends of texts are searched for, with what may be taken for an end. */
const long = fc
  .array(fc.constantFrom('x'.repeat(100), '\\', '\\\\', '"', '}', ','), { maxLength: 9 })
  .map((pieces) => pieces.join(''))
const body = fc.dictionary(key, fc.oneof(fc.jsonValue({ maxDepth: 4 }), long), { maxKeys: 12, noNullPrototype: true })
const space = fc.constantFrom('', ' ', '\n  ', '\t\r\n')

/** The same value as JSON text with white space and escapes that nobody would write. */
const spelled = (value: unknown, gap: string): string => {
  const text = (one: string) => (gap === '' ? JSON.stringify(one) : JSON.stringify(one).replaceAll('/', '\\/'))
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return `[${gap}${value.map((one) => spelled(one, gap)).join(`${gap},${gap}`)}${gap}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, one]) => `${text(name)}${gap}:${gap}${spelled(one, gap)}`)
  return `{${gap}${members.join(`${gap},${gap}`)}${gap}}`
}

test('the members of any body are found where they stand', () => {
  fc.assert(
    fc.property(body, space, (value, gap) => {
      const bytes = bytesOf(gap + spelled(value, gap) + gap)
      const found = scan(bytes)!
      // JSON.parse puts keys that are numbers first, the bytes do not
      const parsed = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
      expect(new Set(found.members.map((one) => one.key))).toEqual(new Set(Object.keys(parsed)))
      for (const name of Object.keys(parsed)) expect(valueAt(bytes, found, name)).toEqual(parsed[name])
    }),
    { numRuns: 200 },
  )
})

test('a member is set and all others stay byte for byte', () => {
  fc.assert(
    fc.property(body, space, key, fc.jsonValue(), (value, gap, name, fresh) => {
      const before = spelled(value, gap)
      const bytes = bytesOf(before)
      const after = textOf(splice(bytes, scan(bytes)!, { [name]: JSON.stringify(fresh) }))
      const parsed = JSON.parse(before) as object
      const wanted = Object.entries(parsed).filter(([one]) => one !== name)
      const got = JSON.parse(after) as object
      expect(Object.entries(got).filter(([one]) => one !== name)).toEqual(wanted)
      expect(Object.getOwnPropertyDescriptor(got, name)?.value).toEqual(JSON.parse(JSON.stringify(fresh)))
      // taking it out of both leaves the same bytes
      const span = spanOf(scan(bytes)!, name)
      if (span === undefined) expect(after.endsWith(before.slice(1))).toBe(true)
      else expect(after.startsWith(new TextDecoder().decode(bytes.subarray(0, span.start)))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('of a key that comes twice the last one counts, and both are set', () => {
  const bytes = bytesOf('{"model":"cheap", "a":[{"model":"}"}], "mod\\u0065l" : "dear"}')
  const found = scan(bytes)!
  expect(valueAt(bytes, found, 'model')).toBe('dear')
  expect(textOf(splice(bytes, found, { model: '"mine"' }))).toBe(
    '{"model":"mine", "a":[{"model":"}"}], "mod\\u0065l" : "mine"}',
  )
})

test.each([
  '',
  'null',
  '[]',
  '"a"',
  '{',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{"a":1}x',
  '{"a":"',
  '{"a":[1}',
  '{a:1}',
  '{"\\x":1}',
  '{"a":1 "b":2}',
])('a body that is no object, or malformed at its top, has no members: %s', (text) => {
  const found = scan(bytesOf(text))
  // `[1}` closes with the wrong bracket: nested values are for the provider to refuse
  if (text === '{"a":[1}') expect(found).toBeUndefined()
  else expect(found).toBeUndefined()
})

test('a stream is made to end with its usage, and one knows whether the client had asked for it', () => {
  const told = (text: string) => {
    const bytes = bytesOf(text)
    const { asked, set } = usageAsked(bytes, scan(bytes)!)
    return [asked, textOf(splice(bytes, scan(bytes)!, set))]
  }
  expect(told('{ "model":"m", "stream": true }')).toEqual([
    false,
    '{"stream_options":{"include_usage":true}, "model":"m", "stream": true }',
  ])
  expect(told('{"stream_options":null}')).toEqual([false, '{"stream_options":{"include_usage":true}}'])
  expect(told('{"stream_options":{"include_obfuscation":false}}')).toEqual([
    false,
    '{"stream_options":{"include_obfuscation":false,"include_usage":true}}',
  ])
  expect(told('{"stream_options": {"include_usage" : true}}')).toEqual([
    true,
    '{"stream_options": {"include_usage" : true}}',
  ])
  expect(told('{}')).toEqual([false, '{"stream_options":{"include_usage":true}}'])
})
