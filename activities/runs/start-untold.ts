import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { markTold, type Untold } from './store-untold.ts'

/** Tells Temporal of work that waits in a table; its id is that of the workflow, so twice starts one. */
export async function startUntold(
  { temporal, db }: { temporal: Client; db: Databases },
  table: Untold,
  id: string,
  {
    type,
    input,
    summary,
  }: { type: keyof typeof workflowTypes; input: { tenant: string } & Record<string, unknown>; summary: string },
): Promise<void> {
  try {
    await temporal.workflow.start(workflowTypes[type], {
      taskQueue: queues.main,
      workflowId: id,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [input],
      staticSummary: summary,
      priority: { priorityKey: 5, fairnessKey: input.tenant },
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
  await markTold(db, table, id)
}
