import { Validator, type Schema } from '@cfworker/json-schema'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fit } from './model-schema.ts'

const bounds = fc.record({ minimum: fc.integer({ min: -50, max: 0 }), maximum: fc.integer({ min: 1, max: 50 }) })
const leaf = fc.oneof(
  fc.constantFrom(
    { type: 'string', format: 'email' },
    { type: 'string', format: 'date-time' },
    { type: 'string', format: 'date' },
    { type: 'string', format: 'uri' },
    { type: 'boolean' },
    { type: 'null' },
    { type: ['string', 'null'] },
    { const: 7 },
    { enum: ['buy', 'sell', null] },
    { $ref: '#/$defs/car' },
    {},
  ),
  bounds.map((more) => ({ type: 'integer', ...more })),
  bounds.map((more) => ({ type: 'number', ...more })),
  fc
    .record({ minLength: fc.nat(5), maxLength: fc.integer({ min: 5, max: 9 }) })
    .map((more) => ({ type: 'string', ...more })),
)
const { schema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.dictionary(fc.constantFrom('reply', 'price', 'car', 'is_new', 'lines'), tie('schema')).map((properties) => ({
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    })),
    fc.tuple(tie('schema'), fc.nat(2)).map(([items, minItems]) => ({ type: 'array', items, minItems, maxItems: 3 })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
}))
const $defs = {
  car: { type: 'object', properties: { make: { type: 'string' }, price: { type: 'number' } }, required: ['make'] },
}

test('whatever shape is asked for and whatever stands in the conversation, the answer is of that shape', () => {
  fc.assert(
    fc.property(schema, fc.jsonValue(), fc.jsonValue(), (asked, wish, guessed) => {
      const root = { ...asked, $defs } as Schema
      const made = fit(root, wish, () => guessed)
      expect(new Validator(root, '2020-12').validate(made)).toMatchObject({ errors: [] })
      expect(fit(root, wish, () => guessed)).toEqual(made)
    }),
    { seed: 4, numRuns: 500 },
  )
})

test('a schema that names itself comes to an end', () => {
  const tree = { type: 'object', properties: { inner: { $ref: '#' } } }
  expect(JSON.stringify(fit(tree, {}))).toContain('null')
})
