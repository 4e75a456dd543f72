import { expect, test } from 'vitest'
import { isOne, readOnly } from './items.ts'

test('an address asks for what is known', () => {
  expect(readOnly('refused')).toBe('refused')
  expect([readOnly(null), readOnly('odd')]).toEqual([undefined, undefined])
})

test.each([
  [{ state: 'waiting', refused: null }, 'open', true],
  [{ state: 'completed', refused: null }, 'open', false],
  [{ state: 'failed', refused: null }, 'failed', true],
  [{ state: null, refused: 'It runs.' }, 'refused', true],
  [{ state: 'failed', refused: null }, 'refused', false],
  [{ state: null, refused: null }, 'open', false],
  [{ state: null, refused: null }, undefined, true],
] as const)('%j is among the %s: %s', (item, only, fits) => {
  expect(isOne(item, only)).toBe(fits)
})
