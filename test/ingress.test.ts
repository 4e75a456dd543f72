import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectDatabase, withSystem, withTenant } from '#activities/database.ts'
import { setAutomation } from '#activities/ingress/store-sources.ts'
import { createLog } from '#activities/log.ts'
import { createApp } from '#api/app.ts'
import type { Event } from '#schemas/audit.ts'
import type { Run } from '#schemas/runs.ts'
import { maxBodyBytes, type Receipt, type ReceiptDetail, type Source } from '#schemas/ingress.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { testApiDeps } from './harness/api.ts'
import { deliver, signHook } from './harness/hooks.ts'
import { untilState } from './harness/lead.ts'
import { withKey } from './harness/people.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const counts = () =>
  withSystem(platform.database.db, async (tx) => {
    const of = async (table: 'receipt' | 'inbox' | 'run_request' | 'run') =>
      Number(
        (
          await tx
            .selectFrom(table)
            .select((e) => e.fn.countAll().as('n'))
            .executeTakeFirstOrThrow()
        ).n,
      )
    return {
      receipts: await of('receipt'),
      bodies: await of('inbox'),
      requests: await of('run_request'),
      runs: await of('run'),
    }
  })
const post = async (
  body: string | ReadableStream<Uint8Array>,
  headers: Record<string, string>,
  url = platform.hook.url,
) => {
  const reply = await fetch(url, {
    method: 'POST',
    headers,
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  })
  return { status: reply.status, type: reply.headers.get('content-type'), body: (await reply.json()) as never }
}
const signed = (id: string, body: string, at?: number) => ({
  'content-type': 'application/xml',
  ...signHook(platform.hook.secret, id, body, at),
})
const minutes = (n: number) => Date.now() + n * 60_000
const xml = makeLead('ingress').xml
const statusOf = (receipt: string) => platform.get<Receipt>(`/v1/receipts/${receipt}`)

const stream = (bytes: number) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let sent = 0; sent < bytes; sent += 65_536) controller.enqueue(Buffer.alloc(65_536, 32))
      controller.close()
    },
  })
const big = ' '.repeat(maxBodyBytes + 1)

test.each<[string, number, string, () => Parameters<typeof post>]>([
  ['a body over the limit', 413, 'too_large', () => [big, signed('r1', big)]],
  ['one that does not say how long it is', 413, 'too_large', () => [stream(maxBodyBytes * 2), signed('r2', big)]],
  ['a wrong signature', 401, 'signature_invalid', () => [`${xml} `, signed('r3', xml)]],
  ['a signature of another id', 401, 'signature_invalid', () => [xml, { ...signed('r4', xml), 'webhook-id': 'r4b' }]],
  ['no signature', 401, 'signature_missing', () => [xml, { 'content-type': 'application/xml' }]],
  ['a stale timestamp', 400, 'timestamp_invalid', () => [xml, signed('r5', xml, minutes(-6))]],
  ['a future timestamp', 400, 'timestamp_invalid', () => [xml, signed('r6', xml, minutes(6))]],
  ['an unknown source', 404, 'not_found', () => [xml, signed('r7', xml), `${platform.hook.url}s`]],
  ['an unknown tenant', 404, 'not_found', () => [xml, signed('r8', xml), `${platform.url}/hooks/nobody/website`]],
  ['text that is no lead', 422, 'lead_malformed', () => ['hello', signed('r9', 'hello')]],
  ['an empty body', 422, 'lead_malformed', () => ['', signed('r10', '')]],
  [
    'JSON that is no lead',
    422,
    'lead_malformed',
    () => ['{"a":1}', { ...signed('r11', '{"a":1}'), 'content-type': 'application/json' }],
  ],
])('%s is refused with %i %s, and nothing is kept or started', async (_, status, code, make) => {
  const reply = await post(...make())
  expect(reply).toMatchObject({
    status,
    type: 'application/problem+json',
    body: { code, status, requestId: expect.stringMatching(/^req_/) },
  })
  expect(await counts()).toEqual({ receipts: 0, bodies: 0, requests: 0, runs: 0 })
})

test('what is wrong with a body is told by its place', async () => {
  const cut = '{\n  "customer": {"name": "Dana"'
  const text = await post(cut, { ...signed('r12', cut), 'content-type': 'application/json' })
  expect(text).toMatchObject({ status: 422, body: { code: 'lead_malformed', position: { line: 2 } } })
  const nobody = xml.replace(/<customer>[^]*<\/customer>/, '')
  const reply = await post(nobody, signed('r13', nobody))
  expect(reply).toMatchObject({ status: 422, body: { code: 'lead_malformed', issues: [{ path: '/customer' }] } })
})

test('a storm of one delivery makes one receipt and one run', async () => {
  const storm = await Promise.all(Array.from({ length: 50 }, () => deliver(platform.hook, 'storm', xml)))
  expect(new Set(storm.map((one) => one.status))).toEqual(new Set([202]))
  expect(new Set(storm.map((one) => one.body.receipt)).size).toBe(1)
  expect(storm.filter((one) => !one.body.duplicate)).toHaveLength(1)
  const { receipt } = storm[0]!.body
  const { run } = await until('it has a run', async () => {
    const found = await statusOf(receipt)
    return found.run !== null && found
  })
  await untilState(platform, run!, 'waiting')
  expect(await counts()).toEqual({ receipts: 1, bodies: 1, requests: 1, runs: 1 })
  const { items } = await platform.get<{ items: { deliveries: number }[] }>('/v1/receipts')
  expect(items[0]!.deliveries).toBe(50)
})

test('a storm of one id with many bodies accepts one and keeps each other once', async () => {
  const before = await counts()
  const bodies = Array.from({ length: 5 }, (_, i) => makeLead(`conflict-${i}`).xml)
  const storm = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => ({
      body: bodies[i % 5]!,
      reply: await deliver(platform.hook, 'conflict', bodies[i % 5]!),
    })),
  )
  const winners = new Set(storm.filter((one) => one.reply.status === 202).map((one) => one.body))
  expect(winners.size).toBe(1)
  for (const { body, reply } of storm) expect(reply.status).toBe(winners.has(body) ? 202 : 409)
  const receipts = [...new Set(storm.map((one) => one.reply.body.receipt))]
  expect(receipts).toHaveLength(5)
  const states = await Promise.all(receipts.map(async (one) => (await statusOf(one)).status))
  expect(states.filter((status) => status === 'quarantined')).toHaveLength(4)
  await until('the one that won has its run', async () => (await counts()).runs === before.runs + 1)

  const [released, discarded, ...others] = receipts.filter((_, i) => states[i] === 'quarantined')
  expect((await platform.post(`/v1/receipts/${released}/release`)).status).toBe(200)
  expect((await platform.post(`/v1/receipts/${discarded}/discard`)).status).toBe(200)
  const { run } = await until('the released one has a run', async () => {
    const found = await statusOf(released!)
    return found.run !== null && found
  })
  await untilState(platform, run!, 'waiting')
  expect(await statusOf(discarded!)).toMatchObject({ status: 'discarded', run: null })
  for (const one of [released, discarded])
    expect(await platform.post(`/v1/receipts/${one}/release`)).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    })
  for (const one of others) expect(await statusOf(one)).toMatchObject({ status: 'quarantined', run: null })
  expect((await counts()).runs).toBe(before.runs + 2)
})

test('what no published automation answers is held, says so, and goes on when it is released', async () => {
  const { db } = platform.database
  const [source] = (await platform.get<{ items: Source[] }>('/v1/sources')).items
  const answer = (automation: string) =>
    withTenant(db, platform.ctx, (tx) => setAutomation(tx, platform.ctx, source!.id, automation))
  await answer('nobody')
  const { receipt } = (await deliver(platform.hook, 'unanswered', makeLead('unanswered').xml)).body
  const held = await until('it is held', async () => {
    const found = await statusOf(receipt)
    return found.status === 'quarantined' && found
  })
  expect(held.error).toMatchObject({ code: 'not_published', message: expect.stringContaining('was not published') })
  const { items } = await platform.get<{ items: Event[] }>(`/v1/events?subject=${receipt}`)
  expect(items[0]).toMatchObject({ type: 'webhook_held', data: { automation: 'nobody' } })

  await answer('lead-response')
  expect((await platform.post(`/v1/receipts/${receipt}/release`)).status).toBe(200)
  const { run } = await until('it has a run', async () => {
    const found = await statusOf(receipt)
    return found.run !== null && found
  })
  await untilState(platform, run!, 'waiting')
})

test('a receipt is told to its own tenant only', async () => {
  const { body } = await deliver(platform.hook, 'mine', makeLead('mine').xml)
  const other = await withKey(platform.database.db)
  const ask = async (receipt: string) => {
    const reply = await fetch(`${platform.url}/v1/receipts/${receipt}`, {
      headers: { authorization: other.authorization },
    })
    const { requestId: _, ...problem } = (await reply.json()) as { requestId: string }
    return { status: reply.status, problem }
  }
  const theirs = await ask(body.receipt)
  expect(theirs.status).toBe(404)
  expect(theirs).toEqual(await ask('rct_01jd2x7m4hf8q9v0w3k5n6p7rs'))
})

type Made = { source: Source; secret: string | null }

test('a source signs by Ed25519, and one of several signatures is enough', async () => {
  const pair = generateKeyPairSync('ed25519')
  const publicKey = `whpk_${pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64')}`
  const { status, body } = await platform.post<Made>('/v1/sources', { name: 'signed', publicKey })
  expect({ status, secret: body.secret }).toEqual({ status: 201, secret: null })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = (id: string) =>
    `v1a,${sign(null, Buffer.from(`${id}.${timestamp}.${xml}`), pair.privateKey).toString('base64')}`
  const send = (id: string, by: string) =>
    post(
      xml,
      { 'content-type': 'application/xml', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': by },
      body.source.url.replace(/^http:\/\/[^/]+/, platform.url),
    )
  expect((await send('e1', signature('e1'))).status).toBe(202)
  expect((await send('e2', `v1,${'A'.repeat(43)}= v9,x ${signature('e2')}`)).status).toBe(202)
  expect((await send('e3', signature('e2'))).status).toBe(401)
})

test('while a secret is rotated both are good; when the old one is ended only the new one is', async () => {
  const made = (await platform.post<Made>('/v1/sources', { name: 'rotated' })).body
  const rotated = (await platform.post<Made>(`/v1/sources/${made.source.id}/rotate`, { overlapHours: 1 })).body
  const hook = (secret: string | null) => ({ url: platform.hook.url.replace(/website$/, 'rotated'), secret: secret! })
  const send = async (id: string, secret: string | null) => (await deliver(hook(secret), id, makeLead(id).xml)).status
  expect(await send('old-1', made.secret)).toBe(202)
  expect(await send('new-1', rotated.secret)).toBe(202)
  const path = (secret: string) => `${platform.url}/v1/sources/${made.source.id}/secrets/${secret}`
  const end = async (secret: string) =>
    (await fetch(path(secret), { method: 'DELETE', headers: { authorization: `Bearer ${platform.apiKey}` } })).status
  const [old, fresh] = rotated.source.secrets
  expect(await end(old!.id)).toBe(204)
  expect(await end(fresh!.id)).toBe(409)
  await until('the door has heard of it', async () => (await send(`old-${Date.now()}`, made.secret)) === 401)
  expect(await send('new-2', rotated.secret)).toBe(202)
})

test('what the parser forgives is kept beside the lead, in ADF and in JSON', async () => {
  const { json } = makeLead('forgiven')
  const quirky = `\uFEFF  ${xml.replace('</adf>', '')}`
  const adf = await deliver(platform.hook, 'quirky', quirky)
  const plain = await deliver(platform.hook, 'plain', {
    ...json,
    customer: { name: 'Dana Whitfield', email: ' dana@example.com ' },
  })
  expect([adf.status, plain.status]).toEqual([202, 202])
  const detail = (receipt: string) => platform.get<ReceiptDetail>(`/v1/receipts/${receipt}/detail`)
  const read = await detail(adf.body.receipt)
  expect(read.body).toBe(quirky)
  expect(read.notes.length).toBeGreaterThan(0)
  expect((await detail(plain.body.receipt)).lead).toMatchObject({ customer: { email: 'dana@example.com' } })
})

test('every receipt ever given resolves', async () => {
  const list = () => platform.get<{ items: Receipt[] }>('/v1/receipts?limit=200')
  const kept = ({ status }: Receipt) => status === 'quarantined' || status === 'discarded'
  const items = await until('each accepted one has its run', async () => {
    const found = (await list()).items
    return found.every((one) => kept(one) || one.run !== null) && found
  })
  expect(items.length).toBe((await counts()).receipts)
  for (const one of items) {
    expect((await statusOf(one.receipt)).receipt).toBe(one.receipt)
    if (!kept(one)) expect((await platform.get<{ run: Run }>(`/v1/runs/${one.run}`)).run.receipt).toBe(one.receipt)
  }
})

test('while the database is away the sender is told to try again', async () => {
  const { database, hook } = platform
  const db = connectDatabase({ databaseUrl: 'postgres://nobody@127.0.0.1:9/none', key: database.key, name: 'away' })
  const app = createApp(testApiDeps({ ...database, db }, { log: createLog('test', 'error', () => {}) }))
  const before = await counts()
  const reply = await app.request(new URL(hook.url).pathname, {
    method: 'POST',
    headers: signed('away', xml),
    body: xml,
  })
  expect(reply.status).toBe(503)
  expect(await reply.json()).toMatchObject({ code: 'unavailable' })
  await db.close()
  expect(await counts()).toEqual(before)
})
