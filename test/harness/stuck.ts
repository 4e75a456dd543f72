import type { Client } from '@temporalio/client'
import { withTenant, type Databases } from '#activities/database.ts'
import { markStarted } from '#activities/runs/store.ts'
import { requestRuns, type RunRequest } from '#activities/runs/store-request.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { temporal as proto } from '#temporal/proto.ts'
import { drawn } from './drawn.ts'
import { until } from './until.ts'

/** What Temporal asks of a run next: who calls this is its worker. */
export const nextTask = (temporal: Client, run: string) =>
  temporal.withDeadline(Date.now() + 60_000, () =>
    temporal.workflowService.pollWorkflowTaskQueue({
      namespace: temporal.options.namespace,
      taskQueue: { name: run },
      identity: 'test',
    }),
  )

type Where = { db: Databases; ctx: Context; temporal: Client; automation?: RunRequest['automation'] }

/** A run whose code does not get beyond its first moment, and is asked again; gives its id. */
export async function stuckRun({ db, ctx, temporal, automation = drawn }: Where): Promise<string> {
  const run = newId('run')
  await withTenant(db, ctx, async (tx) => {
    await requestRuns(tx, ctx, [{ run, automation, title: 'T', input: {} }])
    await markStarted(tx, ctx, run, automation.handle)
  })
  await temporal.workflow.start('lead', { taskQueue: run, workflowId: run })
  const { taskToken } = await nextTask(temporal, run)
  await temporal.workflowService.respondWorkflowTaskFailed({
    namespace: temporal.options.namespace,
    taskToken,
    cause: proto.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
    failure: { message: '[TMPRL1100] Nondeterminism error' },
    identity: 'test',
  })
  await until('it is asked again', async () => {
    const { raw } = await temporal.workflow.getHandle(run).describe()
    return (raw.pendingWorkflowTask?.attempt ?? 0) > 1
  })
  return run
}
