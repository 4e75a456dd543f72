import { expect, test } from 'vitest'
import { initials, personTone } from './people.ts'
import { firstInput, plainly } from './plainly.ts'

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', examples: ['Dana'] },
    cars: { type: 'array', items: { type: 'object', properties: { price: { type: 'number' } } } },
    more: { type: 'object' },
    tags: { type: 'array' },
    urgent: { type: 'boolean' },
  },
  required: ['cars', 'more'],
} as const

test('the form of an input takes values and no expressions; what has no fields is written as JSON', () => {
  const made = plainly(schema)
  expect(made.properties?.['cars']?.items?.properties?.['price']).toMatchObject({ 'x-plain': true })
  expect(made.properties?.['cars']?.['x-show']).toBeUndefined()
  expect([made.properties?.['more']?.['x-show'], made.properties?.['tags']?.['x-show']]).toEqual(['json', 'json'])
})

test('a first input has what is needed and what examples say', () => {
  expect(firstInput(schema)).toEqual({ name: 'Dana', cars: [], more: {}, urgent: false })
  expect(firstInput(undefined)).toEqual({})
})

test('a person has initials and one colour', () => {
  expect(['Dana Whitfield', 'Sam', 'Anna Maria de Vries'].map(initials)).toEqual(['DW', 'S', 'AV'])
  expect(personTone('usr_1')).toBe(personTone('usr_1'))
})
