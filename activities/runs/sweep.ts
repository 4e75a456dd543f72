import { WorkflowNotFoundError } from '@temporalio/client'
import { withSystem } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'
import { isAway } from '#schemas/errors.ts'
import { projectWhole, type ProjectDeps, type ProjectedRun } from './project.ts'
import { closeAndFollow } from './store-follow.ts'
import { isResting, setAside, takeBack } from './store-set-aside.ts'
import { staleRuns, tenantOfRun } from './store-steps.ts'

/** How far back the look at closed workflows reaches beyond its last look, in ms: visibility lags a little. */
const overlap = 30_000

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
    if (error instanceof WorkflowNotFoundError) {
      log.error('Temporal does not know a run that was started', { run: run.id })
      await giveUp(deps, run)
      return
    }
    const tries = await withSystem(db, (tx) => setAside(tx, run, String(error)))
    log[tries === 1 ? 'error' : 'debug']('a run could not be projected and is set aside', { run: run.id, tries, error })
  }
}

const giveUp = ({ db }: ProjectDeps, run: ProjectedRun): Promise<void> =>
  withSystem(db, async (tx) => {
    const by = { tenant: run.tenant, actor: { kind: 'system' as const, id: 'projector' }, scopes: [] }
    await closeAndFollow(tx, by, run.id, {
      phase: 'failed',
      outcome: null,
      failure: { code: 'history_lost', message: 'Temporal has no history of this run; start it again.' },
      closedAt: new Date(),
    })
    await takeBack(tx, run.id)
  })
