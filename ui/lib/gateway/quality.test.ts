import { expect, test } from 'vitest'
import { betweenText, cameOf, isCheapFirst, leastShown } from './quality.ts'

test('what came of a sample is one word for each way it can end', () => {
  const of = (
    state: 'judged' | 'waiting' | 'unread' | 'failed' | 'skipped',
    verdict: 'win' | 'tie' | 'loss' | null = null,
    flipped = false,
  ) => cameOf({ state, verdict, flipped }).text
  const all = [of('judged', 'win'), of('judged', 'tie'), of('judged', 'tie', true), of('judged', 'loss')]
  all.push(of('waiting'), of('unread'), of('failed'), of('skipped'))
  expect(new Set(all).size).toBe(all.length)
})

test('an interval is said by its ends, and the scale begins below all that is drawn', () => {
  const kept = { value: 0.9, low: 0.84, high: 0.94 }
  expect(betweenText(kept)).toBe('84 % to 94 %')
  expect(leastShown([{ day: '2026-11-23', n: 9, kept, byChance: null }], 0.98)).toBe(0.8)
  expect(leastShown([{ day: '2026-11-23', n: 9, kept, byChance: { value: 0.02, low: 0, high: 0.1 } }], 0.98)).toBe(0)
  expect(leastShown([], 0.98)).toBe(0.9)
})

test('either answer may be shown first', () => {
  const ids = Array.from({ length: 32 }, (_, n) => `mrq_${n.toString(32)}`)
  expect(new Set(ids.map(isCheapFirst)).size).toBe(2)
})
