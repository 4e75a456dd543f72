import { serveStatic } from '@hono/node-server/serve-static'
import type { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { ApiEnv } from './deps.ts'
import { isForGateway } from './gateway/paths.ts'

/** Paths of the API: what is not found there is a problem document, never the screen. */
const isApi = (path: string): boolean =>
  isForGateway(path) || /^\/(?:v1|hooks|metrics|healthz|readyz|docs)(?:\/|$)/.test(path)

/**
 * Serves the built screen from the folder `root`: files by their path, precompressed where the browser takes it,
 * those with a hash in their name for ever; any other page address is the app itself, which finds its own way.
 */
export function mountScreen(app: Hono<ApiEnv>, root: string): void {
  app.use(
    secureHeaders({
      contentSecurityPolicy: { frameAncestors: ["'none'"], baseUri: ["'self'"], formAction: ["'self'"] },
      xFrameOptions: 'DENY',
      referrerPolicy: 'same-origin',
      strictTransportSecurity: false,
    }),
  )
  const files = serveStatic<ApiEnv>({
    root,
    precompressed: true,
    onFound: (path, c) =>
      c.header('Cache-Control', path.includes('/_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
  })
  const page = serveStatic<ApiEnv>({
    root,
    path: 'index.html',
    precompressed: true,
    onFound: (_path, c) => c.header('Cache-Control', 'no-cache'),
  })
  app.get('*', (c, next) => (isApi(c.req.path) ? next() : files(c, next)))
  app.get('*', (c, next) => (isApi(c.req.path) || /\.[a-z0-9]+$/i.test(c.req.path) ? next() : page(c, next)))
}
