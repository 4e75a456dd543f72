import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { Pool } from 'pg'

/**
 * The floor: a bare Hono + pg receiver that checks the signature and commits in groups, one row a webhook, and does
 * nothing else. What ours takes longer is the price of parsing, deduplication, receipt and event.
 */
const pool = new Pool({ connectionString: process.env['FLOOR_DATABASE_URL'], max: 4 })
await pool.query('create table floor_inbox (id text primary key, body bytea not null, at timestamptz default now())')
const key = Buffer.from((process.env['FLOOR_SECRET'] ?? '').replace(/^whsec_/, ''), 'base64')

type Waiting = { id: string; body: Buffer; done: (error?: unknown) => void }
let waiting: Waiting[] = []
let writing = 0
const flush = async (): Promise<void> => {
  if (writing >= 2 || waiting.length === 0) return
  writing++
  const batch = waiting
  waiting = []
  try {
    await pool.query(
      'insert into floor_inbox (id, body) select * from unnest($1::text[], $2::bytea[]) on conflict do nothing',
      [batch.map((one) => one.id), batch.map((one) => one.body)],
    )
    for (const one of batch) one.done()
  } catch (error) {
    for (const one of batch) one.done(error)
  }
  writing--
  void flush()
}

const app = new Hono()
app.post('/hook', async (c) => {
  const body = Buffer.from(await c.req.arrayBuffer())
  const id = c.req.header('webhook-id') ?? ''
  const mac = createHmac('sha256', key)
    .update(`${id}.${c.req.header('webhook-timestamp')}.`)
    .update(body)
    .digest()
  const given = Buffer.from((c.req.header('webhook-signature') ?? '').slice(3), 'base64')
  if (given.length !== mac.length || !timingSafeEqual(mac, given)) return c.json({ error: 'signature' }, 401)
  await new Promise<void>((resolve, reject) => {
    waiting.push({ id, body, done: (error) => (error === undefined ? resolve() : reject(error)) })
    setImmediate(() => void flush())
  })
  return c.json({ receipt: id, duplicate: false }, 202)
})
const server = createAdaptorServer({ fetch: app.fetch })
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.({ ready: true, port: (server.address() as AddressInfo).port })
