import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem } from '#activities/database.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Receipt } from '#schemas/ingress.ts'
import type { Step } from '#schemas/runs.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { signHook } from './harness/hooks.ts'
import { sendLead, untilState } from './harness/lead.ts'
import { openLine } from './harness/live.ts'
import { freePort, startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

const orderly = { code: 0, signal: null }

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ processes: ['sandbox', 'projector'] })
  await sandboxAt(platform.sandboxUrl).turn('crm', { rateLimit: 1_000_000 })
})
afterAll(() => platform[Symbol.asyncDispose]())

/** Begins to upload a lead and stops in the middle of it. */
const halfUpload = (hook: string, seed: string): { upload: ClientRequest; rest: string } => {
  const body = makeLead(seed).xml
  const upload = request(hook, {
    method: 'POST',
    headers: {
      'content-type': 'application/xml',
      'content-length': Buffer.byteLength(body),
      ...signHook(platform.hook.secret, `msg_${seed}`, body),
    },
  })
  upload.write(body.slice(0, 100))
  return { upload, rest: body.slice(100) }
}
const answerOf = async (upload: ClientRequest): Promise<{ reply: IncomingMessage; body: { receipt: string } }> => {
  const [reply] = (await once(upload, 'response')) as [IncomingMessage]
  const chunks = await reply.toArray()
  return { reply, body: JSON.parse(Buffer.concat(chunks).toString()) }
}

test('an api that is asked to stop answers what it has begun, takes nothing new, and ends', async () => {
  const api = await platform.start('api')
  const { upload, rest } = halfUpload(platform.hook.url, 'drain-upload')
  const silent = connect(Number(new URL(platform.url).port), '127.0.0.1')
  await once(silent, 'connect')
  await using viewer = await openLine(['runs'], { authorization: `Bearer ${platform.apiKey}`, url: platform.url })
  await until('the viewer has its rows', async () => viewer.heard.some((one) => one.event === 'snapshot'))
  const other = new Client({ connectionString: platform.database.url })
  await other.connect()
  await other.query('begin; lock table auterity.source in share mode')
  const adding = platform.post('/v1/sources', { name: 'drain' })
  await until(
    'the request waits inside of its transaction',
    async () =>
      (await other.query(`select 1 from pg_locks where relation = 'auterity.source'::regclass and not granted`)).rows
        .length > 0,
  )

  const gone = platform.end(api, 'SIGTERM')
  await until('new requests are refused', () =>
    fetch(`${platform.url}/healthz`).then(
      () => false,
      () => true,
    ),
  )
  expect(await viewer.ended).toBe('closed')
  expect(viewer.retryMs).toBeGreaterThan(0)
  if (!silent.closed) await once(silent, 'close')

  await other.query('commit')
  await other.end()
  expect(await adding).toMatchObject({ status: 201, body: { source: { name: 'drain' } } })
  upload.end(rest)
  const { reply, body } = await answerOf(upload)
  expect(reply).toMatchObject({ statusCode: 202, headers: { connection: 'close' } })
  expect(await gone).toEqual(orderly)

  await platform.start('api')
  expect(await platform.get<Receipt>(`/v1/receipts/${body.receipt}`)).toMatchObject({
    run: sisterId('run', body.receipt),
  })
})

test('a sender who never comes to an end does not keep an api from ending', async () => {
  const port = String(await freePort())
  const api = await platform.start('api', { AUTERITY_PORT: port })
  const hook = Object.assign(new URL(platform.hook.url), { port }).href
  const { upload } = halfUpload(hook, 'drain-stuck')
  const cut = once(upload, 'error')
  await until('the api has the half of it', async () => upload.socket?.bytesWritten)
  expect(await platform.end(api, 'SIGTERM')).toEqual(orderly)
  expect(await cut).toMatchObject([{ code: 'ECONNRESET' }])
})

const stepsOf = async (run: string) => (await platform.get<{ steps: Step[] }>(`/v1/runs/${run}`)).steps
const tries = (run: string) =>
  withSystem(platform.database.db, (tx) =>
    tx
      .selectFrom('step_attempt')
      .select(['activity_id', 'n', 'outcome', 'message'])
      .where('run_id', '=', run)
      .orderBy('started_at')
      .execute(),
  )
const asked = async (run: string) => (await tries(run)).filter((one) => one.activity_id === 'assess#0')
/** What a history tells of tries and tasks that came to nothing. */
const wasted = async (run: string): Promise<unknown[]> => {
  const { events } = await platform.get<{ events: { type?: string; attempt?: number }[] }>(`/v1/runs/${run}/history`)
  return events.filter((event) => /TimedOut|TaskFailed/.test(String(event.type)) || (event.attempt ?? 1) > 1)
}

test('a worker that is asked to stop ends the step it is at, and no try is wasted', async () => {
  const sandbox = sandboxAt(platform.sandboxUrl)
  const worker = await platform.start('worker')
  await sandbox.turn('crm', { latencyMs: 1500 })
  const { run } = await sendLead(platform, 'drain-step')
  await until('the customer is being looked up', async () =>
    (await tries(run)).some((one) => one.activity_id === 'match#0' && one.outcome === 'running'),
  )
  expect(await platform.end(worker, 'SIGTERM')).toEqual(orderly)
  expect(await tries(run)).toMatchObject([
    { activity_id: 'read#0', n: 1, outcome: 'completed' },
    { activity_id: 'match#0', n: 1, outcome: 'completed' },
  ])
  await sandbox.turn('crm', { latencyMs: 0 })
  await platform.start('worker')
  await untilState(platform, run, 'waiting')
  expect((await stepsOf(run)).flatMap((step) => step.attempts.map((attempt) => attempt.n))).not.toContain(2)
  expect(await wasted(run)).toEqual([])
})

test('a step that outlasts the patience of a stopping worker is handed back, and goes on at the next one', async () => {
  const sandbox = sandboxAt(platform.sandboxUrl)
  const worker = platform.newest('worker')
  await sandbox.turn('model', { latencyMs: 24_000 })
  const { run } = await sendLead(platform, 'drain-long')
  await until('the model is being asked', async () => (await asked(run)).length > 0)
  expect(await platform.end(worker, 'SIGTERM')).toEqual(orderly)
  expect(await asked(run)).toMatchObject([{ n: 1, outcome: 'failed', message: expect.stringContaining('stopped') }])
  await sandbox.turn('model', { latencyMs: 0 })
  await platform.start('worker')
  await untilState(platform, run, 'waiting')
  expect(await asked(run)).toMatchObject([{ n: 1 }, { n: 2, outcome: 'completed' }])
})

test('workers that are replaced again and again, as by a rolling release, waste no try of any run', async () => {
  let worker = platform.newest('worker')
  const sent: string[] = []
  for (const round of [1, 2, 3]) {
    for (const n of [1, 2, 3, 4]) sent.push((await sendLead(platform, `drain-${round}-${n}`)).run)
    const next = await platform.start('worker')
    expect(await platform.end(worker, 'SIGTERM')).toEqual(orderly)
    worker = next
  }
  for (const run of sent) {
    await untilState(platform, run, 'waiting')
    expect(await wasted(run)).toEqual([])
  }
})

test('a projector that is asked to stop leaves nothing half begun', async () => {
  const before = (await platform.said('projector')).length
  const sending = Promise.all(Array.from({ length: 30 }, (_, n) => sendLead(platform, `drain-projector-${n}`)))
  const projector = platform.newest('projector')
  await until('some are requested', () =>
    withSystem(platform.database.db, (tx) =>
      tx.selectFrom('run_request').select('run_id').where('started_at', 'is', null).executeTakeFirst(),
    ),
  )
  expect(await platform.end(projector, 'SIGTERM')).toEqual(orderly)
  expect((await platform.said('projector')).slice(before)).not.toMatch(/"level":"(?:warn|error)"/)
  const sent = await sending
  const half = await withSystem(platform.database.db, (tx) =>
    tx.selectFrom('run_request').select('run_id').where('tries', '>', 0).where('started_at', 'is', null).execute(),
  )
  expect(half).toEqual([])
  await platform.start('projector')
  for (const { run } of sent) await untilState(platform, run, 'waiting')
})
