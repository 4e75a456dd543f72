import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { Control } from '#schemas/automation/run.ts'
import { Fault } from '#schemas/errors.ts'
import { messages } from '#temporal/names.ts'

/** How long a run may take to heed, in ms, before who asked is told to look again. */
const patience = 10_000

/** Asks a run to heed a person; resolves once it has, and that stands in its history. */
export async function controlWorkflow(temporal: Client, run: string, asked: Control): Promise<void> {
  try {
    await temporal.withDeadline(Date.now() + patience, () =>
      temporal.workflow.getHandle(run).executeUpdate(messages.control, { args: [asked] }),
    )
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new Fault('run_closed')
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      throw new Fault('conflict', error.cause.message)
    throw error
  }
}

/** Ends the pause before the next try of a step: it is tried at once, as if for the first time. */
export async function retryNow(temporal: Client, run: string, activityId: string): Promise<void> {
  const { namespace } = temporal.options
  try {
    await temporal.workflowService.resetActivity({
      namespace,
      execution: { workflowId: run },
      id: activityId,
      resetHeartbeat: false,
    })
  } catch (error) {
    if (isNotFound(error)) throw new Fault('conflict', 'This step is not being tried at the moment.')
    throw error
  }
}

const isNotFound = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 5
