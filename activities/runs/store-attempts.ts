import { sql } from 'kysely'
import { storable, withSystem, type Databases, type Tx } from '#activities/database.ts'
import { firstIdAt } from '#schemas/ids.ts'

export type AttemptReport = {
  run: string
  activityId: string
  n: number
  at: Date
  outcome: 'running' | 'completed' | 'failed' | 'cancelled'
  message: string | null
  progress: string | null
  worker: string
}

/** Writes a batch of reports in order; a try that has ended is not opened again by a late report. */
export const recordAttempts = (db: Databases, reports: readonly AttemptReport[]): Promise<void> =>
  withSystem(db, async (tx) => {
    const newest = new Map<string, AttemptReport & { startedAt: Date }>()
    for (const report of reports.map(storable)) {
      const key = `${report.run} ${report.activityId} ${report.n}`
      const before = newest.get(key)
      newest.set(key, {
        ...report,
        progress: report.progress ?? before?.progress ?? null,
        startedAt: before?.startedAt ?? report.at,
      })
    }
    const rows = [...newest.values()].sort((a, b) => (a.run < b.run ? -1 : a.run > b.run ? 1 : 0))
    await sql`
      insert into step_attempt (tenant_id, run_id, activity_id, n, started_at, ended_at, outcome, message, progress, worker)
      select run.tenant_id, run.id, t.activity_id, t.n, t.started_at, t.ended_at, t.outcome, t.message, t.progress, t.worker
      from unnest(
        ${rows.map((r) => r.run)}::text[], ${rows.map((r) => r.activityId)}::text[], ${rows.map((r) => r.n)}::int[],
        ${rows.map((r) => r.startedAt)}::timestamptz[],
        ${rows.map((r) => (r.outcome === 'running' ? null : r.at))}::timestamptz[],
        ${rows.map((r) => r.outcome)}::text[], ${rows.map((r) => r.message)}::text[],
        ${rows.map((r) => r.progress)}::text[], ${rows.map((r) => r.worker)}::text[]
      ) t(run_id, activity_id, n, started_at, ended_at, outcome, message, progress, worker)
      join run on run.id = t.run_id
      on conflict (run_id, activity_id, n) do update set
        ended_at = coalesce(excluded.ended_at, step_attempt.ended_at),
        outcome = case when excluded.outcome = 'running' then step_attempt.outcome else excluded.outcome end,
        message = coalesce(excluded.message, step_attempt.message),
        progress = coalesce(excluded.progress, step_attempt.progress)`.execute(tx)
  })

/**
 * Deletes the tries of runs that were asked for before then and have ended (system role), `limit` at the most; gives
 * how many. Ids sort by time, so it reads only what is old.
 */
export async function forgetAttempts(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from step_attempt where ctid = any (array(
      select a.ctid from step_attempt a join run on run.id = a.run_id
      where a.run_id < ${firstIdAt('run', before.getTime())} and run.closed_at is not null
      limit ${limit} for update of a skip locked))`.execute(tx)
  return Number(numAffectedRows)
}
