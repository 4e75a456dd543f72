import { expect, test } from 'vitest'
import { checker } from './document/sentences.ts'
import { schemaIssues, validatorOf } from './json-schema.ts'
import type { JsonSchema } from './json.ts'

const issues = (schema: object): string[] =>
  schemaIssues(schema as JsonSchema).map(({ path, message }) => `${path} ${message}`)
const texts = (pattern: string): JsonSchema => ({ type: 'object', properties: { a: { type: 'string', pattern } } })

test.each<[string, object, string]>([
  ['a type that is none', { properties: { a: { type: 'zzz' } } }, '/properties/a/type has to be of string'],
  ['one of several types', { type: ['string', 'text'] }, '/type has to be of string'],
  ['a pattern that is none', texts('('), '/properties/a/pattern cannot be read: a “)” is missing'],
  ['a pattern that looks ahead', texts('(?=a)b'), '/properties/a/pattern cannot be read'],
  ['a pattern that is no text', { pattern: 7 }, '/pattern has to be a text'],
  ['a reference to elsewhere', { $ref: 'https://example.com/x' }, '/$ref leads to nothing in this schema'],
  ['a reference to nothing', { items: { $ref: '#/nowhere' } }, '/items/$ref leads to nothing in this schema'],
  ['a reference to what is no schema', { title: 'x', items: { $ref: '#/title' } }, '/items/$ref leads to nothing'],
  ['one to what objects inherit', { items: { $ref: '#/constructor' } }, '/items/$ref leads to nothing'],
  ['a reference to itself', { $ref: '#' }, ' leads back to itself'],
  ['one through a field', { properties: { child: { $ref: '#' } } }, ' leads back to itself'],
  [
    'a circle of two',
    { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    '/$defs/a leads back to itself',
  ],
  ['patterns of names', { patternProperties: { '^a': {} } }, '/patternProperties is not checked here'],
  ['a text for a schema', { properties: { a: 'text' } }, '/properties/a is no schema'],
  ['names that are no list', { required: 'a' }, '/required has to be a list of names'],
  ['values that are no list', { enum: 'a' }, '/enum has to be a list'],
  ['ways that are no list', { anyOf: { type: 'string' } }, '/anyOf has to be a list'],
  ['a long list without doubles', { uniqueItems: true }, '/uniqueItems needs a “maxItems” of 1000'],
])('%s is no schema that can be kept to', (_, schema, said) => {
  expect(issues(schema)).toEqual([expect.stringContaining(said)])
})

test('schemas that double at each step are too many ways to look at one value', () => {
  const doubling = (depth: number) => ({
    $ref: '#/$defs/s0',
    $defs: Object.fromEntries(
      Array.from({ length: depth }, (_, n) => [
        `s${n}`,
        n === depth - 1 ? {} : { anyOf: [{ $ref: `#/$defs/s${n + 1}` }, { $ref: `#/$defs/s${n + 1}` }] },
      ]),
    ),
  })
  expect(issues(doubling(3))).toEqual([])
  expect(issues(doubling(60))).toEqual([expect.stringContaining('holds one value against more than 50 schemas')])
  const nested = {
    $defs: { a: { properties: Object.fromEntries('abcdefghijklmnopqrst'.split('').map((x) => [x, {}])) } },
  }
  const wide = (of: string) => ({
    properties: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p${n}`, { $ref: of }])),
  })
  const large = { ...wide('#/$defs/c'), $defs: { ...nested.$defs, b: wide('#/$defs/a'), c: wide('#/$defs/b') } }
  expect(issues(large)).toEqual([expect.stringContaining('comes to more than 5000 schemas')])
})

test('names that are words of schemas, and values that look like schemas, are left alone', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      pattern: { type: 'string', enum: ['('] },
      type: { const: { pattern: '(' } },
      $ref: { type: 'string' },
    },
    examples: [{ pattern: '(' }],
    uniqueItems: true,
    maxItems: 1000,
  }
  expect(issues(schema)).toEqual([])
  const { validator } = validatorOf(schema)
  expect(validator.validate({ pattern: '(', type: { pattern: '(' } }).valid).toBe(true)
  expect(validator.validate({ pattern: ')' }).valid).toBe(false)
})

test('a pattern takes time in proportion to the text, and is told by its example', () => {
  const schema = texts('^(a+)+$')
  const check = checker(schema)
  expect(check({ a: 'a'.repeat(50_000) })).toEqual([])
  expect(check({ a: `${'a'.repeat(50_000)}!` })).toMatchObject([
    { path: '/a', message: '“a” has to look like ^(a+)+$.' },
  ])
  const vin = { properties: { vin: { title: 'VIN', pattern: '^[A-Z0-9]{3}$', examples: ['1FT'] } } }
  expect(checker(vin)({ vin: 'x' })).toMatchObject([{ message: '“VIN” has to look like "1FT".' }])
  expect(checker({ properties: { mail: { format: 'email' } } })({ mail: 'x' })).toMatchObject([
    { message: '“mail” has to be an e-mail address such as dana@example.com.' },
  ])
})

test('both a pattern and what stands beside it are kept to', () => {
  const check = checker({ type: 'string', pattern: '^a', format: 'email', allOf: [{ maxLength: 9 }] })
  expect(check('a@b.example.com')).toHaveLength(1)
  expect(check('b@c.de')).toHaveLength(1)
  expect(check('abc')).toHaveLength(1)
  expect(check('a@b.de')).toEqual([])
})

test('what was published with a schema that is none is refused with a sentence', () => {
  for (const schema of [texts('('), { $ref: '#/nowhere' }, { $ref: '#' }] as JsonSchema[])
    expect(checker(schema)({ a: 'x' })).toMatchObject([
      { path: '', message: 'The schema is none that can be kept to.' },
    ])
})
