import { approvalActivities } from './approvals/index.ts'
import { automationActivities } from './automation/index.ts'
import { connectorActivities } from './connectors/index.ts'
import { operationActivities } from './connectors/operations.ts'
import { gatewayActivities } from './gateway/answer.ts'
import type { Deps } from './deps.ts'
import { leadActivities } from './leads/index.ts'

/** Every activity, by the name that stands in histories. One line per capability. */
export const createActivities = (deps: Deps) => ({
  ...leadActivities(deps),
  ...connectorActivities(deps),
  ...approvalActivities(deps),
  ...operationActivities(deps),
  ...automationActivities(deps),
  ...gatewayActivities(deps),
})

export type Activities = ReturnType<typeof createActivities>
