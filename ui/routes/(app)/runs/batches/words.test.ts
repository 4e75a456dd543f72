import { expect, test } from 'vitest'
import type { Batch, BatchBecame, BatchFilter } from '#schemas/runs-batches.ts'
import { aboutText, howText, leftOf, outcomeOf, searchText, sharesOf, titleOf } from './words.ts'

test.each([
  [0, 'less than a minute'],
  [55_000, 'about 1 minute'],
  [1_499_000, 'about 25 minutes'],
  [3_600_000, 'about 1 hour'],
  [7_260_000, 'about 2 hours 1 minute'],
  [300_000_000, 'about 3 days'],
])('%i ms are said as “%s”', (ms, said) => {
  expect(aboutText(ms)).toBe(said)
})

test.each<[BatchFilter, string]>([
  [{}, 'ended runs'],
  [{ state: 'failed' }, 'failed runs'],
  [{ state: 'failed', workflow: 'lead-response', text: 'dms' }, 'failed runs of lead-response with “dms”'],
  [{ state: 'failed', tests: 'only' }, 'failed test runs'],
  [{ tests: 'none' }, 'ended runs without tests'],
  [{ batch: 'bat_01jd2x7m4hf8q9v0w3k5n6p7rs' }, 'ended runs made by batch …k5n6p7rs'],
  [{ runs: ['run_1', 'run_2'] }, '2 runs picked one by one'],
])('the search %j is said as “%s”', (filter, said) => {
  expect(searchText('rerun', filter)).toBe(said)
})

test('a search in time names the moments, and open runs are those that are cancelled', () => {
  const said = searchText('cancel', { from: '2026-11-22T09:00:00.000Z', to: '2026-11-22T11:00:00.000Z' })
  expect(searchText('cancel', { state: 'paused' })).toBe('paused runs')
  expect(said).toMatch(/^open runs asked for from Nov 2\d, 2026, .+ until Nov 2\d, 2026, .+$/)
})

test('how and what a batch does is said in a sentence', () => {
  expect(howText({ from: 'failure', version: 'same', again: false })).toBe(
    'From the step that failed, each by the version it had',
  )
  expect(howText({ from: { node: 'send' }, version: 'abc', again: true, input: {} })).toBe(
    'From “send”, all by one earlier version, with another input, also those that had been run again',
  )
  expect(titleOf({ act: 'rerun', total: 1 })).toBe('Run 1 run again')
  expect(titleOf({ act: 'cancel', total: 3000 })).toBe('Cancel 3,000 runs')
})

test.each<[Partial<Batch>, Partial<BatchBecame>, string, string]>([
  [{ state: 'running' }, { failed: 3 }, 'Running', 'running'],
  [{}, { failed: 12 }, '12 failed', 'failed'],
  [{}, { failed: 2, open: 3, completed: 5 }, '2 failed, 3 still open', 'failed'],
  [{}, { open: 3 }, '3 still open', 'running'],
  [{ refused: 4 }, { completed: 8 }, '4 refused', 'retrying'],
  [{}, { completed: 12 }, 'All completed', 'completed'],
  [{ act: 'cancel' }, { cancelled: 12 }, 'All cancelled', 'completed'],
  [{ act: 'cancel' }, { open: 1, cancelled: 11 }, '1 still open', 'running'],
  [{ state: 'cancelled' }, { failed: 1 }, 'Stopped, 1 failed', 'cancelled'],
])('a batch %j of which runs became %j is “%s”', (about, became, word, tone) => {
  const batch = { act: 'rerun', state: 'completed', total: 12, done: 12, refused: 0, ...about } as Batch
  const none = { open: 0, completed: 0, failed: 0, cancelled: 0 }
  expect(outcomeOf(batch, { ...none, ...became })).toMatchObject({ word, tone })
})

test('the shares of a batch add up to its runs', () => {
  const batch = { act: 'rerun', state: 'cancelled', total: 10, done: 5, refused: 2 } as Batch
  const shares = sharesOf(batch, { open: 1, completed: 3, failed: 1, cancelled: 0, refusals: [] })
  expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(10)
  expect(shares.at(-1)).toMatchObject({ title: 'Left as they were', count: leftOf(batch) })
})
