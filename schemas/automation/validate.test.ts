import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitions } from '#test/harness/definitions.ts'
import { applyAll } from './change.ts'
import type { Definition, Edge, Node } from './definition.ts'
import { kinds } from './kinds/index.ts'
import type { Problem } from './problem.ts'
import { isSound, validate, type About } from './validate.ts'

const chain = (...ids: string[]): Edge[] => ids.slice(1).map((to, at) => ({ from: ids[at] as string, to }))
const input = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    price: { type: 'number' },
    email: { type: ['string', 'null'] },
    cars: {
      type: 'array',
      items: { type: 'object', properties: { make: { type: 'string' }, km: { type: 'integer' } } },
    },
    tags: { type: 'object', additionalProperties: { type: 'number' } },
  },
}
/** start → the nodes given, one behind the other → end. */
const line = (nodes: Node[], more: Partial<Definition> = {}): Definition => ({
  format: 1,
  name: 'Test',
  input,
  nodes: [{ id: 'start', kind: 'start' }, ...nodes, { id: 'end', kind: 'end' }],
  edges: chain('start', ...nodes.filter((node) => node.within === undefined).map((node) => node.id), 'end'),
  ...more,
})
const http = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'http',
  with: { url: 'https://x.example' },
  ...more,
})
const codes = (definition: Definition, about?: About) => validate(definition, about).map((one) => one.code)
const only = (definition: Definition, about?: About): Problem => {
  const found = validate(definition, about)
  expect(found, JSON.stringify(found, null, 1)).toHaveLength(1)
  return found[0] as Problem
}
const mended = (definition: Definition, { fix }: Problem): Definition => applyAll(definition, fix?.apply ?? [])

test('a sound automation has no problems', () => {
  expect(validate(line([http('ask')]))).toEqual([])
})

test('a missing start is added in front of the one node that nothing leads to', () => {
  const definition: Definition = {
    format: 1,
    name: 'x',
    nodes: [http('a'), { id: 'end', kind: 'end' }],
    edges: chain('a', 'end'),
  }
  const problem = validate(definition).find((one) => one.code === 'no_start') as Problem
  expect(problem.message).toBe('Nothing says where a run begins.')
  expect(validate(mended(definition, problem))).toEqual([])
})

test('a second start is told of, and removed in one click', () => {
  const definition = line([http('a')])
  definition.nodes.push({ id: 'again', kind: 'start' })
  const problem = only(definition)
  expect(problem).toMatchObject({ code: 'several_starts', node: 'again' })
  expect(validate(mended(definition, problem))).toEqual([])
})

test('an automation without an end gets one behind each last node', () => {
  const definition: Definition = {
    format: 1,
    name: 'x',
    nodes: [
      { id: 'start', kind: 'start' },
      { id: 'big', kind: 'decision', with: { cases: [{ port: 'yes', when: { cel: 'input.n > 3' } }] } },
      http('a'),
    ],
    edges: [...chain('start', 'big'), { from: 'big', port: 'yes', to: 'a' }],
  }
  const problem = only(definition)
  expect(problem.code).toBe('no_end')
  const fixed = mended(definition, problem)
  expect(fixed.edges.at(-1)).toEqual({ from: 'a', to: 'end' })
  expect(validate(fixed)).toEqual([])
})

test('what no run comes to is named, but not again what stands in it', () => {
  const definition = line([])
  definition.nodes.push({ id: 'lost', kind: 'loop', with: { items: [1] } }, http('in_lost', { within: 'lost' }))
  definition.edges.push({ from: 'lost', port: 'each', to: 'in_lost' })
  expect(only(definition)).toMatchObject({ code: 'unreachable', node: 'lost' })
})

test('a circle is told of at the edge that closes it, which one click removes', () => {
  const definition = line([http('a'), http('b')])
  definition.edges.push({ from: 'b', port: 'error', to: 'a' })
  const problem = only(definition)
  expect(problem).toMatchObject({ code: 'cycle', node: 'b' })
  expect(problem.message).toBe('From “b” it goes back to “a” in a circle; what repeats is drawn as a loop.')
  expect(validate(mended(definition, problem))).toEqual([])
})

test('edges to what is not there, by ports that are none, and across borders are each told of', () => {
  const loop: Node = { id: 'each', kind: 'loop', with: { items: { cel: 'input.cars' } } }
  const definition = line([http('a'), loop, http('inner', { within: 'each' })])
  definition.edges.push({ from: 'each', port: 'each', to: 'inner' })
  expect(codes(definition)).toEqual([])
  for (const [edge, code] of [
    [{ from: 'a', to: 'gone' }, 'edge_to_nowhere'],
    [{ from: 'gone', to: 'a' }, 'edge_to_nowhere'],
    [{ from: 'a', port: 'left', to: 'end' }, 'unknown_port'],
    [{ from: 'inner', to: 'end' }, 'edge_across'],
    [{ from: 'each', port: 'each', to: 'end' }, 'edge_across'],
  ] as const) {
    const broken = { ...definition, edges: [...definition.edges, edge] }
    const problem = only(broken)
    expect(problem.code).toBe(code)
    expect(validate(mended(broken, problem))).toEqual([])
  }
})

test('a way out for an error code that is not listed is listed in one click', () => {
  const definition = line([http('a')])
  definition.edges.push({ from: 'a', port: 'error:connector_refused', to: 'end' })
  const problem = only(definition)
  expect(problem.code).toBe('unknown_port')
  expect(validate(mended(definition, problem))).toEqual([])
})

test('branches that meet inside of their block are told of where they meet', () => {
  const definition = line([
    { id: 'both', kind: 'parallel', with: { branches: [{ port: 'crm' }, { port: 'dms' }] } },
    http('a', { within: 'both' }),
    http('b', { within: 'both' }),
    http('join', { within: 'both' }),
  ])
  definition.edges.push(
    { from: 'both', port: 'crm', to: 'a' },
    { from: 'both', port: 'dms', to: 'b' },
    ...chain('a', 'join'),
    ...chain('b', 'join'),
  )
  const problem = only(definition)
  expect(problem).toMatchObject({ code: 'branches_meet', node: 'join' })
  expect(validate(mended(definition, problem))).toEqual([])
})

test('a loop and a branch with nothing in them are told of', () => {
  const definition = line([
    { id: 'each', kind: 'loop', with: { items: { cel: 'input.cars' } } },
    { id: 'both', kind: 'parallel', with: { branches: [{ port: 'crm' }] } },
  ])
  expect(codes(definition)).toEqual(['empty_body', 'empty_body'])
})

test('ids that are no names, or not the only ones, get one that is', () => {
  for (const id of ['Bad id', 'constructor', '9a']) {
    const definition = line([http(id)])
    const problem = only(definition)
    expect(problem.code).toBe('bad_id')
    expect(codes(mended(definition, problem))).not.toContain('bad_id')
  }
  const twice = line([http('a')])
  twice.nodes.push(http('a'))
  expect(codes(twice)).toContain('duplicate_id')
})

test('the form of a node says what is missing, what does not fit and what it does not know', () => {
  const definition = line([http('a', { with: { metod: 'GET', method: 'FETCH', expect: [99] } })])
  expect(validate(definition).map(({ code, path, message }) => `${code} ${path}: ${message}`)).toEqual([
    'field_missing /with/url: “Address” is missing.',
    'field_invalid /with/method: “Method” has to be one of "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD".',
    'field_invalid /with/expect/0: “expect” is at least 100.',
    'field_invalid /with/metod: “metod” is not known here. Did you mean “method”?',
  ])
})

test('fields take expressions at any depth, plain ones take none', () => {
  const fine = http('a', {
    with: { url: { text: 'https://{{ input.name }}' }, headers: { auth: { cel: 'input.name' } } },
  })
  expect(validate(line([fine]))).toEqual([])
  const plain = only(line([http('a', { with: { url: 'x', method: { cel: 'input.name' } } })]))
  expect(plain).toMatchObject({ code: 'field_invalid', path: '/with/method' })
  expect(plain.message).toContain('takes no expression')
})

test('spans of time are read as the engine reads them', () => {
  const definition = line([{ id: 'rest', kind: 'wait', with: { duration: 'a while' } }], {
    settings: { timeout: '2 days' },
  })
  expect(validate(definition).map(({ node, path }) => `${node} ${path}`)).toEqual([
    'undefined /settings/timeout',
    'rest /with/duration',
  ])
})

const expression = (cel: string, more: Partial<Definition> = {}, kind = 'map') =>
  line(
    [
      http('read'),
      kind === 'decision'
        ? { id: 'use', kind, with: { cases: [{ port: 'yes', when: { cel } }] } }
        : { id: 'use', kind, with: { items: [1], to: { cel } } },
    ],
    {
      ...(kind === 'decision'
        ? { edges: [...chain('start', 'read', 'use'), { from: 'use', port: 'yes', to: 'end' }] }
        : {}),
      ...more,
    },
  )

test.each([
  ['input.nmae', 'unknown_name', 'There is no field “nmae” here.'],
  ['input.name + 1', 'type_error', '“+” does not work with a text and a whole number.'],
  ['input.name == input.price', 'type_error', 'A text is never the same as a number.'],
  ['!input.name', 'type_error', '“!” does not work with a text.'],
  ['input.cars[0].wheels', 'unknown_name', 'There is no field “wheels” here.'],
  ['input.cars.filter(c, c.colour == "red")', 'unknown_name', 'There is no field “colour” here.'],
  ['round(input.name)', 'type_error', '“round” does not take a text.'],
  ['steps.reed.body', 'unknown_step', 'There is no step “reed”.'],
  ['steps.end', 'step_not_before', '“end” does not come before “use”.'],
  ['steps.read.stats', 'unknown_name', 'There is no field “stats” here.'],
  ['vars.count', 'unknown_variable', 'There is no variable “count”.'],
  ['name', 'unknown_name', 'There is nothing called “name”. Data begins with input, vars or steps.'],
  ['event.x', 'unknown_name', '“event” is known in the condition of a wait for an event.'],
  ['input.name +', 'expression_malformed', 'The expression ends where something is still to come.'],
  ['input.price ? 1 : 2', 'type_error', "Ternary condition must be bool, got 'double'."],
] as const)('the expression %s is refused', (cel, code, message) => {
  const problem = only(expression(cel))
  expect(problem).toMatchObject({ code, message, node: 'use', path: '/with/to' })
  expect(problem.range?.end).toBeGreaterThan(problem.range?.start ?? 0)
})

test.each([
  'input.price > 3',
  'input.price in [1, 2]',
  '1 in input.cars.map(c, c.km)',
  'input.cars.map(c, c.km) == [1, 2]',
  'input.price == null || input.cars == null || input.cars[0] == null || input == null || input.tags == null',
  'input.email + "x"',
  'input.tags.anything > 1',
  'has(input.nothing) ? input.price : 0',
  'input.?nothing.orValue("x")',
  'item + index',
  'input.price > 0 ? input.name : null',
  'coalesce(input.email, input.name).size() > 1',
  'now > timestamp("2026-01-01T00:00:00Z")',
  'run.id + run.anything',
  'steps.read.status == 200 && steps.read.body.what.ever == "x"',
  'errors.read.code == "timed_out"',
  'sum(input.cars.map(c, c.km)) / 2',
  'round(input.price) + input.price % 2',
  'has(steps.end)',
] as const)('the expression %s is taken', (cel) => {
  expect(validate(expression(cel))).toEqual([])
})

test('a name that is nearly one is written right in one click', () => {
  const definition = expression('size(steps.reed.headers) + 1')
  const fixed = mended(definition, only(definition))
  expect(fixed.nodes.find((node) => node.id === 'use')?.with?.['to']).toEqual({ cel: 'size(steps.read.headers) + 1' })
  expect(validate(fixed)).toEqual([])
})

test('a variable that is not there is added in one click; one that is has its type', () => {
  const definition = expression('vars.count')
  expect(validate(mended(definition, only(definition)))).toEqual([])
  const typed = { variables: [{ name: 'count', type: 'number' as const }] }
  expect(codes(expression('vars.count + "x"', typed))).toEqual(['type_error'])
  expect(codes(expression('vars.count + 1', typed))).toEqual([])
})

test('a condition gives yes or no', () => {
  const problem = only(expression('input.price', {}, 'decision'))
  expect(problem).toMatchObject({ code: 'type_error', path: '/with/cases/0/when' })
  expect(problem.message).toBe('“When” takes yes or no; this gives a number.')
  expect(codes(expression('input.price > 1', {}, 'decision'))).toEqual([])
  expect(codes(expression('input.email', {}, 'decision'))).toEqual([])
})

test('a problem in a text with expressions is marked where it stands in the text', () => {
  const text = 'Hello {{ input.name }}, {{  input.nmae }}!'
  const problem = only(line([http('a', { with: { url: { text } } })]))
  expect(problem.code).toBe('unknown_name')
  expect(text.slice(problem.range?.start, problem.range?.end)).toBe('nmae')
  expect(only(line([http('a', { with: { url: { text: 'Hello {{ input.name' } } })]))).toMatchObject({
    code: 'expression_malformed',
    message: 'A “{{” in the text is not closed by “}}”.',
  })
})

test('the body of a loop sees its entries with their type, and only inside', () => {
  const inner = http('inner', { within: 'each' })
  const of = (to: string, place: 'inner' | 'outside') =>
    line([
      { id: 'each', kind: 'loop', with: { items: { cel: 'input.cars' }, collect: { cel: 'steps.inner.status' } } },
      { ...inner, with: { url: place === 'inner' ? { cel: to } : 'x' } },
      http('after', place === 'inner' ? {} : { with: { url: { cel: to } } }),
    ])
  const check = (to: string, place: 'inner' | 'outside' = 'inner') => {
    const definition = of(to, place)
    definition.edges.push({ from: 'each', port: 'each', to: 'inner' })
    return codes(definition)
  }
  expect(check('item.make')).toEqual([])
  expect(check('loops.each.item.make + string(loops.each.index)')).toEqual([])
  expect(check('item.wheels')).toEqual(['unknown_name'])
  expect(check('loops.other.item')).toEqual(['unknown_name'])
  expect(check('item.make', 'outside')).toEqual(['unknown_name'])
  expect(check('steps.inner.body', 'outside')).toEqual(['step_not_before'])
})

test('what is undone sees what its own step gave, and the result of a run sees every step outside of blocks', () => {
  const undo = { operation: 'x', input: { id: { cel: 'steps.a.body.id' } } }
  const about = {
    operations: { x: { title: 'X', system: 'crm', about: '', queue: 'main', input: {}, output: {} } },
  } as const
  const definition = line([http('a', { undo }), http('b')], { output: { last: { cel: 'steps.b.status' } } })
  expect(codes(definition, about)).toEqual([])
  expect(codes(line([http('a', { undo: { ...undo, after: 'begun' } })]), about)).toEqual(['step_not_before'])
  expect(only(line([], { settings: { title: { cel: 'steps.end.x' } } })).message).toBe(
    '“steps” is not known before the run begins.',
  )
})

test('variables set side by side are a warning that does not keep from publishing', () => {
  const set = (id: string, within: string): Node => ({ id, kind: 'set', within, with: { values: { n: 1 } } })
  const definition = line(
    [
      { id: 'both', kind: 'parallel', with: { branches: [{ port: 'crm' }, { port: 'dms' }] } },
      set('a', 'both'),
      set('b', 'both'),
    ],
    { variables: [{ name: 'n', type: 'number' }] },
  )
  definition.edges.push({ from: 'both', port: 'crm', to: 'a' }, { from: 'both', port: 'dms', to: 'b' })
  expect(only(definition)).toMatchObject({ code: 'variable_race', level: 'warning', node: 'b' })
  expect(isSound(validate(definition))).toBe(true)
})

test('an approval that nothing follows, and a while loop without a bound, keep from publishing', () => {
  const definition = line([
    { id: 'ask', kind: 'approval', with: { ask: 'Send?' } },
    { id: 'again', kind: 'loop', with: { over: 'while', while: { cel: 'index < 3' } } },
    http('in_again', { within: 'again' }),
  ])
  definition.edges = [
    ...chain('start', 'ask'),
    { from: 'ask', port: 'rejected', to: 'again' },
    { from: 'again', port: 'each', to: 'in_again' },
    ...chain('again', 'end'),
  ]
  const found = validate(definition)
  expect(found.map((one) => one.code)).toEqual(['approval_unhandled', 'unbounded_loop'])
  expect(codes(mended(definition, found[1] as Problem))).toEqual(['approval_unhandled'])
})

test('what is leaned on outside is checked where it is known', () => {
  const definition = line([
    { id: 'call', kind: 'subflow', with: { automation: 'check-customer' } },
    http('ask', { with: { url: 'x', credential: 'cred_1' } }),
  ])
  expect(codes(definition)).toEqual([])
  expect(codes(definition, { automations: [], credentials: [] })).toEqual(['unknown_automation', 'missing_credential'])
  const about = { automations: ['check-customer'], credentials: [{ id: 'cred_1', system: 'crm' }] }
  expect(codes(definition, about)).toEqual([])
})

test('a disabled node may be unfinished, and a note is never in the way', () => {
  const definition = line([http('a', { with: {}, disabled: true })])
  definition.nodes.push({ id: 'remark', kind: 'note', with: { text: '{{ not read' } })
  expect(validate(definition)).toEqual([])
})

test('what has not the shape of a definition is told where, and nothing more', () => {
  const found = validate({ ...line([]), edgs: [] } as Definition)
  expect(found).toMatchObject([{ code: 'malformed', path: '/edgs' }])
})

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
  const pending = ['not_available', ...(kind.kind === 'action' ? ['unknown_operation'] : [])]
  expect(validate(definition).filter((one) => !pending.includes(one.code))).toEqual([])
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
