import { sql } from 'kysely'
import { storable, withSystem, type Databases, type Tx } from '#activities/database.ts'
import { firstIdAt } from '#schemas/ids.ts'

export type AttemptReport = {
  run: string
  activityId: string
  /** Which try the server says it is: it counts from 1 again once a person has had it tried at once. */
  n: number
  /** When the try began: that is what it is known by. */
  begunAt: Date
  at: Date
  outcome: 'running' | 'completed' | 'failed' | 'cancelled'
  message: string | null
  progress: string | null
  worker: string
}

/**
 * Writes a batch of reports in order; a try that has ended is not opened again by a late report. One whose number another
 * try has gets the next that is free, so that all tries of a step stay listed.
 */
export const recordAttempts = (db: Databases, reports: readonly AttemptReport[]): Promise<void> =>
  withSystem(db, async (tx) => {
    const newest = new Map<string, AttemptReport>()
    for (const report of reports.map(storable)) {
      const key = `${report.run} ${report.activityId} ${report.begunAt.getTime()}`
      const before = newest.get(key)
      newest.set(key, {
        ...report,
        progress: report.progress ?? before?.progress ?? null,
      })
    }
    const rows = [...newest.values()].sort((a, b) => (a.run < b.run ? -1 : a.run > b.run ? 1 : 0))
    await sql`
      with told as (
      select t.*, known.n as known, other.n is not null
          or row_number() over (partition by t.run_id, t.activity_id, t.n order by known.n is null, t.started_at) > 1 as taken
      from unnest(
        ${rows.map((r) => r.run)}::text[], ${rows.map((r) => r.activityId)}::text[], ${rows.map((r) => r.n)}::int[],
        ${rows.map((r) => r.begunAt)}::timestamptz[],
        ${rows.map((r) => (r.outcome === 'running' ? null : r.at))}::timestamptz[],
        ${rows.map((r) => r.outcome)}::text[], ${rows.map((r) => r.message)}::text[],
        ${rows.map((r) => r.progress)}::text[], ${rows.map((r) => r.worker)}::text[]
      ) t(run_id, activity_id, n, started_at, ended_at, outcome, message, progress, worker)
      left join step_attempt known
        on known.run_id = t.run_id and known.activity_id = t.activity_id and known.started_at = t.started_at
      left join step_attempt other
        on other.run_id = t.run_id and other.activity_id = t.activity_id and other.n = t.n
          and other.started_at <> t.started_at
      ), most as (
        select run_id, activity_id, max(n) as n from (
          select run_id, activity_id, n from told
          union all select a.run_id, a.activity_id, a.n from step_attempt a
            join told using (run_id, activity_id)
        ) tries group by run_id, activity_id
      ), counted as (
        select told.*, coalesce(known, case when taken then most.n + row_number()
          over (partition by told.run_id, told.activity_id, taken and known is null order by started_at) else told.n end) as number
        from told join most using (run_id, activity_id)
      )
      insert into step_attempt (tenant_id, run_id, activity_id, n, started_at, ended_at, outcome, message, progress, worker)
      select run.tenant_id, run.id, activity_id, number, counted.started_at, ended_at, counted.outcome, message, progress, worker
      from counted join run on run.id = counted.run_id
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
