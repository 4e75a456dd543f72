import { expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import { byLastDecided, bySoonestDue, inkOfDue } from './order.ts'

const due = Date.parse('2026-11-21T12:00:00.000Z')
const approval = (id: string, more: Partial<Approval> = {}) =>
  ({
    id,
    dueAt: new Date(due).toISOString(),
    decidedAt: null,
    openedAt: '2026-11-21T10:00:00.000Z',
    ...more,
  }) as Approval
const idsOf = (list: Approval[]) => list.map(({ id }) => id)

test('the soonest due is first, and those due together keep their places', () => {
  const late = approval('a', { dueAt: '2026-11-21T13:00:00.000Z' })
  expect(idsOf([late, approval('c'), approval('b')].toSorted(bySoonestDue))).toEqual(['b', 'c', 'a'])
  expect(idsOf([approval('b'), late, approval('c')].toSorted(bySoonestDue))).toEqual(['b', 'c', 'a'])
})

test('the last decided is first; one that was withdrawn undecided goes by when it was opened', () => {
  const decided = (id: string, decidedAt: string) => approval(id, { decidedAt })
  const list = [approval('opened'), decided('early', '2026-11-21T09:00:00Z'), decided('late', '2026-11-21T11:00:00Z')]
  expect(idsOf(list.toSorted(byLastDecided))).toEqual(['late', 'opened', 'early'])
})

test.each([
  [-16 * 60_000, 'text-ink-faint'],
  [-14 * 60_000, 'text-waiting'],
  [1, 'text-failed'],
])('%d ms after it was due it is %s', (after, ink) => {
  expect(inkOfDue(approval('a'), due + after)).toBe(ink)
})
