import { expect, test } from 'vitest'
import type { Run } from '#schemas/runs.ts'
import {
  askedOf,
  findsEnded,
  findsOpen,
  noFilter as none,
  passes,
  readFilter,
  writeFilter,
  type RunFilter,
} from './filter.ts'

const now = Date.parse('2026-11-21T12:00:00.000Z')
const run = {
  id: 'run_01',
  workflow: 'lead',
  title: 'Dana Whitfield · 2024 Subaru Outback',
  state: 'waiting',
  outcome: null,
  paused: true,
  stuck: null,
  test: false,
  batch: 'bat_1',
  requestedAt: '2026-11-21T11:30:00.000Z',
} as Run

test('an address keeps the whole filter, and what it does not know is left out', () => {
  const filter: RunFilter = {
    state: 'failed',
    workflow: 'lead',
    text: 'a & b',
    range: 'day',
    batch: 'bat_1',
    tests: 'none',
  }
  expect(readFilter(new URLSearchParams(writeFilter(filter)))).toEqual(filter)
  expect(writeFilter(none)).toBe('')
  expect(readFilter(new URLSearchParams('state=odd&range=toString&tests=constructor'))).toEqual(none)
})

test('the API is asked for what is set', () => {
  expect(askedOf(none, now)).toEqual({})
  expect(askedOf({ ...none, state: 'failed', range: 'hour' }, now)).toEqual({
    state: 'failed',
    from: '2026-11-21T11:00:00.000Z',
  })
})

test.each<[Partial<RunFilter>, boolean]>([
  [{}, true],
  [{ text: 'subaru dana' }, true],
  [{ text: 'SUBARU ford' }, false],
  [{ state: 'waiting' }, true],
  [{ state: 'failed' }, false],
  [{ state: 'paused' }, true],
  [{ state: 'stuck' }, false],
  [{ workflow: 'other' }, false],
  [{ range: 'hour' }, true],
  [{ batch: 'bat_1' }, true],
  [{ tests: 'none' }, true],
  [{ tests: 'only' }, false],
  [{ batch: 'bat_2' }, false],
])('a live run and the filter %j: %s', (change, fits) => {
  expect(passes(run, { ...none, ...change }, now)).toBe(fits)
})

test('a search for what is held back or stuck finds open runs alone', () => {
  for (const state of ['paused', 'stuck'] as const)
    expect([findsOpen({ ...none, state }), findsEnded({ ...none, state })]).toEqual([true, false])
})

test('a run leaves a list of the last hour when the hour is over', () => {
  expect(passes(run, { ...none, range: 'hour' }, now + 3_600_000)).toBe(false)
})
