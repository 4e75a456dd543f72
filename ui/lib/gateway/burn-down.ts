import type { Course } from '#schemas/gateway/budgets.ts'

/** Times in ms since 1970; `left` in the unit of the budget. */
type Point = { at: number; left: number }
export type BurnDown = {
  from: number
  to: number
  points: Point[]
  /** On a straight line at the pace of the window so far; null where nothing was spent. */
  forecast: { to: Point; usedUpAt: number | null } | null
}

const day = 86_400_000

/** What was left of a limit over its window, and how it goes on if it goes on like that. */
export function burnDownOf({ beganAt, anewAt, points }: Course, limit: number, now: number): BurnDown {
  const from = Date.parse(beganAt)
  // what never begins anew is shown as far ahead as it is old
  const to = anewAt === null ? Math.max(now + day, now + (now - from)) : Date.parse(anewAt)
  const spent = points.at(-1)?.spent ?? 0
  const course = [
    { at: from, left: limit },
    ...points.map((point) => ({ at: Math.max(from, Date.parse(point.at)), left: Math.max(0, limit - point.spent) })),
    { at: now, left: Math.max(0, limit - spent) },
  ]
  const pace = spent / Math.max(1, now - from)
  if (pace === 0 || spent >= limit) return { from, to, points: course, forecast: null }
  const usedUpAt = now + (limit - spent) / pace
  const within = usedUpAt < to
  const end = within ? { at: usedUpAt, left: 0 } : { at: to, left: limit - spent - pace * (to - now) }
  return { from, to, points: course, forecast: { to: end, usedUpAt: within ? usedUpAt : null } }
}
