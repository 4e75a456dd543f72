import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Target } from '#schemas/gateway/routes.ts'
import { inOrder } from './choose.ts'

const target = (model: string, weight = 1, priority = 0): Target => ({ provider: 'p', model, weight, priority })
const models = (targets: Target[]) => targets.map(({ model }) => model)

test('targets of a higher number come only after all of the lower', () => {
  const targets = [target('last', 9, 2), target('second', 1, 1), target('first', 1, 0)]
  expect(models(inOrder(targets))).toEqual(['first', 'second', 'last'])
})

test('a target without a weight gets nothing, not even when no other answers', () => {
  expect(models(inOrder([target('on'), target('off', 0)]))).toEqual(['on'])
})

test('each comes first as often as its weight says', () => {
  let seed = 1
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const firsts = Array.from({ length: 10_000 }, () => inOrder([target('a', 3), target('b', 1)], random)[0]!.model)
  expect(firsts.filter((model) => model === 'a').length / 10_000).toBeCloseTo(0.75, 1)
})

test('every target with a weight comes once, whatever chance says', () => {
  const any = fc.record({ weight: fc.nat(5), priority: fc.nat(3) })
  fc.assert(
    fc.property(
      fc.array(any, { maxLength: 12 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (list, chance) => {
        const targets = list.map(({ weight, priority }, n) => target(`m${n}`, weight, priority))
        const order = inOrder(targets, () => chance.next().value ?? 0)
        expect(models(order).toSorted()).toEqual(models(targets.filter(({ weight }) => weight > 0)).toSorted())
        expect(order).toEqual(order.toSorted((a, b) => a.priority - b.priority))
      },
    ),
  )
})
