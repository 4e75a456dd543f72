import { expect, test } from 'vitest'
import { tokenParts } from './tokens.ts'

test('every token is counted once, by what it was', () => {
  const parts = tokenParts({ input: 1000, cached: 500, cacheWrite: 100, output: 100, reasoning: 20 })
  expect(parts.map(({ id, count }) => [id, count])).toEqual([
    ['fresh', 400],
    ['cached', 500],
    ['written', 100],
    ['thought', 20],
    ['said', 80],
  ])
})

test('what there was none of is not shown', () => {
  expect(tokenParts({ input: 8, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }).map(({ id }) => id)).toEqual([
    'fresh',
  ])
})
