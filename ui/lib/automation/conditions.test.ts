import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate } from '#schemas/automation/expression.ts'
import { celOf, comparisons, literalOf, printRules, readRules, type Comparison, type Rules } from './conditions.ts'

test.each([
  'input.price > 20000 && input.state == "new"',
  'input.a == 1 || input.b.contains("x") && !input.c.contains("y")',
  '(input.a == 1 || input.b == 2) && input.c != null',
  'input.make in ["Volvo", "Kia"] && !(input.model in vars.sold)',
  'steps.read.body.exists(one, one.price > 3)',
  '!(input.a == 1 && input.b == 2) || size(input.list) >= 3',
  'input.a - (input.b + 1) > 2',
])('a condition that is read as rules is written as the same condition: %s', (cel) => {
  const rules = readRules(cel)
  expect(rules).not.toBeNull()
  const again = printRules(rules ?? { all: true, rules: [] })
  expect(readRules(again)).toEqual(rules)
  const input = { price: 30_000, state: 'new', a: 1, b: 2, c: 'y', make: 'Kia', model: 'EV3', list: [1, 2, 3] }
  const names = { input, vars: { sold: ['EV6'] }, steps: { read: { body: [{ price: 5 }] } } }
  const said = (text: string): unknown => {
    try {
      return evaluate(text, names)
    } catch (error) {
      return String(error).split(' In: ')[0]
    }
  }
  expect(said(again)).toEqual(said(cel))
})

test('rules of every shape stay the same rules on the way through CEL', () => {
  const side = fc.constantFrom('input.a', 'vars.limit', 'steps.read.body.price')
  const rule = fc
    .record({
      left: side,
      is: fc.constantFrom(...(Object.keys(comparisons) as Comparison[])),
      right: fc.constantFrom('"x y"', '3', '[1, 2]', 'input.b'),
    })
    .map((one) => ('one' in comparisons[one.is] ? { ...one, right: '' } : one))
  const rules: fc.Arbitrary<Rules> = fc.letrec<{ rules: Rules }>((tie) => ({
    rules: fc.record({
      all: fc.boolean(),
      rules: fc.array(fc.oneof({ depthSize: 'small' }, rule, tie('rules')), { minLength: 2, maxLength: 4 }),
    }),
  })).rules
  fc.assert(
    fc.property(rules, (given) => {
      const cel = printRules(given)
      expect(printRules(readRules(cel) ?? { all: true, rules: [] })).toBe(
        printRules(readRules(printRules(readRules(cel) ?? given)) ?? given),
      )
      expect(readRules(cel)).not.toBeNull()
    }),
    { seed: 7 },
  )
})

test('what cannot be read is left to the expression editor', () => {
  expect(readRules('input.a ==')).toBeNull()
  expect(readRules('')).toEqual({ all: true, rules: [] })
})

test('what is typed on the right is a number, yes or no, or a text', () => {
  expect(['20', '-1.5', 'true', 'new', 'a "b"'].map(celOf)).toEqual([
    '20',
    '-1.5',
    'true',
    '"new"',
    String.raw`"a \"b\""`,
  ])
  expect(['20', '"new"', 'true', 'vars.limit', '"'].map(literalOf)).toEqual([20, 'new', true, undefined, undefined])
})
