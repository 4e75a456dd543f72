import { expect, test } from 'vitest'
import { counted } from './count.ts'

test.each([
  [0, '0 steps'],
  [1, '1 step'],
  [3000, '3,000 steps'],
])('%i steps are said as “%s”', (count, said) => {
  expect(counted(count, 'step')).toBe(said)
})

test('what makes its plural otherwise says how', () => {
  expect([1, 2].map((count) => counted(count, 'try', 'tries'))).toEqual(['1 try', '2 tries'])
})
