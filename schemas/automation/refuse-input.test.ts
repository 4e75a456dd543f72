import { expect, test } from 'vitest'
import { drawing } from '#test/harness/drawn.ts'
import type { JsonObject, JsonSchema } from './json.ts'
import { refuseInput } from './refuse-input.ts'

const given = (schema: JsonSchema, input: JsonObject): string | undefined => {
  try {
    refuseInput({ ...drawing([], []), name: 'Typed', input: schema }, input)
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return undefined
}

test('each thing that does not fit is said once, in a sentence; where it lies deeper, with its place', () => {
  const car: JsonSchema = { type: 'object', properties: { vin: { type: 'string', title: 'VIN', minLength: 17 } } }
  const takes: JsonSchema = { type: 'object', properties: { n: { type: 'number' }, car }, required: ['n'] }
  expect(given(takes, { n: 1 })).toBeUndefined()
  expect(given(takes, { n: 'x' })).toBe('“Typed” takes another input. “n” has to be a number.')
  expect(given(takes, { car: { vin: 'x' } })).toBe(
    '“Typed” takes another input. “n” is missing. input.car.vin: “VIN” has at least 17 characters.',
  )
})
