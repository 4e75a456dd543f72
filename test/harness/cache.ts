import { withTenant } from '#activities/database.ts'
import { changeCache } from '#activities/gateway/store-cache.ts'
import type { CacheSettings } from '#schemas/gateway/cache.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { TestGateway } from './gateway.ts'
import { until } from './until.ts'

/** Sets the cache of a tenant, and waits until its gateway has heard of it. */
export async function setCache(gateway: TestGateway, ctx: Context, given: Partial<CacheSettings>): Promise<void> {
  const set = await withTenant(gateway.database.db, ctx, (tx) => changeCache(tx, ctx, given))
  await until('the cache is as it was set', async () => {
    const { cache } = await gateway.relaying.relay.knowledge.models(ctx.tenant)
    return Object.entries(given).every(([name, value]) => cache[name as keyof CacheSettings] === value) && set
  })
}
