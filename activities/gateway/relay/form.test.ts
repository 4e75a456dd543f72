import { expect, test } from 'vitest'
import { boundaryOf, FormReader, spliceForm, Unreadable, type Form } from './form.ts'

const bytes = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 11) % 256))
// what nearly is a boundary, within a file
const tricky = Buffer.concat([bytes, Buffer.from('\r\n--bound\r\n--boundar\r\n--boundary7\r\n-'), bytes])

const made = (): Buffer =>
  Buffer.concat([
    Buffer.from('--boundary\r\nContent-Disposition: form-data; name="model"\r\n\r\nfast\r\n'),
    Buffer.from(
      '--boundary\r\nContent-Disposition: form-data; name="file"; filename="a \\"b\\".mp3"\r\nContent-Type: audio/mpeg\r\n\r\n',
    ),
    tricky,
    Buffer.from('\r\n--boundary\r\ncontent-disposition: form-data; name=prompt\r\n\r\n\r\n--boundary--\r\n'),
  ])

/** What a form says that comes cut at these places. */
const readIn = (pieces: readonly Buffer[]) => {
  const file: Buffer[] = []
  const reader = new FormReader('boundary', { begins() {}, data: (one) => void file.push(Buffer.from(one)), ends() {} })
  for (const piece of pieces) reader.push(piece)
  reader.close()
  const { fields, spans, files, begin, end } = reader
  const form: Form = { contentType: '', pieces, fields, spans, files, begin, end }
  return { form, file: Buffer.concat(file) }
}

const cut = (whole: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(whole.length / size) }, (_, n) => whole.subarray(n * size, (n + 1) * size))

test('a form says the same wherever it is cut, and is passed on with another model', () => {
  const whole = made()
  const other = Buffer.from(whole.toString('latin1').replace('fast', 'whisper-1'), 'latin1').subarray(0, -2)
  for (const size of [1, 2, 3, 7, 11, 64, 1000, whole.length]) {
    const { form, file } = readIn(cut(whole, size))
    expect([...form.fields]).toEqual([
      ['model', ['fast']],
      ['prompt', ['']],
    ])
    expect(form.files).toEqual([{ field: 'file', name: 'a "b".mp3', type: 'audio/mpeg', size: tricky.length }])
    expect(file.equals(tricky)).toBe(true)
    expect(Buffer.concat(spliceForm(form, { model: 'whisper-1' })).equals(other)).toBe(true)
  }
})

test('what is passed on of a file are its own bytes, not a copy', () => {
  const pieces = cut(made(), 1000)
  const { form } = readIn(pieces)
  const isOwn = ({ buffer, byteOffset: at, length }: Buffer) =>
    pieces.some((one) => one.buffer === buffer && at >= one.byteOffset && at + length <= one.byteOffset + one.length)
  const copied = spliceForm(form, { model: 'whisper-1' }).filter((one) => !isOwn(one))
  expect(copied.map(String)).toEqual(['whisper-1'])
})

test.each([
  ['too long', 'x'.repeat(2 * 1024 * 1024), 'The field “model” has more than 1048576 bytes.'],
  ['no text', '\xff', 'The field “model” is no text in UTF-8.'],
])('a field that is %s is refused', (_, value, message) => {
  const body = `--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n${value}\r\n--b--`
  const reader = new FormReader('b')
  expect(() => reader.push(Buffer.from(body, 'latin1'))).toThrow(new Unreadable(message))
})

test('a head without an end, too many parts, and a boundary with spaces behind it are refused', () => {
  const push = (text: string) => () => new FormReader('b').push(Buffer.from(text))
  expect(push(`--b\r\nX: ${'y'.repeat(20_000)}`)).toThrow('a head without an end')
  expect(push('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(300))).toThrow(
    'more than 256 parts',
  )
  expect(push('--b \r\n')).toThrow('spaces behind a boundary')
})

test.each([
  ['multipart/form-data; boundary=b', 'b'],
  ['Multipart/Form-Data; charset=utf-8; boundary="a b"', 'a b'],
  ['multipart/form-data', undefined],
  ['multipart/mixed; boundary=b', undefined],
  ['application/json', undefined],
])('the boundary of %s is %s', (type, boundary) => expect(boundaryOf(type)).toBe(boundary))
