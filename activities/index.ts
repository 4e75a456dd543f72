import { approvalActivities } from './approvals/index.ts'
import { automationActivities } from './automation/index.ts'
import { operationActivities } from './connectors/operations.ts'
import type { Deps } from './deps.ts'
import { batchActivities } from './runs/batches.ts'
import { gatewayActivities } from './gateway/answer.ts'
import { modelBatchActivities } from './gateway/batches.ts'
import { classifierActivities } from './gateway/classifiers.ts'
import { qualityActivities } from './gateway/quality.ts'
import { steeringActivities } from './steering/index.ts'

/** Every activity, by the name that stands in histories. One line per capability. */
export const createActivities = (deps: Deps) => ({
  ...approvalActivities(deps),
  ...automationActivities(deps),
  ...batchActivities(deps),
  ...operationActivities(deps),
  ...gatewayActivities(deps),
  ...modelBatchActivities(deps),
  ...classifierActivities(deps),
  ...qualityActivities(deps),
  ...steeringActivities(deps),
})
