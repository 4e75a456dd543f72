import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { runForgotten } from '#schemas/runs-events.ts'

/** What is known of a run besides its row, children before parents. */
const parts = [
  'arrival_delivery',
  'arrival_wait',
  'approval',
  'step_attempt',
  'step',
  'run_history',
  'run_payload',
  'run_set_aside',
  'gateway_answer',
  'run_request',
] as const

/** Has others forget runs that we are about to forget; where it fails, they are kept until the next time. */
export type Elsewhere = (runs: readonly string[]) => Promise<void>

/**
 * Forgets closed runs that are older than their automation keeps them, with the pages of their loops and the webhooks that
 * they came of; what they did stays in the event log. Gives how many.
 */
export async function forgetRuns(tx: Tx, now: Date, limit: number, elsewhere: Elsewhere): Promise<number> {
  const { rows: doomed } = await sql<{ id: string; tenant: string }>`
    with recursive old as (
      select id, tenant_id from run
      where retention_days is not null and closed_at < ${now}::timestamptz - retention_days * interval '1 day'
      order by closed_at limit ${limit} for update skip locked
    ), doomed as (
      select id, tenant_id from old
      union
      select r.id, r.tenant_id from run r join doomed on r.parent_run = doomed.id
      where r.role = 'page' and r.closed_at is not null
    )
    select id, tenant_id as tenant from doomed`.execute(tx)
  if (doomed.length === 0) return 0
  const ids = doomed.map(({ id }) => id)
  await elsewhere(ids)
  await sql`
    delete from inbox where receipt_id in (select id from receipt where run_id = any(${ids}::text[]))`.execute(tx)
  await sql`update receipt set run_id = null where run_id = any(${ids}::text[])`.execute(tx)
  for (const table of parts) await sql`delete from ${sql.table(table)} where run_id = any(${ids}::text[])`.execute(tx)
  await sql`delete from run where id = any(${ids}::text[])`.execute(tx)
  for (const [tenant, theirs] of Map.groupBy(doomed, (one) => one.tenant))
    await append(
      tx,
      { tenant, actor: { kind: 'system', id: 'projector' }, scopes: [] },
      theirs.map(({ id }) => runForgotten(id, {})),
    )
  return doomed.length
}
