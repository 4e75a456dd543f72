import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import { versionOf } from '#activities/automation/versions.ts'
import { withTenant, type Databases } from '#activities/database.ts'
import { largestByValue, type AutomationRun } from '#schemas/automation/run.ts'
import { semantics } from '#schemas/automation/definition.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { traced } from '#temporal/tracing.ts'
import { markStarted, type StartRequest } from './store.ts'

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
  const run = await runOf(db, request)
  const { priority } = run.definition?.settings ?? {}
  try {
    await temporal.workflow.start(workflowTypes.automation, {
      taskQueue: queues.main,
      workflowId: run.run,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [run.size > largestByValue ? { ...run.input, definition: null } : run.input],
      staticSummary: `${run.name} · v${run.number}`,
      priority: { priorityKey: priority ?? 3, fairnessKey: run.tenant },
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
