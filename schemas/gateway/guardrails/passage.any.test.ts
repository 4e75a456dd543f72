import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyOf } from './any-of.ts'
import type { Finder } from './finder.ts'
import { readEscapes } from './json-text.ts'
import { compileGuard } from './kinds.ts'
import { lengthOf } from './own.ts'
import { Passage } from './passage.ts'

const finderOf = (kind: 'pii' | 'words', options: object): Finder => {
  const check = compileGuard(kind, options)
  if (check.does !== 'finds') throw new Error('it finds nothing')
  return check.finder
}
const patterns = [
  { name: 'customer', pattern: String.raw`\bCUST-[0-9]{2,6}\b` },
  { name: 'pair', pattern: 'ab{1,3}|b{1,2}a' },
]
const finders: readonly [string, Finder][] = [
  ['personal data', finderOf('pii', { names: ['Ann Lee', 'Ann', 'Émile'], patterns })],
  ['words', finderOf('words', { words: ['falcon', 'Project Falcon', 'no go'] })],
  ['placeholders', anyOf(['EMAIL-7K2M9Q4T', 'EMAIL-7K2M9Q4X', 'NAME-00000000'])],
]

/** What a text may be made of: things that are found, their beginnings, and what makes them others. */
const things = [
  'bob.lee@mail.example.com',
  'jörg@müller.de',
  '(503) 555-2142',
  '+49 30 1234567',
  '4111 1111 1111 1111',
  '5555555555554444',
  'DE89 3704 0044 0532 0130 00',
  '123-45-6789',
  '1HGCM82633A004352',
  '10.0.0.1',
  '2001:db8::ff00:42:8329',
  'Driver’s license no. D123-4567',
  'license plate: 7ABC123',
  'ann  lee',
  'Ann Lee',
  'Émile',
  'CUST-123456',
  'CUST-123',
  'abbb',
  'bba',
  'project falcon',
  'no go',
  'EMAIL-7K2M9Q4T',
  'NAME-00000000',
  ' ',
  ' ',
  '\n',
  '.',
  ',',
  '-',
  '"',
  '\\',
  '@',
  ':',
  '1',
  'a',
  'b',
  '𝒜',
  '😀',
  'the',
  '(',
  '+',
]
const piece = fc
  .constantFrom(...things)
  .chain((thing) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(thing) },
      { weight: 1, arbitrary: fc.nat(thing.length).map((end) => thing.slice(0, end)) },
    ),
  )
const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))

const cut = (whole: string, places: readonly number[]): string[] => {
  const at = [...new Set(places.map((place) => place % (whole.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...at].map((from, n) => whole.slice(from, at[n] ?? whole.length))
}
const passed = (finder: Finder, pieces: readonly string[], isJson: boolean): string => {
  const passage = new Passage(finder, (found, what) => `<${what}:${found.length}>`, isJson)
  return pieces.map((one) => passage.push(one)).join('') + passage.end()
}

test.each(finders)('however a text is cut, %s are found the same', (_, finder) => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(1000), { maxLength: 12 }), (whole, places) => {
      expect(passed(finder, cut(whole, places), false)).toBe(passed(finder, [whole], false))
      expect(passed(finder, whole.split(''), false)).toBe(passed(finder, [whole], false))
    }),
    { numRuns: 3000, seed: 7 },
  )
})

test.each(finders)('the same within JSON, which stays what it was: %s', (_, finder) => {
  const json = text.chain((value) =>
    fc
      .constantFrom(
        JSON.stringify({ value }),
        JSON.stringify({ value }).replaceAll(
          /[^ -~]/g,
          (sign) => String.raw`\u` + sign.charCodeAt(0).toString(16).padStart(4, '0'),
        ),
      )
      .map((written) => ({ written, value })),
  )
  fc.assert(
    fc.property(json, fc.array(fc.nat(1000), { maxLength: 12 }), ({ written, value }, places) => {
      const whole = passed(finder, [written], true)
      expect(passed(finder, cut(written, places), true)).toBe(whole)
      // a quote ends a thing, and so does the end of a text
      if (!/["\\]/.test(value))
        expect((JSON.parse(whole) as { value: string }).value).toBe(passed(finder, [`"${value}"`], false).slice(1, -1))
      else JSON.parse(whole)
    }),
    { numRuns: 2000, seed: 8 },
  )
})

test('no more is held back than may be a beginning', () => {
  const [, , [, placeholders]] = finders as [unknown, unknown, [string, Finder]]
  const passage = new Passage(finderOf('pii', {}), () => 'X')
  expect(passage.push('The car is at the north lot, and the price')).toBe('The car is at the north lot, and the ')
  expect(passage.push(' is 4111')).toBe('price is ')
  expect(passage.push(' dollars.')).toBe('4111 dollars.'.slice(0, -'dollars.'.length))
  const back = new Passage(placeholders, () => 'bob@x.com')
  expect(back.push('Ask EMA')).toBe('Ask ')
  expect(back.push('IL-7K2M9')).toBe('')
  expect(back.push('Q4T now')).toBe('bob@x.com now')
  expect(back.push('EMAIL-7K2M9Q4Y')).toBe('EMAIL-7K2M9Q4Y')
})

test('the longest match of a pattern is never less than what it meets', () => {
  const patterns = [
    String.raw`\bCUST-\d{2,6}\b`,
    'ab{1,3}|b{1,2}a',
    '[[:alpha:]]{3}',
    '[]a]{2}x',
    String.raw`\Qa+b\E{2}`,
    String.raw`(?i:ab)(c|de){1,3}`,
    String.raw`\x{1F600}{2}`,
    String.raw`\p{Greek}{3}`,
    '(?P<n>a)?',
    '.{5}',
  ]
  expect(patterns.map(lengthOf)).toEqual([11, 4, 6, 5, 6, 8, 4, 6, 1, 10])
  expect(lengthOf(String.raw`(a|b*)`)).toBe(Infinity)
})

test('escapes of JSON are read where they are whole', () => {
  expect(readEscapes(String.raw`a\nb\u00e9\"`)).toEqual({ said: 'a\nbé"', at: [0, 1, 3, 4, 10, 12], length: 12 })
  expect(readEscapes('a\\u00e')).toMatchObject({ said: 'a', length: 1 })
})
