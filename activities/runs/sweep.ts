import { WorkflowNotFoundError } from '@temporalio/client'
import { withSystem } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'
import { isAway } from '#schemas/errors.ts'
import { projectWhole, type ProjectDeps, type ProjectedRun } from './project.ts'
import { closeAndFollow } from './store-follow.ts'
import { isResting, setAside, takeBack } from './store-set-aside.ts'
import { endOfParent, lookedAt, staleRuns, tenantOfRun } from './store-steps.ts'

/** How far back the look at closed workflows reaches beyond its last look, in ms: visibility lags a little. */
const overlap = 30_000
/** How long after the end of a run what it has begun last may take to be known, in ms. */
const startsWithin = 60_000

export type SweepDeps = ProjectDeps & { log: Log }

/**
 * Projects runs nobody watched as soon as Temporal's visibility lists them as closed. `since` is when it looked last
 * (ms); gives the time to go on from. A run already closed with us is passed over.
 */
export async function projectClosed(deps: SweepDeps, since: number): Promise<number> {
  const now = Date.now()
  const from = new Date(since - overlap).toISOString()
  const listed = deps.temporal.workflow.list({
    query: `ExecutionStatus != 'Running' AND CloseTime > '${from}'`,
    pageSize: 200,
  })
  for await (const { workflowId: id } of listed) {
    const tenant = await withSystem(deps.db, async (tx) => {
      const known = await tenantOfRun(tx, id)
      const open = known !== null && (known.phase === 'running' || known.phase === 'queued')
      return open && !(await isResting(tx, id)) ? known.tenant : null
    })
    if (tenant !== null) await projectOrSetAside(deps, { id, tenant })
  }
  return now
}

/** Projects open runs that were last looked at before `olderThan`: closes the gaps that everything else left. */
export async function sweepStale(deps: SweepDeps, olderThan: Date, limit = 50): Promise<number> {
  const runs = await withSystem(deps.db, (tx) => staleRuns(tx, olderThan, limit))
  for (const run of runs) await projectOrSetAside(deps, run)
  return runs.length
}

/**
 * Projects a run; one whose history is at fault is set aside, so that those behind it go on. A fault of Temporal or
 * Postgres concerns all runs and is thrown on.
 */
const projectOrSetAside = async (deps: SweepDeps, run: ProjectedRun): Promise<void> => {
  const { db, log } = deps
  try {
    await projectWhole(deps, run)
    await withSystem(db, (tx) => takeBack(tx, run.id))
  } catch (error) {
    if (isAway(error)) throw error
    if (error instanceof WorkflowNotFoundError) return notFound(deps, run)
    const tries = await withSystem(db, (tx) => setAside(tx, run, String(error)))
    log[tries === 1 ? 'error' : 'debug']('a run could not be projected and is set aside', { run: run.id, tries, error })
  }
}

/**
 * A run that another one begins is written down first. Temporal hears of it when that one goes on, which may take as
 * long as no worker is there, and never does when that one ends before.
 */
const notFound = ({ db, log }: SweepDeps, run: ProjectedRun): Promise<void> =>
  withSystem(db, async (tx) => {
    const parentEnded = await endOfParent(tx, run.id)
    if (parentEnded === 'open' || (parentEnded !== null && Date.now() - parentEnded.getTime() < startsWithin))
      return lookedAt(tx, run.id)
    if (parentEnded === null) log.error('Temporal does not know a run that was started', { run: run.id })
    const by = { tenant: run.tenant, actor: { kind: 'system' as const, id: 'projector' }, scopes: [] }
    await closeAndFollow(tx, by, run.id, {
      ...(parentEnded === null ? lost : neverBegun),
      outcome: null,
      closedAt: new Date(),
    })
    await takeBack(tx, run.id)
  })

const lost = {
  phase: 'failed',
  failure: { code: 'history_lost', message: 'Temporal has no history of this run; start it again.' },
} as const
const neverBegun = {
  phase: 'cancelled',
  failure: { code: 'parent_ended', message: 'The run that was to begin it ended before it did.' },
} as const
