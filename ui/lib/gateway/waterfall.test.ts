import { expect, test } from 'vitest'
import { waterfall } from './waterfall.ts'

const one = { provider: 'one', model: 'gpt-5-mini', at: 0, ms: 250, failure: 'overloaded' }
const two = { provider: 'two', model: 'gpt-5-mini', at: 250, ms: 750 }
const request = { attempts: [one, two], totalMs: 1000, firstByteMs: 500, overheadMs: 4, outcome: 'ok' as const }

test('attempts stand under one another, the one that answered parted at its first byte', () => {
  expect(waterfall(request)).toEqual({
    attempts: [
      { ...bar('one', 250), failure: 'overloaded', waiting: { left: 0, width: 25 }, answering: undefined },
      { ...bar('two', 750), waiting: { left: 25, width: 25 }, answering: { left: 50, width: 50 } },
    ],
    ours: { ms: 4, percent: 0.4 },
    firstByte: 50,
  })
})

test('an answer that broke off says so on its bar', () => {
  const cut = waterfall({ ...request, attempts: [{ ...two, at: 0 }], firstByteMs: 100, outcome: 'cut' })
  expect(cut.attempts[0]).toMatchObject({ failure: 'cut', answering: { left: 10, width: 65 } })
})

test('bars stay within the whole, however the clocks were read', () => {
  const late = waterfall({ ...request, attempts: [{ ...two, at: 400, ms: 900 }], firstByteMs: 1100 })
  const { waiting, answering } = late.attempts[0]!
  expect(waiting.left + waiting.width + (answering?.width ?? 0)).toBeLessThanOrEqual(100)
})

test('a request that was refused at once has no bars', () => {
  expect(waterfall({ attempts: [], totalMs: 0, firstByteMs: null, overheadMs: 0, outcome: 'refused' })).toEqual({
    attempts: [],
    ours: { ms: 0, percent: 0 },
    firstByte: undefined,
  })
})

function bar(provider: string, ms: number) {
  return { provider, model: 'gpt-5-mini', failure: undefined, ms }
}
