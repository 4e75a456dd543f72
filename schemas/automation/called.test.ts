import { expect, test } from 'vitest'
import { line } from '#test/harness/problems.ts'
import { calledAs, callsOf, type Called } from './called.ts'
import type { Node } from './definition.ts'
import { validate } from './validate.ts'

const calls = (fields: Node['with']): Node => ({
  id: 'check',
  kind: 'subflow',
  with: { automation: 'check', ...fields },
})
const check: Called = {
  title: 'Check the customer',
  input: { type: 'object', properties: { years: { type: 'number', title: 'Years' } }, required: ['years'] },
}
const told = (fields: Node['with'], called: Record<string, Called | null> = { check }) =>
  validate(line([calls(fields)]), { automations: ['check'], called }).map(({ code, path }) => [code, path])

test('what another automation takes is looked at where it is called', () => {
  expect(told({ input: { years: 7 } })).toEqual([])
  expect(told({ input: { years: { cel: 'input.price' } } })).toEqual([])
  expect(told({ input: { years: 'seven' } })).toEqual([['field_invalid', '/with/input/years']])
  expect(told({})).toEqual([['field_missing', '/with/input/years']])
})

test('a pinned version that is not there is told of; what is not known is not', () => {
  const pinned = { version: '9', input: { years: 7 } }
  expect(told(pinned, { 'check@9': null })).toEqual([['unknown_automation', '/with/version']])
  expect(told({ version: '9' }, { check })).toEqual([])
  expect(told({ version: '9' }, { 'check@9': { title: 'Check the customer' } })).toEqual([])
})

test('each call of a document is named once, by what tells it from others', () => {
  const all = [
    calls({}),
    { ...calls({ version: '2' }), id: 'b' },
    { ...calls({}), id: 'c' },
    { id: 'd', kind: 'subflow' },
    { ...calls({ automation: 'other' }), id: 'e', kind: 'note' },
  ]
  expect(callsOf(line(all)).map(calledAs)).toEqual(['check', 'check@2'])
})
