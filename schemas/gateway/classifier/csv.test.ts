import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Malformed, readOutcomes } from './csv.ts'

const head = 'domain,prompt,strong_ok,weak_ok'
const refusal = (text: string): string => {
  try {
    readOutcomes(text)
  } catch (error) {
    if (error instanceof Malformed) return error.message
    throw error
  }
  return 'nothing is wrong'
}

test('rows are read whatever is in a prompt, in whatever order the columns stand', () => {
  const text = `\ufeff"weak_ok",note,prompt,strong_ok,domain\r\n0,x,"Say ""hi"", then\nwait",1,talk\r\n\r\n0.5,,,1,\r\n`
  expect(readOutcomes(text)).toEqual([
    { task: 'talk', prompt: 'Say "hi", then\nwait', strong: 1, weak: 0 },
    { task: '', prompt: '', strong: 1, weak: 0.5 },
  ])
})

test('what is written as CSV is read as it was', () => {
  const mark = fc.constantFrom(0, 1, 0.25)
  const row = fc.record({ task: fc.string(), prompt: fc.string({ unit: 'binary' }), strong: mark, weak: mark })
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  fc.assert(
    fc.property(fc.array(row), fc.constantFrom('\n', '\r\n'), fc.boolean(), (rows, end, closed) => {
      const lines = rows.map((one) => [quoted(one.task), quoted(one.prompt), one.strong, one.weak].join(','))
      const read = readOutcomes([head, ...lines].join(end) + (closed ? end : ''))
      expect(read).toEqual(rows.map((one) => ({ ...one, task: one.task.trim() })))
    }),
    { seed: 1 },
  )
})

test.each([
  ['', 'The table is empty. It begins with a line of the names of its columns.'],
  ['\n\n', 'The table is empty. It begins with a line of the names of its columns.'],
  ['prompt,domain\n', 'Line 1: There is no column strong_ok, weak_ok.'],
  [`${head}\na,b,1\n`, 'Line 2: It has 3 fields, and there are 4 columns.'],
  [`${head}\na,b,1,0,\n`, 'Line 2: It has 5 fields, and there are 4 columns.'],
  [`${head}\na,"b\nc",1,0\na,b,yes,0\n`, 'Line 4: strong_ok is “yes”, and has to be a number from 0 to 1.'],
  [`${head}\na,b,1,\n`, 'Line 2: weak_ok is “”, and has to be a number from 0 to 1.'],
  [`${head}\na,b,1,2\n`, 'Line 2: weak_ok is “2”, and has to be a number from 0 to 1.'],
  [`${head}\na,b,-0.1,1\n`, 'Line 2: strong_ok is “-0.1”, and has to be a number from 0 to 1.'],
  [`${head}\n\n\na,"b,1,0\n`, 'Line 4: A text in quotation marks does not end.'],
  [`${head}\na,"b"c,1,0\n`, 'Line 2: Something stands behind the closing quotation mark of a field.'],
  [`${head}\na,b"c,1,0\n`, 'Line 2: A quotation mark stands within a field that does not begin with one.'],
])('a table that is wrong is refused with the line: %j', (text, sentence) => {
  expect(refusal(text)).toBe(sentence)
})

test('nothing that is no table breaks the reader', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', '1') }), (text) => {
      refusal(`${head}\n${text}`)
    }),
    { seed: 1 },
  )
})
