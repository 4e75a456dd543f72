import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { Agent, request } from 'undici'

/** The floor: a bare Hono + undici proxy that reads the body, sets the model and passes the answer on, and nothing else. */
const upstream = process.env['BENCH_UPSTREAM'] ?? ''
const dispatcher = new Agent({ connections: 1024, pipelining: 1 })
const app = new Hono().post('/v1/chat/completions', async (c) => {
  const asked = JSON.parse(await c.req.text()) as Record<string, unknown>
  const body = JSON.stringify({ ...asked, model: 'gpt-5-mini' })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' }
  const answer = await request(`${upstream}/chat/completions`, { method: 'POST', headers, body, dispatcher })
  return new Response(Readable.toWeb(answer.body), {
    status: answer.statusCode,
    headers: { 'content-type': String(answer.headers['content-type']) },
  })
})
const server = createAdaptorServer({ fetch: app.fetch })
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.({ port: (server.address() as AddressInfo).port })
