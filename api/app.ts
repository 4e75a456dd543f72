import { Hono } from 'hono'
import { newId } from '#schemas/ids.ts'
import { accessRoutes } from '#schemas/access.ts'
import { identityRoutes } from '#schemas/identity.ts'
import { accessHandlers } from './access.ts'
import { authenticate, checkOrigin } from './authenticate.ts'
import { serve } from './contract.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'
import { notFound, onError } from './errors.ts'
import { identityHandlers } from './identity.ts'

/** The whole API, made of its dependencies; listening is `main.ts`'s part. */
export function createApp(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.onError(onError(deps.log))
  app.notFound(notFound())
  app.use(async (c, next) => {
    const given = c.req.header('x-request-id')
    c.set('requestId', given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : newId('request'))
    c.header('X-Request-Id', c.get('requestId'))
    await next()
  })
  app.use('/v1/*', checkOrigin(deps), authenticate(deps))
  serve(app, deps, identityRoutes, identityHandlers(deps))
  serve(app, deps, accessRoutes, accessHandlers(deps))
  return app
}
