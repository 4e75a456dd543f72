import { expect, test } from 'vitest'
import { waterfall } from './waterfall.ts'

const one = { provider: 'one', model: 'gpt-5-mini', at: 0, ms: 250, failure: 'overloaded' }
const two = { provider: 'two', model: 'gpt-5-mini', at: 250, ms: 750 }
const request = {
  attempts: [one, two],
  steps: [],
  totalMs: 1000,
  firstByteMs: 500,
  overheadMs: 4,
  outcome: 'ok' as const,
}

test('attempts stand under one another, the one that answered parted at its first byte', () => {
  expect(waterfall(request)).toEqual({
    lines: [
      {
        title: 'one/gpt-5-mini',
        about: 'The provider is overloaded',
        failed: true,
        at: 0,
        ms: 250,
        stretches: [{ what: 'failed', left: 0, width: 25, from: 0, until: 250 }],
      },
      {
        title: 'two/gpt-5-mini',
        about: 'answered',
        failed: false,
        at: 250,
        ms: 750,
        stretches: [
          { what: 'waiting', left: 25, width: 25, from: 250, until: 500 },
          { what: 'answering', left: 50, width: 50, from: 500, until: 1000 },
        ],
      },
    ],
    wholeMs: 1000,
    overheadMs: 4,
  })
})

test('what came before is counted from the arrival, and everything stands in the order in which it began', () => {
  const steps = [
    { step: 'read' as const, at: -200, ms: 100 },
    { step: 'rules' as const, at: -100, ms: 50 },
    { step: 'budget' as const, at: 200, ms: 50 },
  ]
  const { lines, wholeMs } = waterfall({ ...request, attempts: [{ ...two, connectMs: 50 }], steps, totalMs: 800 })
  expect(wholeMs).toBe(1000)
  expect(lines.map(({ title, at, ms }) => [title, at, ms])).toEqual([
    ['Read', 0, 100],
    ['Steering', 100, 50],
    ['Budget', 400, 50],
    ['two/gpt-5-mini', 450, 750],
  ])
  expect(lines[3]?.stretches.map(({ what, from, until }) => [what, from, until])).toEqual([
    ['connecting', 450, 500],
    ['waiting', 500, 700],
    ['answering', 700, 1200],
  ])
})

test('an attempt that was refused shows when the refusal came', () => {
  const { lines } = waterfall({ ...request, attempts: [{ ...one, firstByteMs: 200 }] })
  expect(lines[0]?.stretches.map(({ what, until }) => [what, until])).toEqual([
    ['waiting', 200],
    ['failed', 250],
  ])
})

test('an answer that broke off says so on its bar', () => {
  const [line] = waterfall({ ...request, attempts: [{ ...two, at: 0 }], firstByteMs: 100, outcome: 'cut' }).lines
  expect(line).toMatchObject({ about: 'The answer broke off', failed: true })
  expect(line?.stretches[1]).toMatchObject({ what: 'failed', left: 10, width: 65 })
})

test('bars stay within the whole, however the clocks were read', () => {
  const [line] = waterfall({ ...request, attempts: [{ ...two, at: 400, ms: 900 }], firstByteMs: 1100 }).lines
  for (const { left, width } of line?.stretches ?? []) expect(left + width).toBeLessThanOrEqual(100)
})

test('a request that was refused at once has no lines', () => {
  const refused = { attempts: [], steps: [], totalMs: 0, firstByteMs: null, overheadMs: 0, outcome: 'refused' as const }
  expect(waterfall(refused)).toEqual({ lines: [], wholeMs: 0, overheadMs: 0 })
})
