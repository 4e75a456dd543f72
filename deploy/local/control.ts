import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { Supervisor } from './supervisor.ts'

/** A long poll is answered after this long even when nothing changed. */
const longestWaitMs = 25_000

const killBody = z.strictObject({ seconds: z.int().min(1).max(60) })

export type Control = { url: string; stop(): Promise<void> }

const isOurs = (request: IncomingMessage, token: string): boolean => {
  const given = Buffer.from(request.headers.authorization ?? '')
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/**
 * Serves the supervisor on 127.0.0.1 to whoever has the token: `GET /processes` (with `?wait=<version>` once there
 * is something newer), `POST /processes/:name/kill {seconds}` with 1 to 60 seconds.
 */
export async function startControl(supervisor: Supervisor, token: string): Promise<Control> {
  let version = 0
  const changed = () => void version++
  supervisor.on('change', changed)

  const list = async (response: ServerResponse, wait: string | null): Promise<void> => {
    if (wait !== null && Number(wait) === version) {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(longestWaitMs)])
      await once(supervisor, 'change', { signal }).catch(() => {})
    }
    answer(response, 200, { version, processes: supervisor.list() })
  }

  const kill = async (request: IncomingMessage, response: ServerResponse, name: string): Promise<void> => {
    const body = killBody.safeParse(JSON.parse((await text(request)) || '{}'))
    if (!body.success) return answer(response, 422, { error: z.prettifyError(body.error) })
    if (!supervisor.list().some((status) => status.name === name)) return answer(response, 404, { error: 'unknown' })
    const killed = supervisor.kill(name, body.data.seconds)
    answer(response, killed ? 202 : 409, { version, processes: supervisor.list() })
  }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurs(request, token)) return answer(response, 401, { error: 'wrong token' })
    const url = new URL(request.url ?? '/', 'http://localhost')
    const name = /^\/processes\/([a-z-]+)\/kill$/.exec(url.pathname)?.[1]
    if (request.method === 'GET' && url.pathname === '/processes') return list(response, url.searchParams.get('wait'))
    if (request.method === 'POST' && name !== undefined) return kill(request, response, name)
    answer(response, 404, { error: 'no such address' })
  }

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => answer(response, 400, { error: String(error) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      supervisor.off('change', changed)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
