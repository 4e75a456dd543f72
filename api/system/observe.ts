import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { Counter, Histogram, Registry } from 'prom-client'
import type { ApiDeps, ApiEnv } from '../deps.ts'

export const registry = new Registry()

const requests = new Histogram({
  name: 'auterity_http_request_seconds',
  help: 'Time to answer a request, by route and status.',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
})
const refused = new Counter({
  name: 'auterity_http_refused_total',
  help: 'Requests answered 4xx or 5xx, by status.',
  labelNames: ['status'] as const,
  registers: [registry],
})

/** The pattern of the route that answered; the screens, matched by `/*`, stand behind all others. */
export const routeOf = (c: Context<ApiEnv>): string => routePath(c) || 'none'

/** Counts and times every request, by the route's pattern and never by its address; logs it at debug level. */
export const observe =
  ({ log }: Pick<ApiDeps, 'log'>): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const started = performance.now()
    await next()
    const seconds = (performance.now() - started) / 1000
    const route = routeOf(c)
    const status = String(c.res.status)
    requests.observe({ method: c.req.method, route, status }, seconds)
    if (c.res.status >= 400) refused.inc({ status })
    log.debug('request', {
      requestId: c.get('requestId'),
      method: c.req.method,
      route,
      status,
      ms: Math.round(seconds * 1e6) / 1000,
      tenant: c.get('ctx')?.tenant,
    })
  }
