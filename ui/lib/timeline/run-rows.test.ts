import { expect, test } from 'vitest'
import type { Run, Step } from '#schemas/runs.ts'
import { byScheduled, seenRun, type RunRow } from './run-rows.ts'

const run = { id: 'run_1', state: 'running' } as Run
const step = (id: string, state: Step['state'] = 'running') =>
  ({ id, state, scheduledAt: '2026-11-21T10:00:00.000Z', events: [Number(id)] }) as Step

test('what the line brings is laid over what was asked for', () => {
  const rows = [
    { row: 'run', ...run, state: 'waiting' },
    { row: 'step', ...step('2', 'completed') },
    { row: 'step', ...step('3') },
    { row: 'rerun', ...run, id: 'run_3' },
  ] as RunRow[]
  const seen = seenRun({ run, steps: [step('1'), step('2')], reruns: [{ ...run, id: 'run_2' }] }, rows)
  expect(seen.run.state).toBe('waiting')
  expect(seen.steps.map(({ id, state }) => `${id} ${state}`)).toEqual(['1 running', '2 completed', '3 running'])
  expect(seen.reruns.map(({ id }) => id)).toEqual(['run_3', 'run_2'])
})

test('the run stands first, steps of one moment in the order of their events', () => {
  const rows = [
    { row: 'step', ...step('9') },
    { row: 'step', ...step('2') },
    { row: 'run', ...run },
  ] as RunRow[]
  expect(rows.sort(byScheduled).map((row) => row.id)).toEqual(['run_1', '2', '9'])
})
