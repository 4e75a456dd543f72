import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from '#api/app.ts'
import type { Role } from '#schemas/access.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testApiDeps } from './api.ts'
import type { TestGateway } from './gateway.ts'
import { signedIn } from './people.ts'
import type { Body } from './send.ts'

/** The API over the relay of a gateway, on a socket. */
export async function apiOf(gateway: TestGateway) {
  const deps = testApiDeps(gateway.database, { relay: gateway.relaying.relay })
  const app = createApp(deps)
  const server = createAdaptorServer({ fetch: app.fetch })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    /** Asks as a person of that role, new at the tenant. */
    async as(role: Role, at: Context) {
      const { cookie, user, ctx, email } = await signedIn(app, gateway.database.db, role, at)
      const send = (
        route: string,
        body?: unknown,
        more: { headers?: Record<string, string>; signal?: AbortSignal } = {},
      ) => {
        const [method = 'GET', path = ''] = route.split(' ')
        const text = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
        const headers = {
          cookie,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...more.headers,
        }
        return fetch(`${url}${path}`, { method, ...text, ...more, headers })
      }
      return { user, email, ctx, send }
    },
    async [Symbol.asyncDispose]() {
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** What a reply says. */
export const bodyOf = async (reply: Response): Promise<Body> => reply.json()
