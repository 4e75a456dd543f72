import { Validator } from '@cfworker/json-schema'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitions } from '#test/harness/definitions.ts'
import type { Definition } from './definition.ts'
import { definitionSchema, exportText, readDefinition } from './document.ts'
import { same } from './json.ts'
import { kinds } from './kinds/index.ts'
import type { Problem } from './problem.ts'

const bare: Definition = { format: 1, name: 'x', nodes: [{ id: 'start', kind: 'start' }], edges: [] }
const problems = (value: unknown): Problem[] => {
  const read = readDefinition(value)
  return 'problems' in read ? read.problems : []
}

test('a document of any meaning but the right shape is read as it is', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const read = readDefinition(definition)
      expect('definition' in read && same(read.definition, definition)).toBe(true)
    }),
    { numRuns: 300, seed: 4 },
  )
})

test('what has another shape is told where and why', () => {
  const node = { id: 'a', kind: 'http', tytle: 'x', at: { x: '1' }, retry: { attempts: -1 }, timeout: 3 }
  const told = problems({ ...bare, nodes: [node], edgs: [], format: 2, settings: { priority: 9 } })
  expect(told.map((one) => `${one.node ?? ''}${one.path}: ${one.message}`)).toEqual([
    '/format: “Format” has to be 1.',
    '/settings/priority: “Priority” is at most 5.',
    '/edgs: “edgs” is not known in “Automation”. Did you mean “edges”?',
    'a/at/y: “y” is missing.',
    'a/at/x: “x” has to be a number.',
    'a/retry/attempts: “Tries” is at least 0.',
    'a/timeout: “Time limit” has to be a text, or an expression.',
    'a/tytle: “tytle” is not known in “Node”. Did you mean “title”?',
  ])
  expect(told.at(-1)?.fix?.apply).toEqual([{ do: 'set', node: null, path: '/nodes/0/tytle' }])
})

test.each([
  ['nothing', undefined],
  ['a number', 3],
  ['a list', []],
  ['a node that is none', { ...bare, nodes: [null] }],
  ['nodes that are no list', { ...bare, nodes: {} }],
])('%s is no document', (_what, value) => {
  expect(problems(value).map((one) => one.code)).toContain('malformed')
})

test('names that mean something else to JavaScript are refused wherever they stand', () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const document = JSON.parse(
      `{"format":1,"name":"x","edges":[],"nodes":[{"id":"a","kind":"set","with":{"values":{"${key}":{"x":1}}}}]}`,
    ) as unknown
    expect(problems(document)).toMatchObject([
      { code: 'malformed', path: '/nodes/0/with/values', message: `“${key}” cannot be the name of a field.` },
    ])
  }
})

test('too many nodes, too many bytes and too much depth are refused without being looked at', () => {
  const nodes = Array.from({ length: 5001 }, (_none, n) => ({ id: `n${n}`, kind: 'end' }))
  expect(problems({ ...bare, nodes })).toMatchObject([
    { code: 'too_large', message: 'It has 5001 nodes; 5000 are the most.' },
  ])
  expect(problems({ ...bare, description: 'ü'.repeat(1_100_000) })).toMatchObject([{ code: 'too_large' }])
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown
  expect(problems({ ...bare, output: { deep } })).toMatchObject([{ code: 'malformed', path: '/output/deep/0/0' }])
})

test('the schema takes the example of every kind, and names what is wrong with another', () => {
  const validator = new Validator(definitionSchema() as ConstructorParameters<typeof Validator>[0], '2020-12', false)
  const withNode = (node: unknown) => validator.validate({ ...bare, nodes: [node] }).valid
  for (const { kind, example } of Object.values(kinds)) expect(withNode({ id: 'a', kind, ...example }), kind).toBe(true)
  expect(withNode({ id: 'a', kind: 'http', with: { url: { cel: 'input.url' } } })).toBe(true)
  expect(withNode({ id: 'a', kind: 'http', with: { url: 3 } })).toBe(false)
  expect(withNode({ id: 'a', kind: 'http' })).toBe(false)
  expect(withNode({ id: 'a', kind: 'http', with: { url: 'x', method: { cel: '"GET"' } } })).toBe(false)
  expect(withNode({ id: 'a', kind: 'unheard_of' })).toBe(false)
})

test('the same document is the same text, however its fields were ordered, and comes back as it was', () => {
  const shuffled = {
    edges: [{ to: 'b', port: 'out', from: 'a' }],
    nodes: [
      { with: { url: 'x', method: 'GET', headers: { b: '1', a: '2' } }, kind: 'http', id: 'a', title: undefined },
      { kind: 'end', id: 'b' },
    ],
    name: 'Lead response',
    format: 1,
  } as unknown as Definition
  const text = exportText(shuffled)
  expect(text).toBe(`{
  "format": 1,
  "name": "Lead response",
  "nodes": [
    {
      "id": "a",
      "kind": "http",
      "with": {
        "method": "GET",
        "url": "x",
        "headers": {
          "b": "1",
          "a": "2"
        }
      }
    },
    {
      "id": "b",
      "kind": "end"
    }
  ],
  "edges": [
    {
      "from": "a",
      "to": "b"
    }
  ]
}
`)
  const read = readDefinition(JSON.parse(text))
  expect('definition' in read && exportText(read.definition)).toBe(text)
})

test('the schema says of each kind by which ports edges leave it', () => {
  const about = new Map(
    definitionSchema().properties?.['nodes']?.items?.allOf?.map((one) => [one.then?.title, one.then?.description]),
  )
  expect(about.get('Loop')).toMatch(/Edges leave it by `each` \(into its body\), `out`, `error`, `error:CODE`/)
  expect(about.get('Approval')).toContain('`approved`, `rejected`')
  expect(about.get('End')).toContain('No edge leaves it.')
})
