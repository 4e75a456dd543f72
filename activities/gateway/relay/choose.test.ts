import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { targetOf, type Target } from '#schemas/gateway/routes.ts'
import { byWeight, inOrder } from './choose.ts'
import type { Candidate } from './saying.ts'

const able = (model: string, weight = 1, priority = 0): Candidate => ({
  target: { ...targetOf('p', model), weight, priority },
  provider: { name: 'p', kind: 'openai', baseUrl: '', enabled: true, shared: false, keys: [] },
})
const targets = (those: readonly Candidate[]): Target[] => those.map(({ target }) => target)
const models = (those: readonly Candidate[]) => targets(those).map(({ model }) => model)

test('targets of a higher number come only after all of the lower', () => {
  const those = [able('last', 9, 2), able('second', 1, 1), able('first', 1, 0)]
  expect(models(inOrder(those, byWeight(7)))).toEqual(['first', 'second', 'last'])
})

test('a target without a weight gets nothing, not even when no other answers', () => {
  expect(models(inOrder([able('on'), able('off', 0)], byWeight(7)))).toEqual(['on'])
  expect(models(inOrder([able('off', 0)], byWeight(7)))).toEqual([])
})

test('each comes first for as many conversations as its weight says', () => {
  const firsts = Array.from(
    { length: 10_000 },
    (_, seed) => models(inOrder([able('a', 3), able('b', 1)], byWeight(seed)))[0],
  )
  expect(firsts.filter((model) => model === 'a').length / 10_000).toBeCloseTo(0.75, 1)
})

test('a conversation stays where it is when another target comes or goes', () => {
  const those = ['a', 'b', 'c'].map((model) => able(model))
  for (let seed = 0; seed < 1000; seed++) {
    const [first = '', ...others] = models(inOrder(those, byWeight(seed)))
    expect(
      models(
        inOrder(
          those.filter(({ target }) => target.model !== first),
          byWeight(seed),
        ),
      ),
    ).toEqual(others)
  }
})

test('every target with a weight comes once, whatever its rank', () => {
  const any = fc.record({ weight: fc.nat(5), priority: fc.nat(3) })
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), fc.nat(2 ** 32 - 1), (list, seed) => {
      const those = list.map(({ weight, priority }, n) => able(`m${n}`, weight, priority))
      const order = targets(inOrder(those, byWeight(seed)))
      expect(order.map(({ model }) => model).toSorted()).toEqual(
        targets(those)
          .filter(({ weight }) => weight > 0)
          .map(({ model }) => model)
          .toSorted(),
      )
      expect(order).toEqual(order.toSorted((a, b) => a.priority - b.priority))
    }),
  )
})
