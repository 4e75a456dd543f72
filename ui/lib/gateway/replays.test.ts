import { expect, test } from 'vitest'
import { estimateOf, whyNot, wordsIn } from './replays.ts'

const until = '2026-11-23T00:00:00.000Z'
test.each([
  [{ operation: 'chat', bodies: { state: 'kept' as const, until } }, null],
  [{ operation: 'chat', bodies: null }, /not recorded/],
  [{ operation: 'chat', bodies: { state: 'missing' as const, until } }, /not written down yet/],
  [{ operation: 'chat', bodies: { state: 'over' as const, until } }, /kept for its days/],
  [{ operation: 'chat', bodies: { state: 'deleted' as const, until } }, /was deleted/],
  [{ operation: 'transcriptions', bodies: { state: 'kept' as const, until } }, /as a form/],
])('%j: %s', (request, why) => {
  if (why === null) expect(whyNot(request)).toBeNull()
  else expect(whyNot(request)).toMatch(why)
})

test('an estimate is as many tokens at the price of who is asked first', () => {
  const tokens = { input: 1000, cached: 500, cacheWrite: 0, output: 100, reasoning: 0 }
  const target = { provider: 'gpt', kind: 'openai' as const, model: 'gpt-5', capabilities: null, context: null }
  const at = (price: { input: number; output: number } | null) => ({ targets: [{ ...target, price }] })
  expect(estimateOf({ tokens }, at({ input: 2, output: 10 }))).toBeCloseTo(0.003, 6)
  expect(estimateOf({ tokens }, at(null))).toBeNull()
  expect(estimateOf({ tokens: null }, at({ input: 2, output: 10 }))).toBeNull()
  expect(estimateOf({ tokens }, undefined)).toBeNull()
})

test('what an answer said are its words and the tools it called, and else all of it', () => {
  const parts = [
    { kind: 'thought' as const, text: 'Hm.' },
    { kind: 'text' as const, text: 'Two.' },
    { kind: 'call' as const, id: 'c', name: 'look', arguments: '{}' },
  ]
  expect(wordsIn({ turns: [{ by: 'assistant', parts }], text: '{}' })).toBe('Two.\nlook({})')
  expect(wordsIn({ turns: null, text: '{"data":[]}' })).toBe('{"data":[]}')
})
