import { accessRoutes } from './access.ts'
import { approvalRoutes } from './approvals.ts'
import { auditRoutes } from './audit.ts'
import { eventRoutes } from './automation/events.ts'
import { presenceRoutes } from './automation/presence.ts'
import { automationRoutes } from './automation/index.ts'
import { credentialRoutes } from './credentials.ts'
import { gatewayRoutes } from './gateway/index.ts'
import { identityRoutes } from './identity.ts'
import { ingressRoutes } from './ingress.ts'
import { batchRoutes } from './runs-batches.ts'
import { controlRoutes } from './runs-control.ts'
import { turnRoutes } from './runs-turns.ts'
import { runRoutes } from './runs.ts'
import { sandboxRoutes } from './sandbox.ts'
import { steeringRoutes } from './steering/index.ts'
import { systemRoutes } from './system.ts'
import { templateRoutes } from './templates/index.ts'

/** The whole HTTP contract under `/v1`. */
export const routes = {
  ...identityRoutes,
  ...accessRoutes,
  ...auditRoutes,
  ...ingressRoutes,
  ...automationRoutes,
  ...eventRoutes,
  ...presenceRoutes,
  ...credentialRoutes,
  ...gatewayRoutes,
  ...steeringRoutes,
  ...templateRoutes,
  ...runRoutes,
  ...turnRoutes,
  ...controlRoutes,
  ...batchRoutes,
  ...approvalRoutes,
  ...sandboxRoutes,
  ...systemRoutes,
}

export type Routes = typeof routes
export type RouteKey = keyof Routes
