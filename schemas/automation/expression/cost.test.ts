import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate, parse } from '../expression.ts'
import { isObject, type Json } from '../json.ts'
import { boundsOf, mostRounds } from './cost.ts'

const list = (length: number) => Array.from({ length }, (_, n) => n)

test('each item with each other is refused when that is too often, and says what to do instead', () => {
  const pairs = 'input.all.map(a, input.all.filter(b, b == a))'
  expect(evaluate(pairs, { input: { all: list(3) } })).toEqual([[0], [1], [2]])
  expect(() => evaluate(pairs, { input: { all: list(Math.sqrt(mostRounds) + 1) } })).toThrow('in a loop or a code step')
})

test('three lists within one another are refused sooner', () => {
  const triples = 'input.all.exists(a, input.all.exists(b, input.all.exists(c, a + b + c < 0)))'
  expect(() => evaluate(triples, { input: { all: list(200) } })).toThrow('more often than')
})

test('what lies inside the items of a list is gone through once', () => {
  const orders = list(2000).map((n) => ({ lines: [n] }))
  expect(evaluate('input.orders.all(order, order.lines.all(line, line >= 0))', { input: { orders } })).toBe(true)
})

test('one long list after another is no list within a list', () => {
  const all = list(20_000)
  expect(evaluate('input.all.map(a, a + 1).filter(b, b > 19999)', { input: { all } })).toEqual([20_000])
})

test('what doubles with each step is refused before it is made, whichever way it is written', () => {
  const doubled = (by: string) => `[[1]]${`.map(x, ${by})`.repeat(40)}`
  const bound = Array.from({ length: 40 }, (_, n) => `cel.bind(x${n + 1}, [x${n}, x${n}], `)
  const texts = Array.from({ length: 40 }, (_, n) => `cel.bind(x${n + 1}, x${n} + x${n}, `)
  for (const expression of [
    doubled('x + x'),
    doubled('[x, x]'),
    doubled('{"a": x, "b": x}'),
    `cel.bind(x0, input.one, ${bound.join('')}x40${')'.repeat(41)}`,
    `cel.bind(x0, input.one, ${texts.join('')}x40${')'.repeat(41)}`,
    `cel.bind(x0, input.one.split(""), ${texts.join('')}size(x40)${')'.repeat(41)}`,
  ])
    expect(() => evaluate(expression, { input: { one: 'twelve texts' } })).toThrow(/more often than|more than 64 MB/)
})

test('what goes through lists one after another, each as long as the data, is evaluated however long it is', () => {
  const rows = list(20_000).map((n) => ({ id: n, name: `row ${n}`, tags: ['a', 'b'] }))
  const piped =
    'input.rows.filter(r, r.id >= 10).map(r, {"id": r.id, "of": r.tags}).map(r, r.of + [r.of[0]]).filter(r, size(r) > 2)'
  expect(evaluate(`size(${piped})`, { input: { rows } })).toBe(19_990)
})

/** How deep in lists the texts lie that a name holds or an expression gives. */
type Depth = 0 | 1 | 2
type Known = readonly (readonly [name: string, depth: Depth])[]
const data = [
  ['input.texts', 1],
  ['input.lists', 2],
] as const
const text = fc.string({ maxLength: 6 })
const inputs = fc.record({
  texts: fc.array(text, { maxLength: 5 }),
  lists: fc.array(fc.array(text, { maxLength: 4 }), { maxLength: 4 }),
})

const expressions = (depth: Depth, known: Known, nested: number): fc.Arbitrary<string> => {
  const literal = depth === 0 ? ['"text"'] : depth === 1 ? ['["a", "b"]'] : ['[["a"], ["b"]]']
  const named = fc.constantFrom(...literal, ...known.flatMap(([name, of]) => (of === depth ? [name] : [])))
  if (nested === 0) return named
  const [self, text, texts] = ([depth, 0, 1] as const).map((one) => expressions(one, known, nested - 1)) as [
    fc.Arbitrary<string>,
    fc.Arbitrary<string>,
    fc.Arbitrary<string>,
  ]
  const name = `n${nested}`
  const ways = [
    named,
    fc.tuple(self, self).map(([a, b]) => `(${a} + ${b})`),
    fc.tuple(text, self, self).map(([a, b, c]) => `(${a} == "text" ? ${b} : ${c})`),
    fc.tuple(self, text).map(([a, b]) => `{"a": ${a}, "b": ${b}}.a`),
    ...([0, 1, 2] as const).map((of) =>
      fc
        .tuple(expressions(of, known, nested - 1), expressions(depth, [...known, [name, of]], nested - 1))
        .map(([held, inside]) => `cel.bind(${name}, ${held}, ${inside})`),
    ),
  ]
  if (depth === 0)
    return fc.oneof(
      ...ways,
      fc.tuple(texts, text).map(([list, by]) => `${list}.join(${by})`),
      texts.map((one) => `json(${one})`),
    )
  const below = depth === 2 ? 1 : 0
  const item = expressions(below, known, nested - 1)
  return fc.oneof(
    ...ways,
    fc.tuple(item, item).map(([a, b]) => `[${a}, ${b}]`),
    fc
      .tuple(self, expressions(0, [...known, [name, below]], nested - 1))
      .map(([list, inside]) => `${list}.filter(${name}, ${inside} != "text")`),
    ...([1, 2] as const).map((of) =>
      fc
        .tuple(expressions(of, known, nested - 1), expressions(below, [...known, [name, of === 2 ? 1 : 0]], nested - 1))
        .map(([list, inside]) => `${list}.map(${name}, ${inside})`),
    ),
    ...(depth === 1 ? [fc.tuple(text, text).map(([a, b]) => `${a}.split(${b})`)] : []),
  )
}

/** The length as JSON; what has to be escaped in it does not count. */
const lengthOf = (one: Json): number =>
  JSON.stringify(one, (_key, inner: unknown) => (typeof inner === 'string' ? ' '.repeat(inner.length) : inner)).length

const itemsOf = (one: Json): number => {
  if (Array.isArray(one)) return one.reduce<number>((sum, item) => sum + itemsOf(item), one.length)
  return isObject(one) ? Object.values(one).reduce((sum: number, item) => sum + itemsOf(item), 0) : 0
}

test('what is said beforehand of what an expression gives is never too little', () => {
  const said = fc.oneof(...([0, 1, 2] as const).map((depth) => expressions(depth, data, 3)))
  fc.assert(
    fc.property(said, inputs, (expression, input) => {
      const { items, text } = boundsOf(parse(expression), { input })
      if (Math.max(items, text) > 1_000_000) return
      const given = evaluate(expression, { input })
      expect(itemsOf(given)).toBeLessThanOrEqual(items)
      expect(lengthOf(given)).toBeLessThanOrEqual(text)
    }),
    { numRuns: 3000 },
  )
})
