import type { Approval } from '#schemas/approvals.ts'

/** The soonest due first; those of one moment by id, so that the order never flickers. */
export const bySoonestDue = (a: Approval, b: Approval): number =>
  Date.parse(a.dueAt) - Date.parse(b.dueAt) || (a.id < b.id ? -1 : 1)

export const byLastDecided = (a: Approval, b: Approval): number =>
  Date.parse(b.decidedAt ?? b.openedAt) - Date.parse(a.decidedAt ?? a.openedAt)

/** The ink of how pressing it is. `now` in ms since 1970. */
export const inkOfDue = (approval: Approval, now: number): string => {
  const left = Date.parse(approval.dueAt) - now
  if (left < 0) return 'text-failed'
  return left < 15 * 60_000 ? 'text-waiting' : 'text-ink-faint'
}
