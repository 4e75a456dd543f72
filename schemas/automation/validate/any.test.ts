import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitions } from '#test/harness/definitions.ts'
import { chain, http, line } from '#test/harness/problems.ts'
import { applyAll } from '../change.ts'
import type { Definition, Node } from '../definition.ts'
import { kinds } from '../kinds/index.ts'
import { validate } from '../validate.ts'

test.each(Object.values(kinds))('the example of $kind stands in a document', (kind) => {
  const example: Node = { id: 'example', kind: kind.kind, ...kind.example }
  const body = kind.ports(example).filter((port) => port.body === true)
  const main = kind.ports(example).filter((port) => port.body !== true)
  const alone = ['start', 'end', 'note'].includes(kind.kind)
  const rest: Node[] = body.map((port) => http(`in_${port.id}`, { within: 'example' }))
  const definition: Definition = {
    format: 1,
    name: 'Example',
    variables: [{ name: 'seen', type: 'any' }],
    nodes: [
      ...(kind.kind === 'start' ? [example] : [{ id: 'start', kind: 'start' }]),
      ...(alone ? [] : [example, ...rest]),
      ...(kind.kind === 'note' ? [example] : []),
      ...(kind.kind === 'end' ? [example] : [{ id: 'end', kind: 'end' }]),
    ],
    edges: alone
      ? [{ from: kind.kind === 'start' ? 'example' : 'start', to: kind.kind === 'end' ? 'example' : 'end' }]
      : [
          { from: 'start', to: 'example' },
          ...main.map((port) => ({ from: 'example', port: port.id, to: 'end' })),
          ...(main.length === 0 ? chain('start', 'end') : []),
          ...body.map((port) => ({ from: 'example', port: port.id, to: `in_${port.id}` })),
        ],
  }
  expect(validate(definition).filter((one) => one.code !== 'not_available')).toEqual([])
})

test('it has an answer for any JSON, and for any document of the right shape', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(validate(value as never).length).toBeGreaterThan(0)
    }),
    { numRuns: 500, seed: 4 },
  )
  fc.assert(
    fc.property(definitions, (definition) => {
      for (const problem of validate(definition)) applyAll(definition, problem.fix?.apply ?? [])
    }),
    { numRuns: 1000, seed: 4 },
  )
})

test('fields of any kind may hold any JSON', () => {
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({ cel: fc.string() }),
    fc.record({ text: fc.string() }),
  )
  const withFields = Object.values(kinds).map((kind) =>
    fc
      .record(Object.fromEntries(Object.keys(kind.form.properties ?? {}).map((field) => [field, values])), {
        requiredKeys: [],
      })
      .map((fields) => line([{ id: 'a', kind: kind.kind, with: fields as never }])),
  )
  fc.assert(
    fc.property(fc.oneof(...withFields), (definition) => {
      expect(Array.isArray(validate(definition))).toBe(true)
    }),
    { numRuns: 3000, seed: 4 },
  )
})

test('what a run is given may be described by any JSON that a schema can be mistaken for', () => {
  const names = fc.oneof(fc.constantFrom('name', 'a-b', 'toString', 'type', 'in', '', '1st', 'size'), fc.string())
  const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>(
        true,
        false,
        null,
        {},
        { type: 'string' },
        { type: ['string', 'null'] },
        { enum: [null] },
      ),
      fc.jsonValue({ maxDepth: 2 }),
      fc.record(
        {
          type: fc.constantFrom('object', 'array', 'number'),
          properties: fc.dictionary(names, tie('schema'), { maxKeys: 4, noNullPrototype: true }),
          additionalProperties: tie('schema'),
          items: tie('schema'),
        },
        { requiredKeys: ['type'] },
      ),
    ),
  }))
  const input = fc
    .dictionary(names, schema, { maxKeys: 4, noNullPrototype: true })
    .map((properties) => ({ type: 'object', properties }))
  const cel = fc.constantFrom(
    'input',
    'input.name',
    'input.name == null',
    'input["a-b"]',
    'input.items[0].name',
    'size(input)',
  )
  fc.assert(
    fc.property(input, cel, (described, expression) => {
      const definition = line([{ id: 'a', kind: 'map', with: { items: [1], to: { cel: expression } } }])
      expect(Array.isArray(validate({ ...definition, input: described as never }))).toBe(true)
    }),
    { numRuns: 2000, seed: 4 },
  )
})
