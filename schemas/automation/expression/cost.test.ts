import { expect, test } from 'vitest'
import { evaluate } from '../expression.ts'
import { mostRounds } from './cost.ts'

const list = (length: number) => Array.from({ length }, (_, n) => n)

test('each item with each other is refused when that is too often, and says what to do instead', () => {
  const pairs = 'input.all.map(a, input.all.filter(b, b == a))'
  expect(evaluate(pairs, { input: { all: list(3) } })).toEqual([[0], [1], [2]])
  expect(() => evaluate(pairs, { input: { all: list(Math.sqrt(mostRounds) + 1) } })).toThrow('in a loop or a code step')
})

test('three lists within one another are refused sooner', () => {
  const triples = 'input.all.exists(a, input.all.exists(b, input.all.exists(c, a + b + c < 0)))'
  expect(() => evaluate(triples, { input: { all: list(200) } })).toThrow('3 deep')
})

test('what lies inside the items of a list is gone through once', () => {
  const orders = list(2000).map((n) => ({ lines: [n] }))
  expect(evaluate('input.orders.all(order, order.lines.all(line, line >= 0))', { input: { orders } })).toBe(true)
})

test('one long list after another is no list within a list', () => {
  const all = list(20_000)
  expect(evaluate('input.all.map(a, a + 1).filter(b, b > 19999)', { input: { all } })).toEqual([20_000])
})
