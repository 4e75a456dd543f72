import type { MiddlewareHandler } from 'hono'
import { traced } from '#temporal/tracing.ts'
import type { ApiEnv } from '../deps.ts'
import { routeOf } from './observe.ts'

/**
 * Each request as a server span, named and described after OpenTelemetry's conventions for HTTP: the route's pattern
 * and the status, ids of ours, and never an address, a query or a body. A caller's `traceparent` is gone on with.
 */
export const traceRequest: MiddlewareHandler<ApiEnv> = (c, next) => {
  const { method } = c.req
  const attributes = { 'http.request.method': method, 'auterity.request': c.get('requestId') }
  return traced(method, { kind: 'server', attributes, parent: c.req.header('traceparent') }, async (span) => {
    await next()
    const { status } = c.res
    const route = routeOf(c)
    span.rename(`${method} ${route}`)
    span.set({
      'http.route': route,
      'http.response.status_code': status,
      'auterity.tenant': c.get('ctx')?.tenant,
      'auterity.run': c.req.param('run'),
      'auterity.receipt': c.req.param('receipt'),
    })
    if (status >= 500) span.fail(String(status))
  })
}
