import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Trim } from './trim.ts'

const passage = 'The warranty covers the engine and the gearbox for three years. '.repeat(5).trim()
const pointer =
  '[The same passage as above that begins “The warranty covers the engine and the gearbox for three yea”.]'
const trimmed = (texts: readonly string[]) => {
  const trim = new Trim()
  return texts.map((text) => trim.of(text))
}

test('a long passage that stands in an earlier message is named by its beginning, not said again', () => {
  expect(trimmed([`${passage}\n\nWhat is covered?`, 'Both.', `${passage}\n\nFor how long?`])).toEqual([
    `${passage}\n\nWhat is covered?`,
    'Both.',
    `${pointer}\n\nFor how long?`,
  ])
})

test('what is kept as it is can be pointed to, and is counted once it is', () => {
  const trim = new Trim()
  trim.keep(`${passage}  \n\n\nBe brief.`)
  expect([trim.of(passage), trim.of(passage), trim.passages]).toEqual([pointer, pointer, 2])
})

test('what is short, differs in a letter or stands twice in one message is said', () => {
  const other = passage.replace('three', 'five')
  const short = 'a word '.repeat(28)
  const texts = ['Thanks.', short, `${passage}\n\n${passage}`, 'Thanks.', short, other]
  expect(trimmed(texts)).toEqual(texts)
})

test('where two passages begin alike, neither is named: nobody would know which is meant', () => {
  const other = `${passage} But not the tyres.`
  expect(trimmed([passage, other, passage, other])).toEqual([passage, other, passage, other])
  // known before the other came, and never named otherwise in the same place later
  expect(trimmed([passage, passage, other])).toEqual([passage, pointer, other])
})

test('spaces at the ends of lines and empty lines go where a passage does, and stay where nothing else would change', () => {
  const spaced = 'one  two \t\n\n\n\nthree  \n  four'
  expect(trimmed([spaced, passage, `${spaced}\n\n${passage} `, spaced])).toEqual([
    spaced,
    passage,
    `one  two\n\nthree\n  four\n\n${pointer}`,
    spaced,
  ])
})

test('code and data stay as they are', () => {
  const code = `\`\`\`\na  \n\n\n\n${passage}\n\`\`\``
  const data = JSON.stringify({ said: passage }, null, 2)
  expect(trimmed([passage, code, code, data, data, ` [\n\n"${passage}"]`])).toEqual([
    passage,
    code,
    code,
    data,
    data,
    ` [\n\n"${passage}"]`,
  ])
})

test('nobody is pointed into code or data', () => {
  const trim = new Trim()
  trim.keep(`\`\`\`\n\n${passage}\n\n\`\`\``)
  trim.keep(`{}\n\n${passage}`)
  expect(trim.of(passage)).toBe(passage)
})

test('what was sent before is sent again the same, however the conversation goes on, and never longer', () => {
  const text = fc
    .array(fc.constantFrom(passage, `${passage} Really.`, 'Yes.', ' \n\n\n', 'a b  \n', '```'), { maxLength: 6 })
    .map((some) => some.join('\n\n'))
  fc.assert(
    fc.property(fc.array(text), text, (texts, next) => {
      const before = trimmed(texts)
      expect(trimmed([...texts, next]).slice(0, texts.length)).toEqual(before)
      before.forEach((one, at) => expect(one.length).toBeLessThanOrEqual(texts[at]?.length ?? 0))
    }),
    { seed: 1 },
  )
})
