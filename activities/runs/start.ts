import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import { versionOf } from '#activities/automation/versions.ts'
import { withTenant, type Databases } from '#activities/database.ts'
import { largestByValue, type AutomationRun } from '#schemas/automation/run.ts'
import { semantics } from '#schemas/automation/definition.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import type { BatchRun } from '#schemas/runs-pace.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { traced } from '#temporal/tracing.ts'
import { markStarted } from './store.ts'
import { startUntold } from './start-untold.ts'
import type { StartRequest } from './store-request.ts'

type StartDeps = { temporal: Client; db: Databases }

/**
 * Tells Temporal to run a request. The run id is the workflow id and a duplicate is
 * refused, so doing it twice, or again after a crash in between, starts one.
 */
export const startRequested = (deps: StartDeps, request: StartRequest): Promise<void> =>
  traced(
    'start run',
    {
      kind: 'consumer',
      parent: request.traceparent,
      attributes: { 'auterity.run': request.run_id, 'auterity.tenant': request.tenant_id },
    },
    () => start(deps, request),
  )

const start = async ({ temporal, db }: StartDeps, request: StartRequest): Promise<void> => {
  const { input, summary, priority } = await workflowOf(db, request)
  try {
    await temporal.workflow.start(workflowTypes.automation, {
      taskQueue: queues.main,
      workflowId: request.run_id,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [input],
      staticSummary: summary,
      priority: { priorityKey: priority, fairnessKey: request.tenant_id },
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}

/** What the workflow of a request is given. A large definition it fetches itself, once, by its version. */
export async function workflowOf(
  db: Databases,
  request: StartRequest,
): Promise<{ input: AutomationRun; summary: string; priority: number }> {
  const { run_id: run, tenant_id: tenant, automation_id: automation, version } = request
  if (automation === null || version === null)
    throw new Fault('not_found', `Run ${run} was asked for by code that is gone.`)
  const { handle, name, number, definition } = await versionOf(db, { tenant, automation, version })
  const byValue = JSON.stringify(definition).length <= largestByValue
  const input: AutomationRun = {
    tenant,
    run,
    origin: request.origin ?? run,
    automation,
    handle,
    name,
    version,
    number,
    semantics,
    definition: byValue ? definition : null,
    input: request.input as JsonObject,
    startedAt: request.requested_at.toISOString(),
    depth: 0,
    parent: null,
    ...request.options,
  }
  return { input, summary: `${name} · v${number}`, priority: definition.settings?.priority ?? 3 }
}

/** Writes down that Temporal has the run; until then the dispatcher may tell it again, which changes nothing. */
export const recordStarted = (
  db: Databases,
  { run_id: run, tenant_id: tenant, workflow }: Pick<StartRequest, 'run_id' | 'tenant_id' | 'workflow'>,
): Promise<void> => {
  const ctx = { tenant, actor: { kind: 'system' as const, id: 'dispatcher' }, scopes: [] }
  return withTenant(db, ctx, (tx) => markStarted(tx, ctx, run, workflow))
}

/** Tells Temporal of a batch; twice starts one. */
export const startBatch = (deps: StartDeps, { tenant, batch, perMinute }: BatchRun): Promise<void> =>
  startUntold(deps, 'run_batch', batch, {
    type: 'runBatch',
    input: { tenant, batch, perMinute },
    summary: 'Many runs',
  })
