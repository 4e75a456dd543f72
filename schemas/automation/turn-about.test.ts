import { expect, test } from 'vitest'
import type { Json } from './json.ts'
import { aboutItem } from './turn-about.ts'

test.each<[Json, string | null]>([
  [{ vin: 'V1', title: '2021 Honda CR-V', id: '7' }, '2021 Honda CR-V'],
  [{ id: '7', name: ' Maria\nAlvarez ' }, 'Maria Alvarez'],
  [{ vin: 'VIN1', price: 3 }, 'VIN1'],
  [{ id: 12 }, '12'],
  [{ title: null, name: '', stock: 'N7' }, 'N7'],
  ['Proof of income', 'Proof of income'],
  [5, '5'],
  [{ price: 3, owner: { name: 'Maria' } }, null],
  [null, null],
  [true, null],
  [['a'], null],
  ['x'.repeat(50), `${'x'.repeat(39)}…`],
])('of %j a turn says %j', (item, said) => {
  expect(aboutItem(item)).toBe(said)
})
