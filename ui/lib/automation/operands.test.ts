import { expect, test } from 'vitest'
import type { JsonSchema } from '#schemas/automation/definition.ts'
import { evaluate } from '#schemas/automation/expression.ts'
import { printRules, readRules, type Rule } from './conditions.ts'
import { comparisonsFor, fitting, operandOf, shownRight, typedRight } from './operands.ts'

const scope: JsonSchema = {
  type: 'object',
  properties: {
    input: {
      type: 'object',
      properties: {
        zip: { type: 'string' },
        price: { type: 'number' },
        sold: { type: ['boolean', 'null'] },
        due: { type: 'string', format: 'date-time' },
        cars: { type: 'array', items: { type: 'object', properties: { vin: { type: 'string' } } } },
        any: {},
        both: { type: ['string', 'number'] },
      },
    },
  },
}

test.each([
  ['input.zip', 'text'],
  ['input["zip"]', 'text'],
  ['input.price', 'number'],
  ['input.sold', 'truth'],
  ['input.due', 'moment'],
  ['input.cars', 'list'],
  ['input', 'object'],
  ['size(input.cars)', 'number'],
  ['input.any', 'any'],
  ['input.both', 'any'],
  ['input.unknown', 'any'],
  ['input.price + 1', 'any'],
  ['input.', 'any'],
])('what %s is on the left of a rule: %s', (left, is) => {
  expect(operandOf(left, scope)).toBe(is)
})

test('only what can be asked of such a thing is offered, and what is asked now', () => {
  expect(comparisonsFor('text', 'is')).not.toContain('more')
  expect(comparisonsFor('text', 'is')).toContain('startsWith')
  expect(comparisonsFor('number', 'is')).toEqual(
    'is isNot more atLeast less atMost oneOf noneOf given missing'.split(' '),
  )
  expect(comparisonsFor('truth', 'holds')).toEqual(['is', 'isNot', 'given', 'missing', 'holds', 'fails'])
  expect(comparisonsFor('list', 'given')).toEqual(['given', 'missing'])
  expect(comparisonsFor('text', 'more')).toContain('more')
  expect(comparisonsFor('any', 'is')).toHaveLength(17)
})

test.each(['90210', '02134', 'true', '-1', '1e5', 'null', 'new', 'a "b"', ''])(
  'a text field is compared with %j as a text, and shows it as it was typed',
  (typed) => {
    const right = typedRight('""', typed, operandOf('input.zip', scope))
    const cel = printRules({ all: true, rules: [{ left: 'input.zip', is: 'is', right }] })
    expect(evaluate(cel, { input: { zip: typed } })).toBe(true)
    const rules = readRules(cel)?.rules as Rule[] | undefined
    expect(rules?.map((rule) => shownRight(rule.right, 'text'))).toEqual([typed])
  },
)

test('a number is a number, an expression stays one, and quotes make a text of what nothing is known of', () => {
  expect(typedRight('0', '20000', 'number')).toBe('20000')
  expect(typedRight('""', 'vars.limit', 'text')).toBe('vars.limit')
  expect(typedRight('""', '=size(input.cars)', 'number')).toBe('size(input.cars)')
  expect(typedRight('vars.limit', 'vars.limit + 1', 'number')).toBe('vars.limit + 1')
  expect(typedRight('""', '90210', 'any')).toBe('90210')
  expect(typedRight('""', '"90210"', 'any')).toBe('"90210"')
  expect(shownRight('"90210"', 'any')).toBe('"90210"')
  expect(shownRight('"new"', 'any')).toBe('new')
  expect(shownRight('vars.limit', 'text')).toBe('vars.limit')
})

test('a rule whose left side becomes another kind of thing is compared with that kind', () => {
  const rule: Rule = { left: 'input.zip', is: 'is', right: '90210' }
  expect(fitting(rule, 'text').right).toBe('"90210"')
  expect(fitting({ ...rule, right: '"20"' }, 'number').right).toBe('20')
  expect(fitting({ ...rule, right: '"007"' }, 'number').right).toBe('"007"')
  expect(fitting({ ...rule, right: '' }, 'number').right).toBe('0')
  expect(fitting({ ...rule, is: 'oneOf', right: '' }, 'number').right).toBe('[1, 2]')
  expect(fitting({ ...rule, is: 'given' }, 'text').right).toBe('')
  expect(fitting({ ...rule, right: 'vars.zip' }, 'text').right).toBe('vars.zip')
})
