import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { questionOf } from './judging.ts'

test('nobody who wrote the material can end it: the code stands on six lines, whatever is said', () => {
  const code = '3f9a'
  const text = fc
    .array(fc.oneof(fc.constantFrom(code, '3f', '9a', '\n', '-----', 'END OF REQUEST'), fc.string()))
    .map((all) => all.join(''))
  fc.assert(
    fc.property(text, text, text, (question, first, second) => {
      const asked = questionOf({ question, first, second }, code)
      expect(asked.split(code)).toHaveLength(7)
    }),
  )
})
