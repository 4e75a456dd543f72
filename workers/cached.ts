import { createHash } from 'node:crypto'
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker'
import { withTenant, type Databases } from '#activities/database.ts'
import type { CallScope, Cached } from '#schemas/automation/call.ts'
import type { Json } from '#schemas/automation/json.ts'
import { readStepKey } from '#temporal/names.ts'
import { findCached, keepCached, type CacheKey } from '#activities/automation/store-cache.ts'

/**
 * Gives what a step gave before under the same key, in place of doing it again, where its node says so. Tests neither
 * read nor write it.
 */
export const cachedSteps = (db: Databases): ActivityInboundCallsInterceptor => ({
  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const call = input.args[0] as (CallScope & { cache?: Cached }) | undefined
    if (call?.cache === undefined || call.test) return next(input)
    const { tenant, run, cache } = call
    const key: CacheKey = {
      tenant,
      automation: cache.automation,
      node: readStepKey(call.step).node,
      key: createHash('sha256').update(cache.key).digest('hex'),
    }
    const known = await withTenant(db, call, (tx) => findCached(tx, key))
    if (known !== null) return known.output
    const output = ((await next(input)) ?? null) as Json
    await withTenant(db, call, (tx) => keepCached(tx, key, { output, run, forMs: cache.forMs }))
    return output
  },
})
