import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineDifferences } from './lines.ts'

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })

test('what is told of two texts leads from one to the other', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const told = lineDifferences(before.join('\n'), after.join('\n'))
      const result = (before.length === 0 ? [''] : before).map((text): string | null => text)
      const added: [number, string][] = []
      for (const { change, text, from, to } of told) {
        if (change !== 'added') expect((before.length === 0 ? [''] : before)[from! - 1]).toBe(text)
        if (change !== 'removed') expect((after.length === 0 ? [''] : after)[to! - 1]).toBe(text)
        if (change === 'removed') result[from! - 1] = null
        if (change === 'added') added.push([to! - 1, text])
      }
      const left = result.filter((text) => text !== null)
      for (const [at, text] of added) left.splice(at, 0, text)
      expect(left).toEqual(after.length === 0 ? [''] : after)
    }),
    { seed: 20_261_122, numRuns: 500 },
  )
})

test('of a long text only what differs is told, with three lines around it', () => {
  const before = Array.from({ length: 100 }, (_, n) => `line ${n + 1}`)
  const told = lineDifferences(before.join('\n'), before.with(49, 'other').toSpliced(80, 1).join('\n'))
  expect(told.map(({ change, from, to }) => [change, from, to])).toEqual([
    ['same', 47, 47],
    ['same', 48, 48],
    ['same', 49, 49],
    ['removed', 50, null],
    ['added', null, 50],
    ['same', 51, 51],
    ['same', 52, 52],
    ['same', 53, 53],
    ['same', 78, 78],
    ['same', 79, 79],
    ['same', 80, 80],
    ['removed', 81, null],
    ['same', 82, 81],
    ['same', 83, 82],
    ['same', 84, 83],
  ])
})

test('texts that have nothing in common are told in time', () => {
  const [a, b] = ['a', 'b'].map((word) => Array.from({ length: 20_000 }, (_, n) => `${word}${n}`).join('\n'))
  expect(lineDifferences(a!, b!)).toHaveLength(40_000)
})
