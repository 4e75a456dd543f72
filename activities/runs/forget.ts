import { isGrpcServiceError, type Client } from '@temporalio/client'

/** Has Temporal forget runs with all their histories; what it does not know any more is what was wanted. */
export async function forgetHistories(temporal: Client, runs: readonly string[]): Promise<void> {
  const { namespace } = temporal.options
  const forget = async (workflowId: string, runId?: string) => {
    const workflowExecution = { workflowId, ...(runId === undefined ? {} : { runId }) }
    try {
      await temporal.workflowService.deleteWorkflowExecution({ namespace, workflowExecution })
    } catch (error) {
      // gRPC’s NOT_FOUND
      if (!isGrpcServiceError(error) || String(error.code) !== '5') throw error
    }
  }
  // the histories that a run went on from are no longer the one that its id stands for
  const query = `WorkflowId IN (${runs.map((id) => `'${id}'`).join(', ')})`
  for await (const { workflowId, runId } of temporal.workflow.list({ query })) await forget(workflowId, runId)
  for (const run of runs) await forget(run)
}
