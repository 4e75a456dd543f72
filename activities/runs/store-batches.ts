import { sql, type Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import { person } from '#activities/automation/store-draft.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import {
  batchClosed,
  batchRequested,
  type Batch,
  type BatchFilter,
  type BatchHow,
  type BatchItem,
} from '#schemas/runs-batches.ts'
import { batchLimits } from '#schemas/runs-pace.ts'
import { runAllows, type Run, type RunState } from '#schemas/runs.ts'
import type { RunBatchTable } from '#schemas/tables/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { runsLike, toRun } from './store.ts'

export type BatchRow = Selectable<RunBatchTable>
export type BatchWish = { act: Batch['act']; filter: BatchFilter; how: BatchHow }
export type BatchPreview = {
  total: number
  most: number
  states: { state: RunState; runs: number }[]
  stuck: number
  first: Run[]
  last: string
}

export const toBatch = (row: BatchRow): Batch => ({
  id: row.id,
  act: row.act,
  filter: row.filter,
  how: row.how,
  perMinute: row.per_minute,
  state: row.state,
  total: row.total,
  done: row.done,
  refused: row.refused,
  by: person(row.asked_by, row.asked_by_name),
  createdAt: row.created_at.toISOString(),
  closedAt: row.closed_at?.toISOString() ?? null,
  note: row.note,
})

/** The runs that a batch is for. Parts of other runs are not: their run is. */
const fitting = (tx: Tx, ctx: Pick<Context, 'tenant'>, { act, filter, how }: BatchWish) => {
  let query = runsLike(tx, ctx, filter).where('role', '=', 'run').where('state', 'in', runAllows[act])
  if (filter.runs !== undefined) query = query.where('id', 'in', filter.runs)
  if (act === 'rerun' && !how.again)
    query = query.where((e) =>
      e.not(e.exists(e.selectFrom('run as later').select('later.id').whereRef('later.rerun_of', '=', 'run.id'))),
    )
  return query
}

/** How many runs a batch would take, by their state, and the first of them: the oldest is the first. */
export async function previewBatch(tx: Tx, ctx: Context, wish: BatchWish, limit = 10): Promise<BatchPreview> {
  const query = fitting(tx, ctx, wish)
  const groups = await query
    .select((e) => [
      'state',
      e.fn.countAll<string>().as('runs'),
      e.fn.max('id').as('last'),
      e.fn.count<string>('stuck').as('stuck'),
    ])
    .groupBy('state')
    .orderBy('state')
    .execute()
  const states = groups.map(({ state, runs }) => ({ state, runs: Number(runs) }))
  const first = await query.selectAll().orderBy('id').limit(limit).execute()
  return {
    total: states.reduce((sum, { runs }) => sum + runs, 0),
    most: batchLimits.runs,
    states,
    stuck: groups.reduce((sum, { stuck }) => sum + Number(stuck), 0),
    first: first.map(toRun),
    last: groups.reduce((last, group) => (group.last > last ? group.last : last), ''),
  }
}

/** Writes a batch down; Temporal is told afterwards. */
export async function requestBatch(
  tx: Tx,
  ctx: Context,
  { perMinute, note, ...wish }: BatchWish & { perMinute: number; note?: string | undefined },
): Promise<Batch> {
  const { total, most, last } = await previewBatch(tx, ctx, wish, 0)
  if (total === 0) throw new Fault('nothing_fits')
  if (total > most)
    throw new Fault('batch_too_large', `${total} fit and ${most} is the most; narrow the search.`, { total, most })
  const row = await tx
    .insertInto('run_batch')
    .values({
      id: newId('batch'),
      tenant_id: ctx.tenant,
      act: wish.act,
      filter: JSON.stringify(wish.filter),
      how: JSON.stringify(storable(wish.how)),
      per_minute: perMinute,
      total,
      last_run: last,
      note: storable(note ?? null),
      asked_by: ctx.actor.id,
      asked_by_kind: ctx.actor.kind,
      asked_by_name: ctx.actor.name ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await append(tx, { ...ctx, correlation: row.id }, [batchRequested(row.id, { act: wish.act, total, perMinute })])
  return toBatch(row)
}

export async function findBatch(tx: Tx, ctx: Pick<Context, 'tenant'>, batch: string): Promise<BatchRow> {
  const query = tx.selectFrom('run_batch').selectAll().where('tenant_id', '=', ctx.tenant).where('id', '=', batch)
  const row = await query.executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return row
}

/** The same, held until the transaction ends. */
export const takeBatch = async (tx: Tx, ctx: Pick<Context, 'tenant'>, batch: string): Promise<BatchRow> => {
  await sql`select 1 from run_batch where id = ${batch} for update`.execute(tx)
  return findBatch(tx, ctx, batch)
}

/** The next run of a batch that is taken; null when it is through. Runs made since it began are not its business. */
export const nextOf = async (tx: Tx, batch: BatchRow): Promise<string | null> => {
  const row = await fitting(tx, { tenant: batch.tenant_id }, batch)
    .select('id')
    .where('id', '>', batch.cursor)
    .where('id', '<=', batch.last_run)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

/** Holds a run until the transaction ends; gives whether somebody has run it again, in another batch perhaps. */
export async function isRunAgain(tx: Tx, run: string): Promise<boolean> {
  await sql`select 1 from run where id = ${run} for update`.execute(tx)
  return (await tx.selectFrom('run').select('id').where('rerun_of', '=', run).executeTakeFirst()) !== undefined
}

/** Writes down what became of a run, in the transaction that made it so. */
export async function recordItem(
  tx: Tx,
  batch: BatchRow,
  { run, newRun, refused }: Pick<BatchItem, 'run' | 'newRun' | 'refused'>,
): Promise<void> {
  await tx
    .insertInto('run_batch_item')
    .values({ batch_id: batch.id, tenant_id: batch.tenant_id, run_id: run, new_run: newRun, refused })
    .execute()
  await sql`
    update run_batch set cursor = ${run}, done = done + ${refused === null ? 1 : 0}, refused = refused + ${refused === null ? 0 : 1}
    where id = ${batch.id}`.execute(tx)
}

/** Closes a batch once. */
export async function closeBatch(
  tx: Tx,
  ctx: Context,
  batch: string,
  state: 'completed' | 'cancelled',
): Promise<Batch> {
  const row = await takeBatch(tx, ctx, batch)
  if (row.state !== 'running') return toBatch(row)
  await tx.updateTable('run_batch').set({ state, closed_at: new Date() }).where('id', '=', batch).execute()
  const { done, refused } = row
  await append(tx, { ...ctx, correlation: batch }, [batchClosed(batch, { state, done, refused })])
  return toBatch(await findBatch(tx, ctx, batch))
}
