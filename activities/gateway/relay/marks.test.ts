import { expect, test } from 'vitest'
import { Marks } from './marks.ts'

const minutes = 60_000
/** A conversation, as the beginnings of it: instructions, then what was said. */
const said = (...words: string[]) =>
  words.map((_, at) => ({ hash: Number.parseInt(words.slice(0, at + 1).join(''), 36), tokens: 100 * (at + 1) }))

test('nothing is marked that has never come before', () => {
  const marks = new Marks(5 * minutes)
  expect(marks.place(said('a', 'b'), 0)).toEqual([])
  expect(marks.place(said('c', 'b'), 0)).toEqual([])
})

test('instructions that others had too are marked without what is new behind them', () => {
  const marks = new Marks(5 * minutes)
  marks.place(said('a', 'b'), 0)
  expect(marks.place(said('a', 'c'), minutes)).toEqual([1])
})

test('a conversation that goes on is marked to its end, and where it ended before', () => {
  const marks = new Marks(5 * minutes)
  marks.place(said('a', 'b'), 0)
  expect(marks.place(said('a', 'b', 'c', 'd'), minutes)).toEqual([2, 4])
  // the same once more
  expect(marks.place(said('a', 'b', 'c', 'd'), minutes)).toEqual([4])
})

test('what came too long ago counts as new, and coming again makes it fresh', () => {
  const marks = new Marks(5 * minutes)
  marks.place(said('a'), 0)
  expect(marks.place(said('a'), 4 * minutes)).toEqual([1])
  expect(marks.place(said('a'), 8 * minutes)).toEqual([1])
  expect(marks.place(said('a'), 13 * minutes)).toEqual([])
})

test('it remembers no more than so many beginnings, and the latest of them', () => {
  const marks = new Marks(5 * minutes)
  const one = (hash: number) => [{ hash, tokens: 10 }]
  for (let hash = 0; hash < 50_001; hash++) marks.place(one(hash), 0)
  expect(marks.place(one(50_000), 0)).toEqual([1])
  expect(marks.place(one(0), 0)).toEqual([])
})
