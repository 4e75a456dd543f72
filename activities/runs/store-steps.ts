import { sql, type Selectable } from 'kysely'
import type { Tx } from '#activities/database.ts'
import type { Attempt, RunStuck, Step, StepState } from '#schemas/runs.ts'
import type { StepAttemptTable, StepTable } from '#schemas/tables/runs.ts'
import type { Context } from '#schemas/tenancy.ts'

type StepRow = Selectable<StepTable>
type AttemptRow = Selectable<StepAttemptTable>

const toAttempt = (row: AttemptRow, stepClosed: boolean): Attempt => ({
  n: row.n,
  startedAt: row.started_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  // its worker died without a word: history went on, and the report never came
  outcome: row.outcome === 'running' && stepClosed ? 'lost' : row.outcome,
  message: row.message,
  progress: row.progress,
  worker: row.worker,
})

/** An open activity is what its attempts say; history tells only when the last one is over. */
const stateOf = (row: StepRow, attempts: readonly AttemptRow[]): StepState => {
  const last = attempts.at(-1)
  if (row.kind !== 'activity' || row.closed_at !== null || last === undefined) return row.state as StepState
  if (last.outcome === 'running') return 'running'
  return last.outcome === 'failed' ? 'retrying' : (row.state as StepState)
}

const toStep = (row: StepRow, attempts: readonly AttemptRow[]): Step => {
  const mine = attempts.filter((attempt) => attempt.started_at >= row.scheduled_at)
  return {
    id: `${row.run_id}:${row.head_event}`,
    run: row.run_id,
    node: row.node,
    iteration: row.iteration,
    kind: row.kind as Step['kind'],
    type: row.type,
    title: row.title,
    part: row.part,
    state: stateOf(row, mine),
    scheduledAt: row.scheduled_at.toISOString(),
    startedAt: (mine[0]?.started_at ?? row.started_at)?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    attempts: withOvertaken(mine).map((attempt) => toAttempt(attempt, row.closed_at !== null)),
    events: row.events,
    summary: row.summary,
    failure: row.failure,
    preview: row.preview,
    skippedBy: row.skipped_by,
    undoes: row.activity_id?.endsWith(':undo') === true,
  }
}

/** An attempt that never ended, and was followed by another, is lost: its end is when the next one began. */
const withOvertaken = (attempts: readonly AttemptRow[]): AttemptRow[] =>
  attempts.map((attempt, i) => {
    const next = attempts[i + 1]
    return next !== undefined && attempt.outcome === 'running'
      ? { ...attempt, outcome: 'failed', ended_at: next.started_at, message: 'The worker was lost.' }
      : attempt
  })

/** The steps of a run in order; with `since`, those changed by that transaction or later. */
export async function listSteps(tx: Tx, ctx: Context, run: string, since?: string): Promise<Step[]> {
  const steps = await tx
    .selectFrom('step')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('run_id', '=', run)
    .orderBy('head_event')
    .execute()
  const attempts = await tx
    .selectFrom('step_attempt')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('run_id', '=', run)
    .orderBy('n')
    .execute()
  const byActivity = Map.groupBy(attempts, (attempt) => attempt.activity_id)
  const changed = (row: { changed: string }) => since === undefined || BigInt(row.changed) >= BigInt(since)
  return steps.flatMap((row) => {
    const mine = row.activity_id === null ? [] : (byActivity.get(row.activity_id) ?? [])
    return changed(row) || mine.some(changed) ? [toStep(row, mine)] : []
  })
}

/** The steps of one turn of a loop in order, with those of the loops in it. */
export async function stepsOfTurn(tx: Tx, ctx: Context, run: string, iteration: string): Promise<Step[]> {
  const steps = await tx
    .selectFrom('step')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('run_id', '=', run)
    .where((e) => e.or([e('iteration', '=', iteration), e(sql`starts_with(iteration, ${`${iteration}.`})`, '=', true)]))
    .orderBy('head_event')
    .execute()
  const named = steps.flatMap(({ activity_id: id }) => id ?? [])
  if (named.length === 0) return steps.map((row) => toStep(row, []))
  const attempts = await tx
    .selectFrom('step_attempt')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('run_id', '=', run)
    .where('activity_id', 'in', named)
    .orderBy('n')
    .execute()
  const byActivity = Map.groupBy(attempts, (attempt) => attempt.activity_id)
  return steps.map((row) => toStep(row, byActivity.get(row.activity_id ?? '') ?? []))
}

/** A step as a projector folds it: the row without what says whose it is. */
export type ProjectedStep = Omit<StepRow, 'tenant_id' | 'run_id' | 'changed'>

/**
 * Writes steps as a projector folded them, and how far it has come. Several may project one run: a step only grows, so
 * what was folded from fewer of its events, or before it closed, comes too late and changes nothing.
 */
export async function saveProjection(
  tx: Tx,
  run: { tenant: string; id: string; lastEvent: number; stuck: RunStuck | null; paused: boolean },
  steps: readonly ProjectedStep[],
): Promise<void> {
  if (steps.length > 0)
    await tx
      .insertInto('step')
      .values(
        steps.map((step) => ({
          tenant_id: run.tenant,
          run_id: run.id,
          ...step,
          failure: step.failure === null ? null : JSON.stringify(step.failure),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['run_id', 'head_event'])
          .doUpdateSet((e) => ({
            state: e.ref('excluded.state'),
            started_at: e.ref('excluded.started_at'),
            closed_at: e.ref('excluded.closed_at'),
            attempts: e.ref('excluded.attempts'),
            events: e.ref('excluded.events'),
            preview: e.ref('excluded.preview'),
            failure: e.ref('excluded.failure'),
            skipped_by: e.ref('excluded.skipped_by'),
          }))
          .where(
            sql<boolean>`(cardinality(excluded.events), excluded.closed_at is not null) >= (cardinality(step.events), step.closed_at is not null)`,
          ),
      )
      .execute()
  const stuck = run.stuck === null ? null : JSON.stringify(run.stuck)
  await tx
    .updateTable('run')
    .set({
      last_event_id: sql`greatest(last_event_id, ${run.lastEvent})`,
      stuck: sql`case when ${run.lastEvent}::bigint >= last_event_id then ${stuck}::jsonb else stuck end`,
      paused: sql`case when ${run.lastEvent}::bigint >= last_event_id then ${run.paused} else paused end`,
      projected_at: new Date(),
    })
    .where('id', '=', run.id)
    .execute()
}

export async function keepHistory(
  tx: Tx,
  run: { tenant: string; id: string },
  events: number,
  body: Buffer,
): Promise<void> {
  await tx
    .insertInto('run_history')
    .values({ run_id: run.id, tenant_id: run.tenant, events, body })
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ events, body }))
    .execute()
}

export const findHistory = async (tx: Tx, ctx: Pick<Context, 'tenant'>, run: string): Promise<Buffer | null> =>
  (
    await tx
      .selectFrom('run_history')
      .select('body')
      .where('tenant_id', '=', ctx.tenant)
      .where('run_id', '=', run)
      .executeTakeFirst()
  )?.body ?? null

/** Forgets what was projected of a run, so that it can be made anew from its history. */
export async function forgetProjection(tx: Tx, run: string): Promise<void> {
  await tx.deleteFrom('step').where('run_id', '=', run).execute()
  await tx.updateTable('run').set({ last_event_id: 0 }).where('id', '=', run).execute()
}

export type OpenRun = { id: string; tenant: string; phase: string }

/**
 * Runs that Temporal knows and nobody has projected for `olderThan`, oldest first, and those that are stuck, which may
 * get on any moment; not those that rest after a fault.
 */
export const staleRuns = async (tx: Tx, olderThan: Date, limit: number): Promise<OpenRun[]> =>
  tx
    .selectFrom('run')
    .select(['id', 'tenant_id as tenant', 'phase'])
    .where('phase', 'in', ['queued', 'running'])
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('run_set_aside as aside')
            .select('aside.run_id')
            .whereRef('aside.run_id', '=', 'run.id')
            .where('aside.next_at', '>', sql<Date>`now()`),
        ),
      ),
    )
    .where('started_at', 'is not', null)
    .where((e) =>
      e.or([
        e('projected_at', 'is', null),
        e('projected_at', '<', olderThan),
        e.and([e('stuck', 'is not', null), e('projected_at', '<', sql<Date>`now() - interval '10 seconds'`)]),
      ]),
    )
    .orderBy('projected_at', (order) => order.asc().nullsFirst())
    .limit(limit)
    .execute()

export const tenantOfRun = async (tx: Tx, run: string): Promise<{ tenant: string; phase: string } | null> =>
  (await tx.selectFrom('run').select(['tenant_id as tenant', 'phase']).where('id', '=', run).executeTakeFirst()) ?? null

/** When the run that begins this one ended; null where no run begins it, `open` while that one is open. */
export async function endOfParent(tx: Tx, run: string): Promise<Date | 'open' | null> {
  const row = await tx
    .selectFrom('run')
    .innerJoin('run as parent', (join) =>
      join.onRef('parent.id', '=', 'run.parent_run').onRef('parent.tenant_id', '=', 'run.tenant_id'),
    )
    .select(['parent.phase', 'parent.closed_at'])
    .where('run.id', '=', run)
    .executeTakeFirst()
  if (row === undefined) return null
  return row.phase === 'queued' || row.phase === 'running' ? 'open' : (row.closed_at ?? 'open')
}

/** Nothing was found of a run: it is looked at again after the others. */
export async function lookedAt(tx: Tx, run: string): Promise<void> {
  await tx.updateTable('run').set({ projected_at: new Date() }).where('id', '=', run).execute()
}

/** The nodes of a run whose work it has undone. */
export async function undoneBy(tx: Tx, run: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('step')
    .select('node')
    .distinct()
    .where('run_id', '=', run)
    .where('state', '=', 'completed')
    .where('activity_id', 'like', '%:undo')
    .execute()
  return rows.flatMap(({ node }) => node ?? [])
}
