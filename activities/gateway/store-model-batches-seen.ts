import { sql } from 'kysely'
import { person } from '#activities/automation/store-draft.ts'
import { storable, type Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import type { ModelBatch } from '#schemas/gateway/batches.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ModelBatchRow } from './store-model-batches.ts'

type Tenant = Pick<Context, 'tenant'>

const seen = (tx: Tx, { tenant }: Tenant) =>
  tx
    .selectFrom('gateway_batch as b')
    .leftJoin('gateway_key as k', (join) =>
      join.onRef('k.id', '=', 'b.key_id').onRef('k.tenant_id', '=', 'b.tenant_id'),
    )
    .selectAll('b')
    .select('k.name as key_name')
    .where('b.tenant_id', '=', tenant)

type SeenRow = ModelBatchRow & { key_name: string | null }

const toModelBatch = (row: SeenRow): ModelBatch => ({
  id: row.id,
  name: row.name,
  wire: row.wire,
  endpoint: row.endpoint,
  key: row.key_id === null ? null : { id: row.key_id, name: row.key_name ?? row.key_id },
  by: person(row.asked_by, row.asked_by_name),
  state: row.state,
  total: row.total,
  succeeded: row.succeeded,
  errored: row.errored,
  canceled: row.canceled,
  expired: row.expired,
  problems: row.problems ?? [],
  createdAt: row.created_at.toISOString(),
  closedAt: row.closed_at?.toISOString() ?? null,
  expiresAt: row.expires_at.toISOString(),
})

/** A page of batches of either wire, newest first. */
export async function listModelBatches(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<ModelBatch>> {
  let query = seen(tx, ctx)
  if (page.cursor !== undefined) query = query.where('b.id', '<', storable(page.cursor))
  const { rows, next } = await pageOfRows(query.orderBy('b.id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toModelBatch), next }
}

export async function seeModelBatch(tx: Tx, ctx: Tenant, id: string): Promise<ModelBatch> {
  const row = await seen(tx, ctx).where('b.id', '=', storable(id)).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toModelBatch(row)
}

/** What the requests of a batch have cost so far, in US dollars; how many have no price, and how often a process died with one. */
export async function costOf(
  tx: Tx,
  { tenant }: Tenant,
  id: string,
): Promise<{ cost: number; unpriced: number; lost: number }> {
  const { nano, unpriced, lost } = await tx
    .selectFrom('gateway_request')
    .select([
      sql<string>`coalesce(sum(cost_nano), 0)`.as('nano'),
      sql<string>`count(*) filter (where outcome = 'ok' and cost_nano is null)`.as('unpriced'),
      sql<string>`count(*) filter (where outcome = 'lost')`.as('lost'),
    ])
    .where('tenant_id', '=', tenant)
    .where('batch_id', '=', id)
    .executeTakeFirstOrThrow()
  return { cost: Number(nano) / 1e9, unpriced: Number(unpriced), lost: Number(lost) }
}

/** The newest batches, or with `since` those of them that have changed from that cursor on. */
export async function readModelBatches(tx: Tx, ctx: Tenant, since: string | null): Promise<LiveRow[]> {
  const rows = await seen(tx, ctx)
    .orderBy('b.id', 'desc')
    .limit(since === null ? 100 : 500)
    .$if(since !== null, (query) => query.where(sql<boolean>`b.changed >= ${since}::text::xid8`))
    .execute()
  return rows.map(toModelBatch)
}
