import { sql, type ExpressionBuilder } from 'kysely'
import type { Database } from '#schemas/tables/index.ts'
import type { Tx } from '#activities/database.ts'
import { idCursor, pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Batch, BatchBecame, BatchItem, BatchProgress, SeenBatch, batchEnds } from '#schemas/runs-batches.ts'
import { closedStates, runAllows, type RunState } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findBatch, toBatch, type BatchRow } from './store-batches.ts'

/** What became of runs of a batch. */
type Became = (typeof batchEnds)[number] | 'refused'

/** How many rows a viewer of a batch begins with. */
const newest = 100

const changedSince = (column: string, since: string) => sql<boolean>`${sql.ref(column)} >= ${since}::text::xid8`

export async function listBatches(tx: Tx, ctx: Context, { cursor, limit }: PageAsked): Promise<Page<SeenBatch>> {
  let query = tx.selectFrom('run_batch').selectAll().where('tenant_id', '=', ctx.tenant)
  if (cursor !== undefined) query = query.where('id', '<', idCursor('batch', cursor))
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), limit, (row) => row.id)
  return { items: await withBecame(tx, rows), next }
}

const withBecame = async (tx: Tx, rows: readonly BatchRow[]): Promise<SeenBatch[]> => {
  const became = await becameOf(tx, rows)
  return rows.map((row) => ({ ...toBatch(row), became: became.get(row.id) ?? none }))
}

const none: BatchBecame = { open: 0, completed: 0, failed: 0, cancelled: 0 }

/** What became of the runs that batches took: the new ones of those that run again, else the runs themselves. */
async function becameOf(tx: Tx, batches: readonly BatchRow[]): Promise<ReadonlyMap<string, BatchBecame>> {
  const idsOf = (act: Batch['act']) => batches.filter((batch) => batch.act === act).map(({ id }) => id)
  const tenants = batches.map((batch) => batch.tenant_id)
  if (batches.length === 0) return new Map()
  const made = tx
    .selectFrom('run')
    .select((e) => [e.ref('batch_id').$notNull().as('batch'), 'state', e.fn.countAll<string>().as('runs')])
    .where('tenant_id', 'in', tenants)
    .where('batch_id', '=', sql<string>`any(${idsOf('rerun')})`)
    .groupBy(['batch_id', 'state'])
  const taken = tx
    .selectFrom('run_batch_item as item')
    .innerJoin('run', 'run.id', 'item.run_id')
    .select((e) => ['item.batch_id as batch', 'run.state', e.fn.countAll<string>().as('runs')])
    .where('item.tenant_id', 'in', tenants)
    .where('item.batch_id', '=', sql<string>`any(${idsOf('cancel')})`)
    .where('item.refused', 'is', null)
    .groupBy(['item.batch_id', 'run.state'])
  const counts = await made.unionAll(taken).execute()
  const open: readonly RunState[] = runAllows.cancel
  return new Map(
    [...Map.groupBy(counts, (one) => one.batch)].map(([id, states]) => {
      const count = (is: (state: RunState) => boolean) =>
        states.reduce((sum, { state, runs }) => sum + (is(state) ? Number(runs) : 0), 0)
      const ended = (which: RunState) => count((state) => state === which)
      return [
        id,
        {
          open: count((state) => open.includes(state)),
          completed: ended('completed'),
          failed: ended('failed'),
          cancelled: ended('cancelled'),
        },
      ]
    }),
  )
}

/** How the runs of a batch stand that were not refused, and why the others were. */
export async function progressOf(tx: Tx, batch: BatchRow): Promise<BatchProgress> {
  const taken = tx.selectFrom('run_batch_item').where('batch_id', '=', batch.id)
  const refusals = await taken
    .select((e) => [e.fn.coalesce('refused', sql<string>`''`).as('reason'), e.fn.countAll<string>().as('runs')])
    .where('refused', 'is not', null)
    .groupBy('refused')
    .orderBy('runs', 'desc')
    .limit(20)
    .execute()
  return {
    ...((await becameOf(tx, [batch])).get(batch.id) ?? none),
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
  if (cursor !== undefined) query = query.where('item.run_id', '<', idCursor('run', cursor))
  if (only === 'refused') query = query.where('item.refused', 'is not', null)
  else if (only !== undefined) {
    const states = only === 'open' ? runAllows.cancel : closedStates.filter((state) => state === only)
    query = query.where('item.refused', 'is', null).where('now.state', 'in', states)
  }
  const { rows, next } = await pageOfRows(query, limit, (row) => row.run_id)
  return { items: rows.map(toItem), next }
}

/** Those that have changed themselves, and those whose runs have. */
const movedSince = (tx: Tx, ctx: Context, since: string) => {
  const runs = tx.selectFrom('run').where('tenant_id', '=', ctx.tenant).where(changedSince('changed', since))
  const made = runs.where('batch_id', 'is not', null).select((run) => run.ref('batch_id').$notNull().as('id'))
  return (e: ExpressionBuilder<Database, 'run_batch'>) => e.or([changedSince('changed', since), e('id', 'in', made)])
}

/** The newest batches, or with `since` those that have changed from that cursor on. */
export async function readBatches(tx: Tx, ctx: Context, since: string | null): Promise<LiveRow[]> {
  let query = tx.selectFrom('run_batch').selectAll().where('tenant_id', '=', ctx.tenant)
  query = since === null ? query.limit(newest) : query.where(movedSince(tx, ctx, since))
  return withBecame(tx, await query.orderBy('id', 'desc').execute())
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
