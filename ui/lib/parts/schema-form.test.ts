import { expect, test } from 'vitest'
import type { JsonSchema } from '#schemas/automation/json.ts'
import { begin, fieldsOf, valuesOf, valueWords } from './schema-form.ts'

const schema: JsonSchema = {
  type: 'object',
  properties: {
    off: { type: 'number', title: 'Percent off', default: 5 },
    reason: { type: 'string', maxLength: 2000 },
    by_when: { type: 'string', format: 'date' },
    paid: { type: 'boolean' },
    grade: { type: 'integer', enum: [1, 2] },
    extras: { type: 'array', items: { type: 'string', enum: ['mats', 'tank'] } },
    more: { type: 'object' },
  },
  required: ['off', 'extras'],
}
const fields = fieldsOf(schema)

test('each field gets the control of its type, with a title where it has none', () => {
  expect(fields.map(({ title, kind }) => `${title}: ${kind}`)).toEqual([
    'Percent off: number',
    'Reason: long',
    'By when: date',
    'Paid: switch',
    'Grade: choice',
    'Extras: choices',
    'More: json',
  ])
})

test('what was typed becomes values of the right type, what was left empty is left out', () => {
  expect(valuesOf(fields, begin(fields))).toEqual({ off: 5, paid: false, extras: [] })
  const typed = {
    off: '7.5',
    reason: ' ',
    by_when: '2026-12-01',
    paid: true,
    grade: '2',
    extras: ['"tank"'],
    more: '{"a":1}',
  }
  expect(valuesOf(fields, typed)).toEqual({
    off: 7.5,
    by_when: '2026-12-01',
    paid: true,
    grade: 2,
    extras: ['tank'],
    more: { a: 1 },
  })
})

test('what cannot be read goes as it is, so that the refusal can say what is wrong with it', () => {
  expect(valuesOf(fields, { off: 'seven', more: '{a' })).toEqual({ off: 'seven', more: '{a' })
})

test('values read as people say them', () => {
  expect([true, ['a', 2], null, { a: 1 }].map(valueWords)).toEqual(['Yes', 'a, 2', '—', '{"a":1}'])
})
