import { expect, test } from 'vitest'
import { panned, wholeView, zoomed } from './view.ts'
import { scrollTo, windowOf } from './window.ts'

test('zooming holds what is looked at, and never leaves the axis', () => {
  expect(zoomed(wholeView, 0.5, 0.5)).toEqual({ from: 0.25, to: 0.75 })
  expect(zoomed(wholeView, 0.5, 0)).toEqual({ from: 0, to: 0.5 })
  expect(zoomed({ from: 0.25, to: 0.75 }, 4, 0.3)).toEqual(wholeView)
  const deepest = Array.from({ length: 50 }).reduce<typeof wholeView>((view) => zoomed(view, 0.5, 1), wholeView)
  expect(deepest.to - deepest.from).toBeCloseTo(1 / 4096, 9)
})

test('panning stops at the ends', () => {
  expect(panned({ from: 0.5, to: 0.75 }, 0.5)).toEqual({ from: 0.625, to: 0.875 })
  expect(panned({ from: 0.5, to: 0.75 }, 9)).toEqual({ from: 0.75, to: 1 })
  expect(panned(wholeView, -1)).toEqual(wholeView)
})

test('of eight thousand rows only those in sight and a few more are drawn', () => {
  expect(windowOf(8000, 30, 0, 480)).toEqual({ from: 0, to: 24 })
  expect(windowOf(8000, 30, 120_000, 480)).toEqual({ from: 3992, to: 4024 })
  expect(windowOf(8000, 30, 239_520, 480).to).toBe(8000)
  expect(windowOf(3, 30, 9999, 480)).toEqual({ from: 3, to: 3 })
})

test('a row is brought into sight by the shortest way', () => {
  expect(scrollTo(2, 30, 0, 300)).toBe(0)
  expect(scrollTo(20, 30, 0, 300)).toBe(330)
  expect(scrollTo(1, 30, 300, 300)).toBe(30)
})
