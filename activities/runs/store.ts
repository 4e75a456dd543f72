import { sql, type Selectable } from 'kysely'
import { storable, type Tx } from '#activities/database.ts'
import { append } from '#activities/audit/store.ts'
import { idCursor, pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { holding } from './store-search.ts'
import { Fault } from '#schemas/errors.ts'
import { runCancelAsked, runClosed, runStarted } from '#schemas/runs-events.ts'
import { runAllows, type Run, type RunFailure, type RunFilter, type RunState } from '#schemas/runs.ts'
import type { RunTable } from '#schemas/tables/runs.ts'
import type { Context } from '#schemas/tenancy.ts'

export type RunRow = Selectable<RunTable>

export const toRun = (row: RunRow): Run => ({
  id: row.id,
  workflow: row.workflow,
  automation: row.automation_id,
  version: row.version,
  versionNumber: row.version_number,
  parent: row.parent_run,
  role: row.role,
  test: row.test,
  title: row.title,
  state: row.state,
  paused: row.paused && row.closed_at === null,
  stuck: row.stuck,
  outcome: row.outcome,
  receipt: row.receipt_id,
  rerunOf: row.rerun_of,
  batch: row.batch_id,
  follows: row.follows,
  supersededBy: row.superseded_by,
  waitsFor: row.phase === 'queued' ? row.waits_for : null,
  approval: row.approval_id,
  requestedAt: row.requested_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  closedAt: row.closed_at?.toISOString() ?? null,
  failure: row.failure,
  events: row.last_event_id,
  sandbox: row.sandbox,
})

export async function findRun(tx: Tx, ctx: Context, run: string): Promise<RunRow> {
  const row = await tx
    .selectFrom('run')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', run)
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return row
}

export const isKnown = async (tx: Tx, run: string): Promise<boolean> =>
  (await tx.selectFrom('run').select('id').where('id', '=', run).executeTakeFirst()) !== undefined

/** The runs that a filter lets through; `text` matches id, workflow, title and outcome, each word of it. */
export const runsLike = (tx: Tx, ctx: Pick<Context, 'tenant'>, filter: RunFilter) => {
  let query = tx.selectFrom('run').where('tenant_id', '=', ctx.tenant)
  if (filter.batch !== undefined) query = query.where('batch_id', '=', filter.batch)
  // the few that are open are found by their state, and looked through
  if (filter.state === 'paused') query = query.where('state', 'in', runAllows.control).where('paused', '=', true)
  else if (filter.state === 'stuck') query = query.where('state', 'in', runAllows.cancel).where('stuck', 'is not', null)
  else if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.workflow !== undefined) query = query.where('workflow', '=', filter.workflow)
  if (filter.tests !== undefined) query = query.where('test', '=', filter.tests === 'only')
  if (filter.from !== undefined) query = query.where('requested_at', '>=', new Date(filter.from))
  if (filter.to !== undefined) query = query.where('requested_at', '<', new Date(filter.to))
  for (const word of holding(sql.ref('search'), filter.text)) query = query.where(word)
  return query
}

/** A page of runs, newest first. */
export async function listRuns(tx: Tx, ctx: Context, filter: RunFilter & PageAsked): Promise<Page<Run>> {
  let query = runsLike(tx, ctx, filter).selectAll()
  if (filter.cursor !== undefined) query = query.where('id', '<', idCursor('run', filter.cursor))
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), filter.limit, (row) => row.id)
  return { items: rows.map(toRun), next }
}

/** The runs that repeat one, newest first, as far as they are shown; with `since`, those changed from that cursor on. */
export async function listReruns(tx: Tx, ctx: Context, run: string, since: string | null = null): Promise<Run[]> {
  let query = tx.selectFrom('run').selectAll().where('tenant_id', '=', ctx.tenant).where('rerun_of', '=', run)
  if (since !== null) query = query.where(sql<boolean>`changed >= ${since}::text::xid8`)
  return (await query.orderBy('id', 'desc').limit(20).execute()).map(toRun)
}

/** Records that somebody asked to cancel; a run that Temporal has not heard of yet is cancelled right here. */
export async function askCancel(
  tx: Tx,
  ctx: Context,
  run: string,
  reason: string | null,
): Promise<{ run: Run; tellTemporal: boolean }> {
  const row = await tx
    .selectFrom('run')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', run)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  refuseUnless(row.state, 'cancel')
  await append(tx, { ...ctx, correlation: run }, [runCancelAsked(run, { reason: storable(reason) })])
  const held = await tx
    .updateTable('run_request')
    .set({ refused: 'cancelled before it started' })
    .where('run_id', '=', run)
    .where('started_at', 'is', null)
    .where('tries', '=', 0)
    .where('refused', 'is', null)
    .executeTakeFirst()
  if (held.numUpdatedRows > 0n)
    await closeRun(tx, ctx, run, { phase: 'cancelled', outcome: null, failure: null, closedAt: new Date() })
  return { run: toRun(await findRun(tx, ctx, run)), tellTemporal: held.numUpdatedRows === 0n }
}

/** Refuses what the state of a run does not allow. */
export const refuseUnless = (state: RunState, act: keyof typeof runAllows): void => {
  const allowed: readonly RunState[] = runAllows[act]
  if (allowed.includes(state)) return
  throw act !== 'rerun'
    ? new Fault('run_closed')
    : new Fault('not_possible', `Only a run that has ended can be run again; this one is ${state}.`)
}

export async function markStarted(tx: Tx, ctx: Context, run: string, workflow: string): Promise<void> {
  await tx.updateTable('run_request').set({ started_at: new Date() }).where('run_id', '=', run).execute()
  const { numUpdatedRows } = await tx
    .updateTable('run')
    .set({ phase: 'running', started_at: new Date() })
    .where('id', '=', run)
    .where('phase', '=', 'queued')
    .executeTakeFirst()
  if (numUpdatedRows > 0n) await append(tx, { ...ctx, correlation: run }, [runStarted(run, { workflow })])
}

export type RunClose = {
  phase: 'completed' | 'failed' | 'cancelled'
  outcome: string | null
  failure: RunFailure | null
  closedAt: Date
}

/** Closes a run once; gives whether it did: a second close changes nothing and tells no second event. */
export async function closeRun(tx: Tx, ctx: Context, run: string, close: RunClose): Promise<boolean> {
  const gaveWay = sql<string | null>`case when superseded_by is not null then 'superseded' end`
  const closed = await tx
    .updateTable('run')
    .set({
      phase: close.phase,
      outcome: close.outcome ?? (close.phase === 'cancelled' ? gaveWay : null),
      failure: close.failure === null ? null : JSON.stringify(close.failure),
      closed_at: close.closedAt,
      // that a short run has begun may be written down when it is over
      started_at: sql<Date | null>`case when started_at > ${close.closedAt} then ${close.closedAt} else started_at end`,
      approval_id: null,
      stuck: null,
    })
    .where('id', '=', run)
    .where('phase', 'in', ['queued', 'running'])
    .returning('outcome')
    .executeTakeFirst()
  if (closed === undefined) return false
  await append(tx, { ...ctx, correlation: run }, [
    runClosed(run, { state: close.phase, outcome: closed.outcome, failure: close.failure?.code ?? null }),
  ])
  return true
}

export const setTitle = async (tx: Tx, run: string, title: string, sandbox: boolean): Promise<void> => {
  await tx.updateTable('run').set({ title, sandbox }).where('id', '=', run).execute()
}
