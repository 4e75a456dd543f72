import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { wordsDiffer } from './words-differ.ts'

test('what both say stands once, what only one says is told as its own', () => {
  expect(wordsDiffer('The north lot has two.', 'The south lot has two cars.')).toEqual([
    { of: 'both', text: 'The ' },
    { of: 'before', text: 'north ' },
    { of: 'after', text: 'south ' },
    { of: 'both', text: 'lot has ' },
    { of: 'before', text: 'two.' },
    { of: 'after', text: 'two cars.' },
  ])
  expect(wordsDiffer('same', 'same')).toEqual([{ of: 'both', text: 'same' }])
  expect(wordsDiffer('', 'new')).toEqual([{ of: 'after', text: 'new' }])
  expect(wordsDiffer('', '')).toEqual([])
})

test('either text can be read out of the pieces, whatever they are', () => {
  const text = fc.array(fc.constantFrom('a ', 'b ', 'c\n', ' ', 'dd'), { maxLength: 30 }).map((words) => words.join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = wordsDiffer(before, after)
      const without = (whose: string) => pieces.flatMap(({ of, text: said }) => (of === whose ? [] : [said])).join('')
      expect([without('after'), without('before')]).toEqual([before, after])
    }),
    { seed: 4700 },
  )
})

test('very long texts without a word in common are told as two pieces', () => {
  const [before, after] = ['a '.repeat(3000), 'b '.repeat(3000)]
  expect(wordsDiffer(before, after).map(({ of }) => of)).toEqual(['before', 'after'])
})
