import { withTenant } from '#activities/database.ts'
import { changeLevers } from '#activities/gateway/store-levers.ts'
import type { LeverSettings } from '#schemas/gateway/levers.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { TestGateway } from './gateway.ts'
import { until } from './until.ts'

/** Turns levers of a tenant on or off, and waits until its gateway has heard of it. */
export async function setLevers(gateway: TestGateway, ctx: Context, given: Partial<LeverSettings>): Promise<void> {
  await withTenant(gateway.database.db, ctx, (tx) => changeLevers(tx, ctx, given))
  await until('the levers are as they were set', async () => {
    const { levers } = await gateway.relaying.relay.knowledge.models(ctx.tenant)
    return Object.entries(given).every(([name, value]) => levers[name as keyof LeverSettings] === value)
  })
}
