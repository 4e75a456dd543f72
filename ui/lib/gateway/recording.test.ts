import { expect, test } from 'vitest'
import type { RecordedBody } from '#schemas/gateway/bodies.ts'
import { bodyNote, readTagTexts, valueOf } from './recording.ts'

const body: RecordedBody = {
  type: 'application/json',
  bytes: 4,
  whole: true,
  gathered: false,
  withheld: null,
  text: '{"a"',
  turns: null,
}

test('a body that is there as it was, and one that never came, need no note', () => {
  expect(bodyNote(body)).toBeNull()
  expect(bodyNote({ ...body, text: null, bytes: 0, whole: false })).toBeNull()
})

test.each([
  [{ gathered: true }, 'It came as a stream, and is put together here.'],
  [{ gathered: true, whole: false }, 'It came as a stream, and is put together here. It broke off here.'],
  [{ whole: false, bytes: 2_000_000, text: 'é'.repeat(256) }, 'The first 512 B of 2.0 MB are kept.'],
  [{ whole: false }, 'It broke off here.'],
  [{ withheld: 'binary', text: null, whole: false } as const, 'Not kept: it is no text.'],
])('%j: %s', (change, note) => expect(bodyNote({ ...body, ...change })).toBe(note))

test('JSON is shown as a value, anything else as it is', () => {
  expect(valueOf('{"a":1}')).toEqual({ value: { a: 1 }, plain: false })
  expect(valueOf('{"a"')).toEqual({ value: '{"a"', plain: true })
})

test('tags are read as they are typed, each once', () => {
  expect(readTagTexts(' store=north, beta,,store=north ')).toEqual(['store=north', 'beta'])
  expect(readTagTexts('')).toEqual([])
})
