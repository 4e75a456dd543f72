import { expect, test } from 'vitest'
import type { Replay } from '#schemas/steering/replays.ts'
import { differenceText, modelBars } from './replayed.ts'

test.each([
  [100, 88, '−12 %'],
  [100, 250, '+150 %'],
  [0, 3, 'new'],
  [5, 5, ''],
  [1000, 1001, 'less than 1 %'],
  [null, 5, ''],
])('from %s to %s is %j', (before, after, text) => {
  expect(differenceText(before, after)).toBe(text)
})

test('models of both sides are drawn to one scale, those that change most first', () => {
  const side = (models: Record<string, number>): Replay['before'] => ({
    cost: 0,
    unpriced: 0,
    refused: 0,
    models: Object.entries(models).map(([model, requests]) => ({ model, requests })),
    p50Ms: null,
    p95Ms: null,
    untimed: 0,
    rules: [],
  })
  expect(modelBars({ before: side({ same: 5, gone: 9 }), after: side({ same: 5, fresh: 8 }) })).toEqual([
    { model: 'gone', before: 9, after: 0, most: 9 },
    { model: 'fresh', before: 0, after: 8, most: 9 },
    { model: 'same', before: 5, after: 5, most: 9 },
  ])
})
