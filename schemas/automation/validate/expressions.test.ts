import { expect, test } from 'vitest'
import { chain, codes, http, line, mended, only } from '#test/harness/problems.ts'
import type { Definition } from '../definition.ts'
import { validate } from '../validate.ts'

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
        ? {
            edges: [
              ...chain('start', 'read', 'use'),
              ...['yes', 'else'].map((port) => ({ from: 'use', port, to: 'end' })),
            ],
          }
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
  ['name', 'unknown_name', 'There is nothing called “name”. Data begins with input, vars, steps or errors.'],
  ['event.x', 'unknown_name', '“event” is known in the condition of a wait for an event.'],
  ['input.name.matches("(")', 'expression_malformed', 'The pattern “(” cannot be read: a “)” is missing.'],
  ['input.name +', 'expression_malformed', 'The expression ends where something is still to come.'],
  ['input.price ? 1 : 2', 'type_error', 'What stands before “?” has to be yes or no.'],
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
  'run.id + run.automation',
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
  const typed = { variables: [{ name: 'count', type: 'number' as const, initial: 0 }] }
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
