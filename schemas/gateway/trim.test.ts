import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { trimmed } from './trim.ts'

const passage = 'The warranty covers the engine and the gearbox for three years. '.repeat(5).trim()

test('a long passage that stands in an earlier message is named, not said again', () => {
  expect(trimmed([`${passage}\n\nWhat is covered?`, 'Both.', `${passage}\n\nFor how long?`])).toEqual([
    `${passage}\n\nWhat is covered?`,
    'Both.',
    '[The same passage as above.]\n\nFor how long?',
  ])
})

test('what is short, differs in a letter or stands twice in one message is said', () => {
  const other = passage.replace('three', 'five')
  const texts = ['Thanks.', `${passage}\n\n${passage}`, 'Thanks.', other]
  expect(trimmed(texts)).toEqual(texts)
})

test('empty lines and spaces at the ends of lines go; within a line they stay', () => {
  expect(trimmed(['one  two \t\n\n\n\nthree  \n  four'])).toEqual(['one  two\n\nthree\n  four'])
})

test('code stays as it is', () => {
  const code = `\`\`\`\na  \n\n\n\n${passage}\n\`\`\``
  expect(trimmed([passage, code])).toEqual([passage, code])
})

test('what was sent before is sent again the same, however the conversation goes on, and never longer', () => {
  const text = fc
    .array(fc.constantFrom(passage, 'Yes.', ' \n\n\n', 'a b  \n', '```'), { maxLength: 6 })
    .map((some) => some.join('\n\n'))
  fc.assert(
    fc.property(fc.array(text), text, (texts, next) => {
      const before = trimmed(texts)
      expect(trimmed([...texts, next]).slice(0, texts.length)).toEqual(before)
      before.forEach((one, at) => expect(one.length).toBeLessThanOrEqual(texts[at]?.length ?? 0))
      expect(trimmed(before)).toEqual(before)
    }),
    { seed: 1 },
  )
})
