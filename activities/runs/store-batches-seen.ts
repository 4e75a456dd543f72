import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Batch, BatchItem, BatchProgress, batchEnds } from '#schemas/runs-batches.ts'
import { closedStates, runAllows } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findBatch, toBatch, type BatchRow } from './store-batches.ts'

/** What became of runs of a batch. */
type Became = (typeof batchEnds)[number] | 'refused'

/** How many rows a viewer of a batch begins with. */
const newest = 100

const changedSince = (column: string, since: string) => sql<boolean>`${sql.ref(column)} >= ${since}::text::xid8`

export async function listBatches(tx: Tx, ctx: Context, { cursor, limit }: PageAsked): Promise<Page<Batch>> {
  let query = tx.selectFrom('run_batch').selectAll().where('tenant_id', '=', ctx.tenant)
  if (cursor !== undefined) query = query.where('id', '<', cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), limit, (row) => row.id)
  return { items: rows.map(toBatch), next }
}

/** How the runs of a batch stand that were not refused, and why the others were. */
export async function progressOf(tx: Tx, batch: BatchRow): Promise<BatchProgress> {
  const taken = tx.selectFrom('run_batch_item').where('batch_id', '=', batch.id)
  const runs = tx.selectFrom('run').where('tenant_id', '=', batch.tenant_id)
  const theirs =
    batch.act === 'rerun'
      ? runs.where('batch_id', '=', batch.id)
      : runs.where('id', 'in', taken.select('run_id').where('refused', 'is', null))
  const states = await theirs
    .select((e) => ['state', e.fn.countAll<string>().as('runs')])
    .groupBy('state')
    .execute()
  const count = (...which: readonly string[]) =>
    states.reduce((sum, { state, runs: n }) => sum + (which.includes(state) ? Number(n) : 0), 0)
  const refusals = await taken
    .select((e) => [e.fn.coalesce('refused', sql<string>`''`).as('reason'), e.fn.countAll<string>().as('runs')])
    .where('refused', 'is not', null)
    .groupBy('refused')
    .orderBy('runs', 'desc')
    .limit(20)
    .execute()
  return {
    open: count(...runAllows.cancel),
    completed: count('completed'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    refusals: refusals.map(({ reason, runs: n }) => ({ reason, runs: Number(n) })),
  }
}

/** The items of a batch, the one that it took last first, each with how its run stands. */
const itemsOf = (tx: Tx, batch: BatchRow) =>
  tx
    .selectFrom('run_batch_item as item')
    .leftJoin('run as old', 'old.id', 'item.run_id')
    .leftJoin('run as now', 'now.id', batch.act === 'rerun' ? 'item.new_run' : 'item.run_id')
    .select(['item.run_id', 'item.new_run', 'item.refused', 'old.title', 'now.state'])
    .where('item.tenant_id', '=', batch.tenant_id)
    .where('item.batch_id', '=', batch.id)
    .orderBy('item.run_id', 'desc')

type ItemRow = Awaited<ReturnType<ReturnType<typeof itemsOf>['execute']>>[number]

const toItem = (row: ItemRow): BatchItem => ({
  run: row.run_id,
  title: row.title,
  newRun: row.new_run,
  state: row.refused === null ? row.state : null,
  refused: row.refused,
})

export async function listItems(
  tx: Tx,
  batch: BatchRow,
  { cursor, limit, only }: PageAsked & { only?: Became | undefined },
): Promise<Page<BatchItem>> {
  let query = itemsOf(tx, batch)
  if (cursor !== undefined) query = query.where('item.run_id', '<', cursor)
  if (only === 'refused') query = query.where('item.refused', 'is not', null)
  else if (only !== undefined) {
    const states = only === 'open' ? runAllows.cancel : closedStates.filter((state) => state === only)
    query = query.where('item.refused', 'is', null).where('now.state', 'in', states)
  }
  const { rows, next } = await pageOfRows(query, limit, (row) => row.run_id)
  return { items: rows.map(toItem), next }
}

/** The newest batches, or with `since` those that have changed from that cursor on. */
export async function readBatches(tx: Tx, ctx: Context, since: string | null): Promise<LiveRow[]> {
  let query = tx.selectFrom('run_batch').selectAll().where('tenant_id', '=', ctx.tenant)
  query = since === null ? query.limit(newest) : query.where(changedSince('changed', since))
  return (await query.orderBy('id', 'desc').execute()).map(toBatch)
}

/** The batch itself, always, and its items; rows say which they are. */
export const readBatch =
  (id: string) =>
  async (tx: Tx, ctx: Context, since: string | null): Promise<LiveRow[]> => {
    const batch = await findBatch(tx, ctx, id)
    const items =
      since === null ? await itemsOf(tx, batch).limit(newest).execute() : await changedItems(tx, batch, since)
    return [
      { ...toBatch(batch), progress: await progressOf(tx, batch), row: 'batch' },
      ...items.map(toItem).map((item) => ({ ...item, id: item.run, row: 'item' })),
    ]
  }

/** Those taken since, and those of which the run has moved. */
function changedItems(tx: Tx, batch: BatchRow, since: string): Promise<ItemRow[]> {
  const taken = tx.selectFrom('run_batch_item').select('run_id').where('batch_id', '=', batch.id)
  const runs = tx.selectFrom('run').where('tenant_id', '=', batch.tenant_id).where(changedSince('changed', since))
  const moved =
    batch.act === 'rerun'
      ? runs.where('batch_id', '=', batch.id).select((run) => run.ref('rerun_of').$notNull().as('run_id'))
      : runs.where('id', 'in', taken).select('id as run_id')
  return itemsOf(tx, batch)
    .where('item.run_id', 'in', taken.where(changedSince('changed', since)).union(moved))
    .execute()
}
