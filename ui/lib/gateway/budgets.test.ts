import { expect, test } from 'vitest'
import type { Budget, Subject } from '#schemas/gateway/budgets.ts'
import { amountText, limitText, subjectText, tightestOf } from './budgets.ts'

const budget = (id: string, subject: Subject, spent: number): Budget => ({
  id,
  name: id,
  subject,
  unit: 'usd',
  zone: 'UTC',
  windows: [{ per: 'day', limit: 10, spent, leased: 0, left: 10 - spent, beganAt: null, anewAt: null }],
  createdAt: '',
  changedAt: '',
})
const key = { id: 'vky_1', tags: { store: 'north' } }

test('the budget that is nearest to its end is told of a key, of all that hold it', () => {
  const all = [
    budget('wide', { kind: 'tenant' }, 2),
    budget('store', { kind: 'tag', tag: 'store', value: 'north' }, 7),
    budget('other', { kind: 'key', key: 'vky_2' }, 9),
  ]
  expect(tightestOf(all, key)?.budget.id).toBe('store')
  expect(tightestOf([], key)).toBeUndefined()
})

test('amounts and subjects are said as people say them', () => {
  expect([amountText('usd', 12.5), amountText('tokens', 1), amountText('requests', 60)]).toEqual([
    '$12.50',
    '1 token',
    '60 requests',
  ])
  expect(limitText('requests', { per: 'at_once', limit: 5 })).toBe('5 requests at once')
  const nobody = { key: () => undefined, user: () => undefined }
  expect(subjectText({ kind: 'key', key: 'vky_0123456789' }, nobody)).toBe('key …23456789')
})
