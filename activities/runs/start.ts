import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import { withTenant, type Databases } from '#activities/database.ts'
import type { LeadRun } from '#schemas/leads/run.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { traced } from '#temporal/tracing.ts'
import { markStarted } from './store.ts'

export type StartOptions = { approval: LeadRun['approval'] }
type Request = {
  run_id: string
  tenant_id: string
  workflow: string
  input: Record<string, unknown>
  traceparent?: string | null
}

/**
 * Tells Temporal to run a request. The run id is the workflow id and a duplicate is
 * refused, so doing it twice, or again after a crash in between, starts one.
 */
export const startRequested = (deps: { temporal: Client }, request: Request, options: StartOptions): Promise<void> =>
  traced(
    'start run',
    {
      kind: 'consumer',
      parent: request.traceparent,
      attributes: { 'auterity.run': request.run_id, 'auterity.tenant': request.tenant_id },
    },
    () => start(deps, request, options),
  )

const start = async ({ temporal }: { temporal: Client }, request: Request, options: StartOptions): Promise<void> => {
  const { run_id: run, tenant_id: tenant, input } = request
  const origin = typeof input['origin'] === 'string' ? input['origin'] : run
  try {
    await temporal.workflow.start(workflowTypes.lead, {
      taskQueue: queues.main,
      workflowId: run,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [{ tenant, run, origin, approval: options.approval } satisfies LeadRun],
      staticSummary: request.workflow,
      priority: { priorityKey: 3, fairnessKey: tenant },
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}

/** Writes down that Temporal has the run; until then the dispatcher may tell it again, which changes nothing. */
export const recordStarted = (db: Databases, { run_id: run, tenant_id: tenant, workflow }: Request): Promise<void> => {
  const ctx = { tenant, actor: { kind: 'system' as const, id: 'dispatcher' }, scopes: [] }
  return withTenant(db, ctx, (tx) => markStarted(tx, ctx, run, workflow))
}
