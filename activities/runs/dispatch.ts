import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'
import { startModelBatch, startQualityGuard, startTraining } from '#activities/gateway/start.ts'
import { startReplay } from '#activities/steering/start.ts'
import { endRun } from './end.ts'
import { claimRequests, takeFromInbox } from './store-dispatch.ts'
import { admitHeld, claimStops } from './store-gate.ts'
import { recordStarted, startBatch, startRequested } from './start.ts'
import { claimUntold } from './store-untold.ts'

export type DispatchDeps = { db: Databases; temporal: Client; log: Log }

/**
 * One round: inbox to requests, requests through their gates, and to Temporal. Gives true when there may be more to do at once. A request
 * that cannot be started stays claimed until its back-off ends, and is then tried again, for ever.
 */
export async function dispatchRound(deps: DispatchDeps): Promise<boolean> {
  const taken = await takeFromInbox(deps.db)
  const decided = await admitHeld(deps.db)
  await stopRuns(deps)
  for (const { id, tenant_id: tenant, per_minute: perMinute } of await claimUntold(deps.db, 'run_batch'))
    await startBatch(deps, { batch: id, tenant, perMinute })
  for (const { id, tenant_id: tenant } of await claimUntold(deps.db, 'steering_replay'))
    await startReplay(deps, { replay: id, tenant })
  for (const { id, tenant_id: tenant } of await claimUntold(deps.db, 'gateway_batch'))
    await startModelBatch(deps, { batch: id, tenant })
  for (const { id, tenant_id: tenant } of await claimUntold(deps.db, 'gateway_classifier'))
    await startTraining(deps, { classifier: id, tenant })
  for (const { id, tenant_id: tenant } of await claimUntold(deps.db, 'gateway_quality_run'))
    await startQualityGuard(deps, { run: id, tenant })
  const claimed = await claimRequests(deps.db)
  const failures = (
    await Promise.allSettled(
      claimed.map(async (request) => {
        await startRequested(deps, request)
        await recordStarted(deps.db, request)
      }),
    )
  ).filter((result) => result.status === 'rejected')
  if (failures[0] !== undefined)
    deps.log.warn('could not start runs; they are tried again', {
      count: failures.length,
      error: String(failures[0].reason),
    })
  return taken > 0 || decided > 0 || (claimed.length > 0 && failures.length < claimed.length)
}

/** Tells Temporal to cancel the runs that have to make room; one that has just ended is what was wanted. */
async function stopRuns({ db, temporal, log }: DispatchDeps): Promise<void> {
  const runs = await claimStops(db)
  await Promise.all(
    runs.map(async ({ run, stuck }) => {
      try {
        await endRun(temporal, run, stuck)
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError))
          log.warn('a run could not be told to make room; it is told again', { run, error: String(error) })
      }
    }),
  )
}
