import { WorkflowNotFoundError } from '@temporalio/client'
import { withSystem } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'
import { projectWhole, type ProjectDeps, type ProjectedRun } from './project.ts'
import { closeRun } from './store.ts'
import { staleRuns, tenantOfRun } from './store-steps.ts'

/** How far back the look at closed workflows reaches beyond its last look, in ms: visibility lags a little. */
const overlap = 30_000

/**
 * Projects runs nobody watched as soon as Temporal's visibility lists them as closed. `since` is when it looked last
 * (ms); gives the time to go on from. A run already closed with us is passed over.
 */
export async function projectClosed(deps: ProjectDeps, since: number): Promise<number> {
  const now = Date.now()
  const from = new Date(since - overlap).toISOString()
  const listed = deps.temporal.workflow.list({
    query: `ExecutionStatus != 'Running' AND CloseTime > '${from}'`,
    pageSize: 200,
  })
  for await (const { workflowId } of listed) {
    const known = await withSystem(deps.db, (tx) => tenantOfRun(tx, workflowId))
    if (known !== null && (known.phase === 'running' || known.phase === 'queued'))
      await projectWhole(deps, { id: workflowId, tenant: known.tenant })
  }
  return now
}

/** Projects open runs that were last looked at before `olderThan`: closes the gaps that everything else left. */
export async function sweepStale(deps: ProjectDeps, olderThan: Date, log: Log, limit = 50): Promise<number> {
  const runs = await withSystem(deps.db, (tx) => staleRuns(tx, olderThan, limit))
  for (const run of runs)
    try {
      await projectWhole(deps, run)
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
      log.error('Temporal does not know a run that was started', { run: run.id })
      await giveUp(deps, run)
    }
  return runs.length
}

const giveUp = ({ db }: ProjectDeps, run: ProjectedRun): Promise<void> =>
  withSystem(db, (tx) =>
    closeRun(tx, { tenant: run.tenant, actor: { kind: 'system', id: 'projector' }, scopes: [] }, run.id, {
      phase: 'failed',
      outcome: null,
      failure: { code: 'history_lost', message: 'Temporal has no history of this run; start it again.' },
      closedAt: new Date(),
    }),
  )
