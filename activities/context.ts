import type { RunScope } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'

/** In whose name an activity writes: the workflow of its run. The input came through the encrypting codec. */
export const workflowContext = ({ tenant, run }: RunScope): Context => ({
  tenant,
  actor: { kind: 'workflow', id: run },
  scopes: [],
  correlation: run,
})
