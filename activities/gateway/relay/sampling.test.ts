import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newId } from '#schemas/ids.ts'
import { isSampled } from './sampling.ts'

const ids = Array.from({ length: 20_000 }, () => newId('modelRequest'))
const share = fc.double({ min: 0, max: 1, noNaN: true })

test('who is sampled at a share is sampled at any greater one', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ids), share, share, (id, a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)]
      if (isSampled(id, less)) expect(isSampled(id, more)).toBe(true)
    }),
  )
})

test('of none nobody is sampled, and of all everybody', () => {
  expect(ids.some((id) => isSampled(id, 0))).toBe(false)
  expect(ids.every((id) => isSampled(id, 1))).toBe(true)
})

test.each([0.01, 0.1, 0.5])('about %d of ids that are drawn are sampled', (of) => {
  const found = ids.filter((id) => isSampled(id, of)).length
  // eight times what they scatter by
  expect(Math.abs(found - of * ids.length)).toBeLessThan(8 * Math.sqrt(ids.length * of * (1 - of)))
})
