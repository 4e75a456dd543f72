import { append } from '#activities/audit/store.ts'
import type { Db, Tx } from '#activities/database.ts'
import { leversChanged, usualLevers, type Levers, type LeverSettings } from '#schemas/gateway/levers.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>
type Given = { [K in keyof LeverSettings]?: LeverSettings[K] | undefined }

const rowOf = (tx: Db, { tenant }: Tenant) =>
  tx.selectFrom('gateway_levers').select(['marks', 'trims', 'changed_at']).where('tenant_id', '=', tenant)

type Row = Awaited<ReturnType<ReturnType<typeof rowOf>['executeTakeFirstOrThrow']>>

const toSettings = (row: Row | undefined): LeverSettings =>
  row === undefined ? usualLevers : { marks: row.marks, trims: row.trims }

/** What a tenant has turned on, as requests need to know it. */
export const readLevers = async (system: Db, tenant: string): Promise<LeverSettings> =>
  toSettings(await rowOf(system, { tenant }).executeTakeFirst())

export async function findLevers(tx: Tx, ctx: Tenant): Promise<Levers> {
  const row = await rowOf(tx, ctx).executeTakeFirst()
  return { ...toSettings(row), changedAt: row?.changed_at.toISOString() ?? null }
}

/** Changes what is given of it. */
export async function changeLevers(tx: Tx, ctx: Context, given: Given): Promise<Levers> {
  await tx
    .insertInto('gateway_levers')
    .values({ tenant_id: ctx.tenant })
    .onConflict((on) => on.column('tenant_id').doNothing())
    .execute()
  const before = toSettings(await rowOf(tx, ctx).forUpdate().executeTakeFirst())
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const now: LeverSettings = { ...before, ...said }
  await tx
    .updateTable('gateway_levers')
    .set({ ...now, changed_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .execute()
  await append(tx, ctx, [leversChanged(sisterId('levers', ctx.tenant), now)])
  return findLevers(tx, ctx)
}
