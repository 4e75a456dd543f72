import { expect, test } from 'vitest'
import { line } from '#test/harness/problems.ts'
import { templates } from '../../templates/list.ts'
import { validate } from '../validate.ts'

const told = (source: string) =>
  validate(line([{ id: 'count', kind: 'code', with: { source } }])).map(({ path, message }) => [path, message])

test.each([
  ['return { a: 1', 'The code ends in line 1 where something is still to come, such as a bracket.'],
  ['const a = 1\nif (a) {\n  return a', 'The code ends in line 3 where something is still to come, such as a bracket.'],
  ['return )', 'Line 1 cannot be read: “)” does not belong there.'],
  ['let a = 1\nreturn a b', 'Line 2 cannot be read: “b” does not belong there.'],
  ['const price: number = 1', 'Line 1 declares a type, as TypeScript does; the code is JavaScript.'],
])('%j is told of before a run fails by it', (source, message) => {
  expect(told(source)).toEqual([['/with/source', message]])
})

test.each([
  'return input.cars.map(({ make, ...rest }) => ({ ...rest, [make]: 1n }))',
  'for await (const one of input.list) await one\nreturn null',
  'class Sum { #all = 0; static { } add(n) { this.#all += n } }\nreturn /a+/v.test(`${new Sum()}`) ?? 010',
  '// nothing but a comment',
])('%j is JavaScript', (source) => {
  expect(told(source)).toEqual([])
})

test('the code of the templates can be read', () => {
  for (const { definition } of templates)
    expect(validate(definition).filter(({ path }) => path === '/with/source')).toEqual([])
})
