import { expect, test } from 'vitest'
import { drawing } from '#test/bench/savings-measure.ts'
import { platt } from './platt.ts'
import { sigmoid } from './score.ts'

const random = drawing(2)
const x = Array.from({ length: 20_000 }, () => 2 * random() - 1)

test('the curve that drew what came true is found again', () => {
  const came = x.map((one) => random() < sigmoid(3 * one + 0.5))
  const { slope, offset } = platt(x, came)
  expect(slope).toBeCloseTo(3, 0)
  expect(offset).toBeCloseTo(0.5, 1)
})

test('where less came true of what was expected to be better, nothing is told but the mean', () => {
  const came = x.map((one) => random() < sigmoid(-3 * one))
  const { slope, offset } = platt(x, came)
  expect(slope).toBe(0)
  expect(sigmoid(offset)).toBeCloseTo(came.filter(Boolean).length / came.length, 2)
})

test('rows that all agree are not taken for certainty', () => {
  const { slope, offset } = platt([0.1, 0.2, 0.3], [true, true, true])
  expect(sigmoid(slope * 0.2 + offset)).toBeGreaterThan(0.7)
  expect(sigmoid(slope * 0.2 + offset)).toBeLessThan(0.9)
  expect(sigmoid(platt([], []).offset)).toBe(0.5)
})

test('rows that can be parted without a fault give a curve that has an end', () => {
  const { slope, offset } = platt([-1, -1, 1, 1], [false, false, true, true])
  expect(Number.isFinite(slope) && Number.isFinite(offset)).toBe(true)
  expect(sigmoid(slope + offset)).toBeGreaterThan(0.6)
})
