import { expect, test } from 'vitest'
import { chain, http, line, mended, only } from '#test/harness/problems.ts'
import type { Definition, Node } from '../definition.ts'
import { validate } from '../validate.ts'

const branching = (node: Node, ...ports: string[]): Definition => ({
  format: 1,
  name: 'x',
  nodes: [{ id: 'start', kind: 'start' }, node, { id: 'end', kind: 'end' }],
  edges: [...chain('start', node.id), ...ports.map((port) => ({ from: node.id, port, to: 'end' }))],
})
const approval: Node = { id: 'ask', kind: 'approval', with: { ask: 'Pay?' } }
const decision: Node = { id: 'big', kind: 'decision', with: { cases: [{ port: 'yes', when: true }] } }
const subflow: Node = { id: 'sub', kind: 'subflow', with: { automation: 'other' } }
const cache = { key: 'k', for: '1h' }

test.each<[string, Definition, string, 'error' | 'warning']>([
  ['an approval that remembers', branching({ ...approval, cache }, 'approved', 'rejected'), '/cache', 'error'],
  ['a subflow that remembers', line([{ ...subflow, cache }]), '/cache', 'error'],
  [
    'a decision that goes on when it fails',
    branching({ ...decision, continueOnError: true }, 'yes', 'else'),
    '/continueOnError',
    'error',
  ],
  [
    'an approval that goes on when it fails',
    branching({ ...approval, continueOnError: true }, 'approved', 'rejected'),
    '/continueOnError',
    'error',
  ],
  [
    'a wait that is tried again',
    line([{ id: 'w', kind: 'wait', with: { duration: '1h' }, retry: {} }]),
    '/retry',
    'warning',
  ],
])('%s is told of, and mended in one click', (_, definition, path, level) => {
  const problem = only(definition)
  expect(problem).toMatchObject({ code: 'policy_unheeded', path, level })
  expect(validate(mended(definition, problem))).toEqual([])
})

test('what a kind heeds is no problem, nor what is turned off', () => {
  expect(validate(line([http('a', { cache, retry: { attempts: 2 }, continueOnError: true })]))).toEqual([])
  expect(validate(line([{ ...subflow, retry: { attempts: 2 }, continueOnError: true }]))).toEqual([])
  expect(validate(branching({ ...decision, continueOnError: false }, 'yes', 'else'))).toEqual([])
})

const block = (more: Record<string, number>): Definition => {
  const branches = [{ port: 'a' }, { port: 'b' }]
  const nodes = [
    { id: 'both', kind: 'parallel', with: { branches, until: 'some', ...more } },
    http('x', { within: 'both' }),
    http('y', { within: 'both' }),
  ]
  const definition = line(nodes.slice(0, 1))
  definition.nodes.push(...nodes.slice(1))
  definition.edges.push({ from: 'both', port: 'a', to: 'x' }, { from: 'both', port: 'b', to: 'y' })
  return definition
}

test('a block that waits for some of its branches says for how many, and for no more than there are', () => {
  expect(validate(block({ count: 2 }))).toEqual([])
  const missing = only(block({}))
  expect(missing).toMatchObject({ code: 'field_missing', path: '/with/count', level: 'error' })
  expect(validate(mended(block({}), missing))).toEqual([])
  const many = only(block({ count: 5 }))
  expect(many).toMatchObject({ code: 'field_invalid', message: 'There are 2 branches, so 5 of them cannot succeed.' })
  expect(mended(block({ count: 5 }), many).nodes.find(({ id }) => id === 'both')?.with?.['count']).toBe(2)
})

test('a limit on runs at once says a number', () => {
  const settings = { concurrency: { policy: 'limit' as const } }
  const problem = only(line([http('a')], { settings }))
  expect(problem).toMatchObject({ code: 'field_missing', path: '/settings/concurrency/limit' })
  expect(validate(mended(line([http('a')], { settings }), problem))).toEqual([])
  expect(validate(line([http('a')], { settings: { concurrency: { policy: 'serial' } } }))).toEqual([])
})

test('a decision whose “Otherwise” leads nowhere is told of, but not in a block, where the turn just ends', () => {
  const problem = only(branching(decision, 'yes'))
  expect(problem).toMatchObject({ code: 'way_unhandled', level: 'warning', node: 'big' })
  expect(validate(mended(branching(decision, 'yes'), problem))).toEqual([])
  const choice: Node = { id: 'big', kind: 'switch', with: { value: 1, cases: [{ port: 'yes', is: 1 }] } }
  expect(only(branching(choice, 'yes'))).toMatchObject({ code: 'way_unhandled' })
  const looped = line([{ id: 'each', kind: 'loop', with: { items: [1] } }])
  looped.nodes.push({ ...decision, within: 'each' }, http('a', { within: 'each' }))
  looped.edges.push({ from: 'each', port: 'each', to: 'big' }, { from: 'big', port: 'yes', to: 'a' })
  expect(validate(looped)).toEqual([])
})

test.each<[string, Definition, string]>([
  ['a step', line([http('a', { timeout: '0s' })]), '/timeout'],
  ['a run', { ...line([http('a')]), settings: { timeout: '0m' } }, '/settings/timeout'],
])('a time limit of nothing of %s is told of', (_, definition, path) => {
  expect(only(definition)).toMatchObject({ level: 'error', code: 'field_invalid', path })
})

test('schemas of the input and of forms are looked at', () => {
  const input = { ...line([http('a')]), input: { properties: { a: { pattern: '(' } } } }
  expect(only(input)).toMatchObject({ level: 'error', path: '/input/properties/a/pattern' })
  const form = { properties: { a: { type: 'zzz' } } }
  const asks = branching({ ...approval, with: { ask: 'Pay?', form } }, 'approved', 'rejected')
  expect(only(asks)).toMatchObject({ node: 'ask', path: '/with/form/properties/a/type' })
})
