import { expect, test } from 'vitest'
import { describeRow, timesOf } from './describe.ts'
import type { TimelineStep } from './layout.ts'

const t0 = Date.parse('2026-11-21T12:00:00.000Z')
const iso = (ms: number): string => new Date(t0 + ms).toISOString()
const step = (more: Partial<TimelineStep>): TimelineStep => ({
  id: 'run_01:5',
  node: 'read',
  title: 'Read the lead',
  kind: 'activity',
  state: 'completed',
  scheduledAt: iso(0),
  startedAt: iso(40),
  closedAt: iso(160),
  attempts: [],
  ...more,
})
const said = (...steps: TimelineStep[]) => {
  const lane = { node: 'read', title: 'Read the lead', steps }
  const [only] = steps
  return describeRow(
    steps.length === 1 && only ? { type: 'step', lane, step: only } : { type: 'lane', lane, open: true },
    t0,
  )
}

test('queue time ends with the first attempt, run time with the step', () => {
  const attempts = [{ n: 1, startedAt: iso(30), endedAt: iso(90), outcome: 'failed' as const }]
  expect(timesOf(step({ attempts }), t0)).toEqual({ queued: 30, ran: 130 })
  expect(timesOf(step({ startedAt: null, closedAt: null }), t0 + 500)).toEqual({ queued: 500, ran: undefined })
})

test('a row is said in words: what it came to, how long it queued and ran', () => {
  expect(said(step({}))).toBe('Read the lead, completed, queued 40 ms, ran 120 ms')
})

test('a wait that was called off has ended early; work that was called off is cancelled', () => {
  const wait = step({ kind: 'timer', title: 'Wait for a person', state: 'cancelled' })
  expect(said(wait)).toMatch(/^Wait for a person, ended early/)
  expect(said(step({ state: 'cancelled' }))).toMatch(/^Read the lead, cancelled/)
  expect(said(step({}), wait)).toBe('Read the lead, 2 steps: 1 completed, 1 ended early')
})
