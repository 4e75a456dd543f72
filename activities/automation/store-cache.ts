import { sql } from 'kysely'
import { storable, type Tx } from '#activities/database.ts'
import type { Json } from '#schemas/automation/json.ts'

export type CacheKey = { tenant: string; automation: string; node: string; key: string }

/** What this step gave under the same key, while that still counts. */
export async function findCached(
  tx: Tx,
  { tenant, automation, node, key }: CacheKey,
): Promise<{ output: Json } | null> {
  const row = await tx
    .selectFrom('step_cache')
    .select('output')
    .where('tenant_id', '=', tenant)
    .where('automation_id', '=', automation)
    .where('node', '=', node)
    .where('key', '=', storable(key))
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst()
  return row === undefined ? null : { output: row.output }
}

export async function keepCached(
  tx: Tx,
  { tenant, automation, node, key }: CacheKey,
  made: { output: Json; run: string; forMs: number },
): Promise<void> {
  const kept = {
    output: JSON.stringify(storable(made.output)),
    made_by_run: made.run,
    expires_at: sql<Date>`now() + ${made.forMs} * interval '1 millisecond'`,
  }
  await tx
    .insertInto('step_cache')
    .values({ tenant_id: tenant, automation_id: automation, node, key: storable(key), ...kept })
    .onConflict((it) => it.columns(['tenant_id', 'automation_id', 'node', 'key']).doUpdateSet(kept))
    .execute()
}

/** Deletes what no longer counts, `limit` at the most; gives how many. */
export async function forgetCached(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from step_cache where ctid = any (array(
      select ctid from step_cache where expires_at < ${before} limit ${limit} for update skip locked))`.execute(tx)
  return Number(numAffectedRows)
}
