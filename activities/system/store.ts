import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import { firstIdAt } from '#schemas/ids.ts'
import type { Overview } from '#schemas/system.ts'
import type { Context } from '#schemas/tenancy.ts'

export type ProcessReport = { id: string; name: string; host: string; pid: number; figures: Record<string, number> }

export async function reportProcess(tx: Tx, { figures, ...report }: ProcessReport): Promise<void> {
  const seen = { seen_at: new Date(), figures: JSON.stringify(figures) }
  await tx
    .insertInto('process')
    .values({ ...report, ...seen })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(seen))
    .execute()
}

export const forgetProcess = async (tx: Tx, id: string): Promise<void> => {
  await tx.deleteFrom('process').where('id', '=', id).execute()
}

/** Processes heard of since `since`. */
export const livingProcesses = (tx: Tx, since: Date) =>
  tx.selectFrom('process').selectAll().where('seen_at', '>', since).orderBy('started_at').execute()

export const forgetSilentProcesses = async (tx: Tx, since: Date): Promise<void> => {
  await tx.deleteFrom('process').where('seen_at', '<', since).execute()
}

type Counts = {
  running: number
  waiting: number
  completed_today: number
  failed_today: number
  accepted_hour: number
  inbox: number
  inbox_age: number | null
  quarantined: number
  median_reply: number | null
}

/** The counters of a tenant, and accepted and completed per minute over the last half hour. */
export async function readOverview(tx: Tx, ctx: Context): Promise<Overview> {
  const tenant = ctx.tenant
  const { rows } = await sql<Counts>`
    select
      (select count(*)::int from run where tenant_id = ${tenant} and state = 'running') running,
      (select count(*)::int from run where tenant_id = ${tenant} and state = 'waiting') waiting,
      (select count(*)::int from run where tenant_id = ${tenant} and phase = 'completed' and closed_at >= date_trunc('day', now())) completed_today,
      (select count(*)::int from run where tenant_id = ${tenant} and phase = 'failed' and closed_at >= date_trunc('day', now())) failed_today,
      (select count(*)::int from receipt where tenant_id = ${tenant} and accepted_at > now() - interval '1 hour') accepted_hour,
      (select count(*)::int from inbox where tenant_id = ${tenant} and dispatched_at is null and not held)
        + (select count(*)::int from run where tenant_id = ${tenant} and state = 'queued') inbox,
      extract(epoch from now() - least(
        (select min(accepted_at) from inbox where tenant_id = ${tenant} and dispatched_at is null and not held),
        (select min(requested_at) from run where tenant_id = ${tenant} and state = 'queued')))::float inbox_age,
      (select count(*)::int from receipt where tenant_id = ${tenant} and state = 'quarantined') quarantined,
      (select percentile_cont(0.5) within group (order by extract(epoch from closed_at - requested_at))::float
        from run where tenant_id = ${tenant} and outcome = 'sent' and closed_at > now() - interval '1 day') median_reply`.execute(
    tx,
  )
  const counts = rows[0]
  if (counts === undefined) throw new Error('the overview gave no row')
  const { rows: perMinute } = await sql<{ at: Date; accepted: number; completed: number }>`
    with minute as (
      select generate_series(date_trunc('minute', now()) - interval '29 minutes', date_trunc('minute', now()), interval '1 minute') at
    ), accepted as (
      select date_trunc('minute', requested_at) at, count(*)::int n from run
      where tenant_id = ${tenant} and id > ${firstIdOf(30)} group by 1
    ), completed as (
      select date_trunc('minute', closed_at) at, count(*)::int n from run
      where tenant_id = ${tenant} and closed_at > now() - interval '30 minutes' and phase = 'completed' group by 1
    )
    select minute.at, coalesce(accepted.n, 0) accepted, coalesce(completed.n, 0) completed
    from minute left join accepted using (at) left join completed using (at) order by 1`.execute(tx)
  return {
    id: 'overview',
    running: counts.running,
    waiting: counts.waiting,
    completedToday: counts.completed_today,
    failedToday: counts.failed_today,
    acceptedLastHour: counts.accepted_hour,
    inbox: counts.inbox,
    inboxAgeSeconds: Math.round((counts.inbox_age ?? 0) * 10) / 10,
    quarantined: counts.quarantined,
    medianSecondsToReply: counts.median_reply === null ? null : Math.round(counts.median_reply),
    perMinute: perMinute.map((row) => ({ ...row, at: row.at.toISOString() })),
  }
}

/** A run id that sorts before any made in the last `minutes`: ids begin with their time. */
const firstIdOf = (minutes: number): string => firstIdAt('run', Date.now() - minutes * 60_000)

export type Backlog = {
  inboxDepth: number
  inboxAgeSeconds: number
  dispatchDepth: number
  dispatchLagSeconds: number
  runsOpen: number
  projectorLagSeconds: number
  runsSetAside: number
}

/** How much waits, over all tenants (system role). */
export async function readBacklog(tx: Tx): Promise<Backlog> {
  const { rows } = await sql<Backlog>`
    select
      (select count(*)::int from inbox where dispatched_at is null and not held) "inboxDepth",
      coalesce((select extract(epoch from now() - min(accepted_at))::float from inbox where dispatched_at is null and not held), 0) "inboxAgeSeconds",
      (select count(*)::int from run_request where started_at is null and refused is null) "dispatchDepth",
      coalesce((select extract(epoch from now() - min(requested_at))::float from run_request where started_at is null and refused is null), 0) "dispatchLagSeconds",
      (select count(*)::int from run where phase in ('queued', 'running')) "runsOpen",
      coalesce((select extract(epoch from now() - min(coalesce(projected_at, started_at)))::float from run where phase = 'running'), 0) "projectorLagSeconds",
      (select count(*)::int from run_set_aside) "runsSetAside"`.execute(tx)
  if (rows[0] === undefined) throw new Error('the backlog gave no row')
  return rows[0]
}
