import { expect, test } from 'vitest'
import { didText, foundText, latelyText, linesOf } from './guardrails.ts'

test('what was found is said by kind and count', () => {
  expect(foundText({ email: 1, card: 2, customer_no: 3 })).toBe('1 e-mail address, 2 payment cards, 3 customer no')
})

test('what was done is said in the words of its kind', () => {
  expect(didText({ kind: 'pii', did: 'masked' })).toBe('Masked')
  expect(didText({ kind: 'schema', did: 'masked' })).toBe('Sent back once')
  expect(didText({ kind: 'tools', did: 'blocked' })).toBe('Blocked')
})

test('what one did lately is one line', () => {
  const none = { looked: 0, flagged: 0, masked: 0, blocked: 0, matches: 0 }
  expect(latelyText(none)).toBe('Nothing in 24 hours')
  expect(latelyText({ ...none, looked: 1 })).toBe('Nothing found in 1 request')
  expect(latelyText({ looked: 9, flagged: 1, masked: 2, blocked: 3, matches: 1 })).toBe(
    '1 match in 9 requests: 3 blocked, 2 masked, 1 flagged',
  )
})

test('a list is typed one to a line', () => {
  expect(linesOf(' a \n\n b c\n')).toEqual(['a', 'b c'])
})
