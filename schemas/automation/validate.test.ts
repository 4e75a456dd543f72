import { expect, test } from 'vitest'
import { chain, codes, http, line, mended, only } from '#test/harness/problems.ts'
import type { Definition, Node } from './definition.ts'
import { kinds } from './kinds/index.ts'
import type { Problem } from './problem.ts'
import { isSound, validate } from './validate.ts'

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
  // as the last step of a turn it ends the turn, whichever way it goes
  const last = line([
    { id: 'again', kind: 'loop', with: { items: [1] } },
    { id: 'ask', kind: 'approval', within: 'again', with: { ask: 'Send?' } },
  ])
  last.edges = [...chain('start', 'again', 'end'), { from: 'again', port: 'each', to: 'ask' }]
  expect(codes(last)).toEqual([])
})

test('an approval may stand last in a loop, and one of its ways lead nowhere there', () => {
  const definition = line([
    { id: 'each', kind: 'loop', with: { items: [1, 2] } },
    { id: 'ask', kind: 'approval', within: 'each', with: { ask: 'Send?', onDue: 'expire' } },
  ])
  definition.edges = [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'ask' }]
  expect(validate(definition)).toEqual([])
  definition.nodes.push(http('tell', { within: 'each' }))
  definition.edges.push({ from: 'ask', port: 'rejected', to: 'tell' })
  expect(validate(definition)).toEqual([])
})

test('what is leaned on outside is checked where it is known', () => {
  const definition = line([
    { id: 'call', kind: 'subflow', with: { automation: 'check-customer' } },
    http('ask', { with: { url: 'https://api.example.com/cars', credential: 'price-list' } }),
  ])
  expect(codes(definition)).toEqual([])
  expect(codes(definition, { automations: [], credentials: [] })).toEqual(['unknown_automation', 'credential_missing'])
  const about = { automations: ['check-customer'], credentials: [{ handle: 'price-list', hosts: ['api.example.com'] }] }
  expect(codes(definition, about)).toEqual([])
})

test('a credential is held against the host that an address names, where it names one', () => {
  const about = { credentials: [{ handle: 'price-list', hosts: ['api.example.com', 'intern:8080'] }] }
  const told = (url: unknown) =>
    codes(line([http('ask', { with: { url: url as string, credential: 'price-list' } })]), about)
  for (const url of ['https://api.example.com:443/', 'http://intern:8080/', { cel: '"https://evil.example/"' }])
    expect(told(url)).toEqual([])
  expect(told({ text: 'https://api.example.com/cars/{{ 1 }}' })).toEqual([])
  expect(told({ text: 'https://{{ "evil" }}.example/' })).toEqual([])
  for (const url of ['https://evil.example/', 'http://api.example.com/', { text: 'https://evil.example/{{ 1 }}' }])
    expect(told(url)).toEqual(['credential_refused'])
})

test('a disabled node may be unfinished, and a note is never in the way', () => {
  const definition = line([http('a', { with: {}, disabled: true })])
  definition.nodes.push(http('parked', { disabled: true }))
  definition.nodes.push({ id: 'remark', kind: 'note', with: { text: '{{ not read' } })
  expect(validate(definition)).toEqual([])
})

test('what has not the shape of a definition is told where, and nothing more', () => {
  const found = validate({ ...line([]), edgs: [] } as Definition)
  expect(found).toMatchObject([{ code: 'malformed', path: '/edgs' }])
})

test('a time to wait until says its zone, so that it is the same moment everywhere', () => {
  const until = (time: string) => line([{ id: 'nap', kind: 'wait', with: { for: 'until', until: time } }])
  expect(codes(until('2026-11-21T10:15:00-06:00'))).toEqual([])
  expect(only(until('2026-11-21T10:15:00'))).toMatchObject({ code: 'field_invalid', path: '/with/until' })
  expect(only(until('2026-11-21T10:15:00')).message).toContain('says no zone')
  expect(only(until('next Monday')).message).toContain('is no time such as')
})

test('a schedule that cannot be read says where it is wrong, and what was meant; it needs a zone that there is', () => {
  const waits = (cron: string, zone?: string) =>
    line([{ id: 'nap', kind: 'wait', with: { for: 'schedule', cron, ...(zone === undefined ? {} : { zone }) } }])
  expect(codes(waits('0 9 * * 1-5', 'America/Chicago'))).toEqual([])
  expect(only(waits('0 25 * * 1-5', 'America/Chicago'))).toMatchObject({
    code: 'field_invalid',
    path: '/with/cron',
    range: { start: 2, end: 4 },
    message: '“Schedule” has the hour “25”. It is from 0 to 23.',
  })
  expect(only(waits('0 9 30 2 *', 'UTC')).message).toBe('“Schedule” never comes: February has no day 30.')
  expect(only(waits('0 9 * * *'))).toMatchObject({ code: 'field_missing', path: '/with/zone' })
  expect(only(waits('0 9 * * *', 'Mars/Base')).message).toBe(
    '“Time zone” is no zone such as America/Chicago: “Mars/Base”.',
  )
  const daily = waits('@daily', 'UTC')
  const problem = only(daily)
  expect(problem.fix?.title).toBe('Take "0 0 * * *"')
  expect(validate(mended(daily, problem))).toEqual([])
})

test('every way to fill in a form that its schema gives as an example is sound', () => {
  const given = Object.values(kinds).flatMap(({ kind, form }) => (form.examples ?? []).map((told) => ({ kind, told })))
  expect(given.map(({ kind }) => kind)).toContain('wait')
  for (const { kind, told } of given) {
    const definition = line([{ id: 'it', kind, with: told as Node['with'] & object }])
    expect(validate({ ...definition, input: { type: 'object', properties: { order: { type: 'string' } } } })).toEqual(
      [],
    )
  }
})
