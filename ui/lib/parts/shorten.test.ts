import { expect, test } from 'vitest'
import { shorten } from './shorten.ts'

test('what is long loses its middle, what is short nothing', () => {
  expect(shorten('msg_AW-6aca3c-0000000017')).toBe('msg_A…c-0000000017')
  expect(shorten('msg_AW-6aca3c-0000000017')).toHaveLength(18)
  expect(shorten('msg_1')).toBe('msg_1')
  expect(shorten('x'.repeat(18))).toBe('x'.repeat(18))
})
