import { expect, test } from 'vitest'
import { createSeal } from './seal.ts'

const first = Buffer.alloc(32, 1).toString('base64')
const second = Buffer.alloc(32, 2).toString('base64')

test('what was sealed opens, for its own row only', () => {
  const seal = createSeal([first])
  const box = seal.close('whsec_hush', 'sec_1')
  expect(seal.open(box, 'sec_1')).toBe('whsec_hush')
  expect(() => seal.open(box, 'sec_2')).toThrow()
  expect(box.toString('latin1')).not.toContain('hush')
})

test('the same secret never seals to the same box', () => {
  const seal = createSeal([first])
  expect(seal.close('a', 'x').equals(seal.close('a', 'x'))).toBe(false)
})

test('after a rotation old boxes open with the old key, and new ones are sealed with the new', () => {
  const box = createSeal([first]).close('a', 'x')
  const rotated = createSeal([second, first])
  expect(rotated.open(box, 'x')).toBe('a')
  expect(createSeal([second]).open(rotated.close('b', 'x'), 'x')).toBe('b')
  expect(() => createSeal([second]).open(box, 'x')).toThrow()
})

test('a box that was touched does not open', () => {
  const seal = createSeal([first])
  const box = seal.close('a', 'x')
  box[box.length - 1]! ^= 1
  expect(() => seal.open(box, 'x')).toThrow()
})
