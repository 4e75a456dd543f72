import { expect, test } from 'vitest'
import { inputIssues } from './input.ts'
import type { Json, JsonSchema } from './json.ts'

const refused = (schema: JsonSchema, value: Json) =>
  inputIssues({ type: 'object', properties: { phone: { title: 'Phone', ...schema } } }, { phone: value })

test.each<[JsonSchema, Json, string]>([
  [{ type: 'string', minLength: 11 }, '', '“Phone” must not be empty.'],
  [{ type: 'string', minLength: 11 }, '+1', '“Phone” has at least 11 characters.'],
  [{ type: 'string' }, null, '“Phone” is empty; it has to be a text.'],
  [{ type: 'number' }, 'one', '“Phone” has to be a number.'],
  [{ type: 'string', format: 'email' }, 'dana', '“Phone” has to be an e-mail address such as dana@example.com.'],
  [
    { type: 'string', pattern: '^\\+\\d+$', examples: ['+15125550134'] },
    'x',
    '“Phone” has to look like "+15125550134".',
  ],
  [{ type: 'number', exclusiveMinimum: 3 }, 3, '“Phone” has to be more than 3.'],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, true, '“Phone” has to be a text or a number.'],
  [{ oneOf: [{ type: 'string' }, { const: 3 }] }, 4, '“Phone” is none of the things that it may be.'],
  [{ dependentRequired: { a: ['b'] } } as JsonSchema, { a: 1 }, '“phone” is not what is asked for.'],
])('what does not fit %j is said in plain words', (schema, value, message) => {
  expect(refused(schema, value)).toEqual([{ path: '/input/phone', message }])
})

test('what is missing is named, and so is what lies behind a reference', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['lead'],
    properties: { lead: { title: 'Lead' }, car: { $ref: '#/$defs/car' } },
    $defs: { car: { type: 'object', properties: { vin: { title: 'VIN', type: 'string', minLength: 17 } } } },
  }
  expect(inputIssues(schema, { car: { vin: 'x' } })).toEqual([
    { path: '/input/lead', message: '“Lead” is missing.' },
    { path: '/input/car/vin', message: '“VIN” has at least 17 characters.' },
  ])
})
