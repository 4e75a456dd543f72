import { sql } from 'kysely'
import { approvals, toApproval } from '#activities/approvals/store-list.ts'
import { automations, toAutomation } from '#activities/automation/store.ts'
import type { Tx } from '#activities/database.ts'
import { receiptsWithRuns, toReceiptRow } from '#activities/ingress/store.ts'
import { findRun, listReruns, toRun } from '#activities/runs/store.ts'
import { listSteps } from '#activities/runs/store-steps.ts'
import { readOverview } from '#activities/system/store.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'

/** How many rows a list starts with. */
const newest = 100

/**
 * A cursor is the oldest transaction still running when the rows were read: whoever has them and asks for all
 * changed by that transaction or later misses nothing, and may get a row twice.
 */
export const readCursor = async (tx: Tx): Promise<string> => {
  const { rows } = await sql<{ xmin: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text xmin`.execute(tx)
  return rows[0]?.xmin ?? '0'
}

/** Reads a topic: its newest rows, or with `since` all that changed from that cursor on. */
export type ReadTopic = (tx: Tx, ctx: Context, since: string | null) => Promise<LiveRow[]>

const after = (column: string, since: string) => sql<boolean>`${sql.ref(column)} >= ${since}::text::xid8`

export const readRuns: ReadTopic = async (tx, ctx, since) => {
  let query = tx.selectFrom('run').selectAll().where('tenant_id', '=', ctx.tenant)
  query = since === null ? query.limit(newest) : query.where(after('changed', since))
  return (await query.orderBy('id', 'desc').execute()).map(toRun)
}

export const readApprovals: ReadTopic = async (tx, ctx, since) => {
  const query = approvals(tx, ctx)
  const rows =
    since === null
      ? await query.where('state', '=', 'open').orderBy('due_at').limit(newest).execute()
      : await query.where(after('changed', since)).execute()
  return rows.map(toApproval)
}

export const readReceipts: ReadTopic = async (tx, ctx, since) => {
  let query = receiptsWithRuns(tx, ctx)
  if (since === null) query = query.limit(newest)
  else
    query = query.where('receipt.id', 'in', (e) =>
      e
        .selectFrom('receipt as r')
        .select('r.id')
        .where('r.tenant_id', '=', ctx.tenant)
        .where(after('r.changed', since))
        .union(
          e
            .selectFrom('run')
            .innerJoin('receipt as of', 'of.run_id', 'run.id')
            .select('of.id')
            .where('run.tenant_id', '=', ctx.tenant)
            .where(after('run.changed', since)),
        ),
    )
  return (await query.orderBy('receipt.id', 'desc').execute()).map(toReceiptRow)
}

export const readAutomations: ReadTopic = async (tx, ctx, since) => {
  const query = automations(tx, ctx)
  const rows =
    since === null
      ? await query.where('a.archived_at', 'is', null).orderBy('a.id', 'desc').limit(newest).execute()
      : await query.where(after('a.changed', since)).execute()
  return rows.map(toAutomation)
}

export const readAutomation =
  (id: string): ReadTopic =>
  async (tx, ctx, since) => {
    let query = automations(tx, ctx).where('a.id', '=', id)
    if (since !== null) query = query.where(after('a.changed', since))
    return (await query.execute()).map(toAutomation)
  }

/** The run itself, its steps, and the runs that repeat it; rows say which they are. */
export const readRun =
  (run: string): ReadTopic =>
  async (tx, ctx, since) => {
    const row = await findRun(tx, ctx, run)
    const steps = await listSteps(tx, ctx, run, since ?? undefined)
    const self = since === null || BigInt(row.changed) >= BigInt(since) ? [{ ...toRun(row), row: 'run' }] : []
    const reruns = await listReruns(tx, ctx, run, since)
    return [
      ...self,
      ...steps.map((step) => ({ ...step, row: 'step' })),
      ...reruns.map((one) => ({ ...one, row: 'rerun' })),
    ]
  }

export const readOverviewTopic: ReadTopic = async (tx, ctx) => [await readOverview(tx, ctx)]

/** Tells the projector that somebody looks at these runs. */
export const announceWatch = async (tx: Tx, runs: readonly string[]): Promise<void> => {
  await sql`select pg_notify('auterity_watch', run) from unnest(${runs}::text[]) run`.execute(tx)
}
