import { expect, test } from 'vitest'
import { check, suggest } from './completion.ts'
import { controlOf, emptied, inMode, modeOf, modesOf, textValue } from './controls.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { sample } from './sample.ts'
import { exampleIn, pathsIn, scopeOf } from './scope.ts'

const names = (text: string, id = 'tell', field?: string) =>
  suggest(
    text,
    text.length,
    scopeOf({ ...sample(), variables: [{ name: 'limit', type: 'number' }] }, id, field),
  )?.list.map(({ label }) => label)

test('only steps that come before are offered, with what they give', () => {
  expect(names('steps.', 'ask')).toEqual(['start', 'read'])
  expect(names('steps.read.', 'ask')).toEqual(['status', 'headers', 'body'])
  expect(names('x == steps.read.sta', 'ask')).toContain('status')
})

test('inside a loop its item is offered, outside of it not', () => {
  expect(names('')).toEqual(expect.arrayContaining(['item', 'index', 'input', 'vars', 'coalesce', 'size']))
  expect(names('', 'ask')).not.toContain('item')
  expect(names('vars.')).toEqual(['limit'])
  expect(names('steps.', 'every', 'collect')).toContain('tell')
})

test('nothing is offered behind a finished word', () => {
  expect(suggest('"text"', 6, scopeOf(sample()))).toBeNull()
})

test('an expression says what it gives, or what is wrong with it', () => {
  expect(check('input.a == 1')).toEqual({ type: 'yes or no' })
  expect(check('size(input.list)')).toEqual({ type: 'whole number' })
  expect(check('unknown.name')).toMatchObject({ problem: expect.stringContaining('unknown') })
})

test('every name that a rule can begin with is listed once', () => {
  const paths = pathsIn(scopeOf(sample(), 'ask')).map(({ path }) => path)
  expect(paths).toEqual(expect.arrayContaining(['steps.read.status', 'run.id']))
  expect(new Set(paths).size).toBe(paths.length)
})

test('every field of every kind of step has a control', () => {
  for (const kind of Object.values(kinds))
    for (const [name, schema] of Object.entries(kind.form.properties ?? {})) {
      expect(controlOf(schema), `${kind.kind}.${name}`).toBeTruthy()
      expect(modesOf(schema).length).toBeGreaterThan(0)
    }
})

test('a field said in another way keeps what it says', () => {
  expect(inMode('Hello', 'cel')).toEqual({ cel: '"Hello"' })
  expect(inMode({ cel: '"Hello"' }, 'text')).toBe('Hello')
  expect(inMode({ cel: 'input.name' }, 'text')).toEqual({ text: '{{ input.name }}' })
  expect(inMode({ text: '{{ input.name }}' }, 'cel')).toEqual({ cel: 'input.name' })
  expect(textValue('no braces')).toBe('no braces')
  expect(modeOf({ type: 'number' }, 3)).toBe('plain')
  expect(modeOf({ 'x-show': 'cel' }, undefined)).toBe('cel')
})

test('emptied, a field says nothing; in a list of names its row stays, and is written on in the same way', () => {
  expect(emptied('cel', false)).toBeUndefined()
  for (const mode of ['cel', 'text', 'plain'] as const) {
    expect(emptied(mode, true), mode).toBeDefined()
    expect(modeOf({ type: 'string' }, emptied(mode, true))).toBe(mode === 'plain' ? 'text' : mode)
  }
})

test('what a field shows as an example can be written there: the entry, the step before, else the input', () => {
  expect(exampleIn(scopeOf(sample(), 'tell'))).toBe('item')
  expect(exampleIn(scopeOf(sample(), 'ask'))).toBe('steps.read.status')
  expect(exampleIn(scopeOf(sample(), 'read'))).toBe('input')
  const told = { ...sample(), input: { type: 'object', properties: { lead: { type: 'string' } } } }
  expect(exampleIn(scopeOf(told, 'read'))).toBe('input.lead')
})
