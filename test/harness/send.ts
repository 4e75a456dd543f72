import type { Hono } from 'hono'
import type { ApiEnv } from '#api/deps.ts'

// a test says what it expects of the answer
// oxlint-disable-next-line typescript/no-explicit-any
export type Body = any
type Sent = { status: number; headers: Headers; body: Body; text: string }

/** Sends `'METHOD /path'` with a JSON body and gives the answer read. */
export const sender =
  (app: Hono<ApiEnv>) =>
  async (route: string, body?: unknown, headers: Record<string, string> = {}, address?: string): Promise<Sent> => {
    const [method = '', path = ''] = route.split(' ')
    const reply = await app.request(
      path,
      {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { incoming: { socket: { remoteAddress: address } } },
    )
    const text = await reply.text()
    return { status: reply.status, headers: reply.headers, text, body: text === '' ? null : JSON.parse(text) }
  }
