import { Hono } from 'hono'
import { accessRoutes } from '#schemas/access.ts'
import { approvalRoutes } from '#schemas/approvals.ts'
import { auditRoutes } from '#schemas/audit.ts'
import { eventRoutes } from '#schemas/automation/events.ts'
import { automationRoutes } from '#schemas/automation/index.ts'
import { presenceRoutes } from '#schemas/automation/presence.ts'
import { credentialRoutes } from '#schemas/credentials.ts'
import { gatewayRoutes } from '#schemas/gateway/index.ts'
import { identityRoutes } from '#schemas/identity.ts'
import { newId } from '#schemas/ids.ts'
import { ingressRoutes } from '#schemas/ingress.ts'
import { batchRoutes } from '#schemas/runs-batches.ts'
import { controlRoutes } from '#schemas/runs-control.ts'
import { turnRoutes } from '#schemas/runs-turns.ts'
import { runRoutes } from '#schemas/runs.ts'
import { sandboxRoutes } from '#schemas/sandbox.ts'
import { steeringRoutes } from '#schemas/steering/index.ts'
import { systemRoutes } from '#schemas/system.ts'
import { templateRoutes } from '#schemas/templates/index.ts'
import { accessHandlers } from './access.ts'
import { approvalHandlers } from './approvals.ts'
import { auditHandlers } from './audit.ts'
import { eventHandlers } from './automation/events.ts'
import { automationHandlers } from './automation/index.ts'
import { presenceHandlers } from './automation/presence.ts'
import { authenticate, checkOrigin, stillAllowed } from './authenticate.ts'
import { credentialHandlers } from './credentials.ts'
import { serve } from './contract.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'
import { Ear } from '#activities/live/ear.ts'
import { notFound, onError } from './errors.ts'
import { gatewayHandlers } from './gateway/index.ts'
import { identityHandlers } from './identity.ts'
import { ingressHandlers } from './ingress/index.ts'
import { receiveHook } from './ingress/receive.ts'
import { KnownKeys } from './access-known-keys.ts'
import { LiveHub } from './live/hub.ts'
import { live } from './live/index.ts'
import { observe } from './system/observe.ts'
import { mountOpenapi } from './openapi/index.ts'
import { batchHandlers } from './runs-batches.ts'
import { controlHandlers } from './runs-control.ts'
import { turnHandlers } from './runs-turns.ts'
import { runHandlers } from './runs.ts'
import { mountScreen } from './screen.ts'
import { sandboxHandlers } from './sandbox.ts'
import { steeringHandlers } from './steering/index.ts'
import { systemHandlers } from './system/index.ts'
import { templateHandlers } from './templates.ts'
import { mountHealth } from './system/health.ts'
import { traceRequest } from './system/trace.ts'
import { SystemView } from './system/view.ts'

/** The parts of an API that live as long as its process. */
export type Parts = { system: SystemView; ear: Ear; keys: KnownKeys; hub: LiveHub }

export const createParts = (deps: Omit<ApiDeps, 'relay'>): Parts => {
  const system = new SystemView(deps)
  const ear = new Ear(deps.db)
  // before the hub: when that asks whether a line may go on, what was known is forgotten
  const keys = new KnownKeys(deps.db, ear)
  return { system, ear, keys, hub: new LiveHub(deps, system, ear) }
}

/** The whole API, made of its dependencies; listening is `main.ts`'s part. `screenRoot` is the folder of the built UI. */
export function createApp(deps: ApiDeps, parts: Parts = createParts(deps), screenRoot?: string): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.onError(onError(deps.log))
  app.notFound(notFound())
  app.use(async (c, next) => {
    const given = c.req.header('x-request-id')
    c.set('requestId', given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : newId('request'))
    c.header('X-Request-Id', c.get('requestId'))
    await next()
  })
  app.use(traceRequest)
  app.use(observe(deps))
  app.post('/hooks/:tenant/:source', receiveHook(deps))
  mountHealth(app, deps)
  mountOpenapi(app, deps)
  app.use('/v1/*', checkOrigin(deps), authenticate(deps, parts.keys))
  app.get('/v1/live', live(deps, parts.hub, stillAllowed(deps, parts.keys)))
  serve(app, deps, identityRoutes, identityHandlers(deps))
  serve(app, deps, accessRoutes, accessHandlers(deps, parts.keys))
  serve(app, deps, auditRoutes, auditHandlers(deps))
  serve(app, deps, ingressRoutes, ingressHandlers(deps))
  serve(app, deps, automationRoutes, automationHandlers(deps))
  serve(app, deps, presenceRoutes, presenceHandlers(deps))
  serve(app, deps, eventRoutes, eventHandlers(deps))
  serve(app, deps, credentialRoutes, credentialHandlers(deps))
  serve(app, deps, gatewayRoutes, gatewayHandlers(deps))
  serve(app, deps, steeringRoutes, steeringHandlers(deps))
  serve(app, deps, templateRoutes, templateHandlers(deps))
  serve(app, deps, runRoutes, runHandlers(deps))
  serve(app, deps, turnRoutes, turnHandlers(deps))
  serve(app, deps, controlRoutes, controlHandlers(deps))
  serve(app, deps, batchRoutes, batchHandlers(deps))
  serve(app, deps, approvalRoutes, approvalHandlers(deps))
  serve(app, deps, sandboxRoutes, sandboxHandlers(deps))
  serve(app, deps, systemRoutes, systemHandlers(deps, parts.system))
  if (screenRoot !== undefined) mountScreen(app, screenRoot)
  return app
}
