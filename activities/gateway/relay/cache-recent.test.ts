import { expect, test } from 'vitest'
import { Recent } from './cache-recent.ts'

test('what was not asked for longest goes when there is no room, and no more than that', () => {
  const recent = new Recent<number>(10)
  recent.set('a', 1, 4)
  recent.set('b', 2, 4)
  expect(recent.get('a')).toBe(1)
  recent.set('c', 3, 4)
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3])
  recent.set('c', 4, 6)
  expect([recent.get('a'), recent.get('c')]).toEqual([1, 4])
})

test('what is larger than all the room is not held, and takes the place of nothing', () => {
  const recent = new Recent<number>(10)
  recent.set('a', 1, 4)
  recent.set('b', 2, 11)
  expect([recent.get('a'), recent.get('b')]).toEqual([1, undefined])
  recent.set('a', 2, 11)
  expect(recent.get('a')).toBeUndefined()
  for (let n = 0; n < 100; n++) recent.set(`k${n}`, n, 3)
  expect(['k99', 'k98', 'k97', 'k96'].map((name) => recent.get(name))).toEqual([99, 98, 97, undefined])
})
