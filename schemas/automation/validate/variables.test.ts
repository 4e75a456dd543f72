import { expect, test } from 'vitest'
import { chain, codes, line, mended, only } from '#test/harness/problems.ts'
import type { Definition, Node, Value, Variable } from '../definition.ts'
import { validate } from '../validate.ts'

const set = (id: string, values: Record<string, Value>, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'set',
  with: { values },
  ...more,
})
const counting = (
  variable: Partial<Variable>,
  nodes = [set('more', { count: { cel: 'vars.count + 1' } })],
): Definition => line(nodes, { variables: [{ name: 'count', type: 'number', ...variable }] })

test.each<[Partial<Variable>]>([[{}], [{ initial: null }], [{ type: 'any' }]])(
  'a count that begins with nothing (%j) is told of before it runs, and begins with 0 in one click',
  (variable) => {
    const definition = counting(variable)
    const problem = only(definition)
    expect(problem).toMatchObject({
      code: 'variable_unset',
      level: 'error',
      node: 'more',
      path: '/with/values/count',
      range: { start: 0, end: 10 },
      message: '“count” holds nothing yet when this is worked out. Let it begin with a value, or set it before.',
      fix: { title: 'Begin “count” with 0' },
    })
    const fixed = mended(definition, problem)
    expect(fixed.variables?.[0]?.initial).toBe(0)
    expect(validate(fixed)).toEqual([])
  },
)

test.each<[string, Node[]]>([
  ['is set before', [set('first', { count: 0 }), set('more', { count: { cel: 'vars.count + 1' } })]],
  ['may be empty where it is used', [set('more', { count: { cel: 'coalesce(vars.count, 0) + 1' } })]],
  ['is only asked for', [set('more', { count: { cel: 'vars.count == null ? 0 : vars.count' } })]],
])('a count that %s is taken', (_why, nodes) => {
  expect(validate(counting({}, nodes))).toEqual([])
})

test('what a loop sets is there behind it, and not yet in its first turn', () => {
  const loop: Node = { id: 'each', kind: 'loop', with: { over: 'items', items: { cel: 'input.cars' } } }
  const definition = line([loop, set('inside', { count: { cel: 'vars.count + 1' } }, { within: 'each' })], {
    variables: [{ name: 'count', type: 'number' }],
    output: { count: { cel: 'vars.count + 1' } },
    edges: [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'inside' }],
  })
  expect(codes(definition)).toEqual(['variable_unset'])
})

test('a yes or no that is nothing decides nothing, and begins with no', () => {
  const definition = line(
    [
      {
        id: 'urgent',
        kind: 'decision',
        with: { cases: [{ port: 'yes', when: { cel: 'vars.urgent' } }] },
      },
    ],
    {
      variables: [{ name: 'urgent', type: 'boolean' }],
      edges: [
        ...chain('start', 'urgent'),
        { from: 'urgent', port: 'yes', to: 'end' },
        { from: 'urgent', port: 'else', to: 'end' },
      ],
    },
  )
  expect(only(definition)).toMatchObject({ code: 'variable_unset', fix: { title: 'Begin “urgent” with no' } })
})

test.each<[Variable['type'], Value, string]>([
  ['number', '', '“it” takes a number, and this is empty.'],
  ['number', 'three', '“it” takes a number, and this is a text.'],
  ['number', { text: '{{ input.price }}' }, '“it” takes a number, and this is a text.'],
  ['boolean', 1, '“it” takes yes or no, and this is a number.'],
  ['list', {}, '“it” takes a list, and this is an object.'],
  ['string', null, '“it” takes a text, and this is empty.'],
])('a variable of type %s is not set to %j', (type, value, message) => {
  const definition = line([set('put', { it: value })], { variables: [{ name: 'it', type }] })
  expect(only(definition)).toMatchObject({ code: 'field_invalid', node: 'put', path: '/with/values/it', message })
})

test('a variable is set to an expression of its type, and to no other', () => {
  const to = (cel: string) => line([set('put', { it: { cel } })], { variables: [{ name: 'it', type: 'number' }] })
  expect(only(to('input.name'))).toMatchObject({ message: '“it” takes a number; this gives a text.' })
  expect(validate(to('input.price * 2'))).toEqual([])
})

test.each<[Variable['type'], Value]>([
  ['string', ''],
  ['string', { text: '{{ input.name }}' }],
  ['number', 0],
  ['any', null],
])('a variable of type %s may be set to %j', (type, value) => {
  expect(validate(line([set('put', { it: value })], { variables: [{ name: 'it', type }] }))).toEqual([])
})

test('a variable begins with a value of its type, or is made to in one click', () => {
  const definition = counting({ initial: 'none' })
  const problem = only(definition)
  expect(problem).toMatchObject({
    path: '/variables/0/initial',
    message: '“count” takes a number, and this is a text.',
  })
  expect(validate(mended(definition, problem))).toEqual([])
})

test('a variable that is set and not declared is added with the type of its value', () => {
  const definition = line([set('put', { it: 3 })])
  expect(mended(definition, only(definition)).variables).toEqual([{ name: 'it', type: 'number', initial: 0 }])
})
