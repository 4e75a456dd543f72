import { expect, test } from 'vitest'
import type { ReceiptRow } from '#schemas/ingress.ts'
import { askedOf, passes, readFilter, writeFilter, type ReceiptFilter } from './filter.ts'

const none: ReceiptFilter = { status: '', source: '', text: '' }
const row = {
  id: 'rct_01',
  title: 'Dana Whitfield · 2024 Subaru Outback',
  status: 'running',
  source: 'website',
  webhookId: 'msg_4711',
} as ReceiptRow

test('an address keeps the whole filter, and what it does not know is left out', () => {
  const filter: ReceiptFilter = { status: 'failed', source: 'website', text: 'a & b' }
  expect(readFilter(new URLSearchParams(writeFilter(filter)))).toEqual(filter)
  expect(writeFilter(none)).toBe('')
  expect(readFilter(new URLSearchParams('status=toString'))).toEqual(none)
})

test('the API is asked for what is set', () => {
  expect(askedOf({ ...none, status: 'waiting' })).toEqual({ status: 'waiting' })
})

test.each<[Partial<ReceiptFilter>, boolean]>([
  [{}, true],
  [{ text: 'SUBARU dana' }, true],
  [{ text: 'msg_47' }, true],
  [{ text: 'subaru ford' }, false],
  [{ status: 'completed' }, false],
  [{ source: 'website' }, true],
  [{ source: 'partner' }, false],
])('a live receipt and the filter %j: %s', (change, fits) => {
  expect(passes(row, { ...none, ...change })).toBe(fits)
})
