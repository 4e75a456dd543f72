import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'

const WINDOW = 10_000
const DAILY = 650_000

/**
 * The private-app limit: a rolling window of ten seconds and a daily allowance, told in the vendor's headers.
 * @param limit requests per ten seconds, asked anew for each request
 */
export const rateLimited = (limit: () => number): MiddlewareHandler => {
  let recent: number[] = []
  let today = { day: '', used: 0 }
  return async (c, next) => {
    const now = Date.now()
    const day = new Date(now).toISOString().slice(0, 10)
    if (today.day !== day) today = { day, used: 0 }
    recent = recent.filter((at) => at > now - WINDOW)
    const max = limit()
    const allowed = recent.length < max
    if (allowed) {
      recent.push(now)
      today.used += 1
      await next()
    } else {
      const message = 'You have reached your ten_secondly_rolling limit.'
      const names = { errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING', category: 'RATE_LIMITS' }
      c.res = c.json({ status: 'error', message, correlationId: randomUUID(), ...names }, 429)
    }
    const told = {
      Daily: DAILY,
      'Daily-Remaining': DAILY - today.used,
      'Interval-Milliseconds': WINDOW,
      Max: max,
      Remaining: max - recent.length,
      Secondly: Math.ceil(max / 10),
      'Secondly-Remaining': Math.max(0, Math.ceil(max / 10) - recent.filter((at) => at > now - 1000).length),
    }
    for (const [name, value] of Object.entries(told)) c.res.headers.set(`X-HubSpot-RateLimit-${name}`, String(value))
  }
}
