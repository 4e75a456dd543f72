import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLines, unfolded, type JsonLine } from './json-lines.ts'

const textOf = (lines: readonly JsonLine[]): string => lines.flatMap((line) => line.tokens.map((t) => t.text)).join('')

test('what is shown is the value: it parses back to the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(JSON.parse(textOf(jsonLines(value)))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
    { seed: 5, numRuns: 300 },
  )
})

test('folding hides what is inside and the closing line', () => {
  const lines = jsonLines({ lead: { name: 'Dana', cars: [1, 2] }, ok: true })
  expect(lines.map((line) => line.tokens.map((t) => t.text).join(''))).toEqual([
    '{',
    '"lead": {',
    '"name": "Dana",',
    '"cars": [',
    '1,',
    '2',
    ']',
    '},',
    '"ok": true',
    '}',
  ])
  expect(unfolded(lines, new Set([1]))).toEqual([0, 1, 8, 9])
  expect(unfolded(lines, new Set([3]))).toEqual([0, 1, 2, 3, 7, 8, 9])
  expect(unfolded(lines, new Set([0, 3]))).toEqual([0])
})

test('a very long string is cut and says by how much', () => {
  expect(textOf(jsonLines('x'.repeat(20), 8))).toBe('"xxxxxxxx… (12 more)"')
})
