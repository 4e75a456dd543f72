import type { Client } from '@temporalio/client'

/** `PARENT_CLOSE_POLICY_ABANDON` of Temporal's API: a run that was started to be left alone. */
const abandoned = 2

/** The runs that a run waits for now: pages of its loops and subflows, not those that it only started. */
export async function waitedFor({ workflowService, options }: Client, run: string): Promise<string[]> {
  const { pendingChildren } = await workflowService.describeWorkflowExecution({
    namespace: options.namespace,
    execution: { workflowId: run },
  })
  return (pendingChildren ?? []).flatMap(({ workflowId, parentClosePolicy }) =>
    Number(parentClosePolicy) === abandoned || !workflowId ? [] : [workflowId],
  )
}
