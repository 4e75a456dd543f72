import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Receipt } from '#schemas/ingress.ts'
import type { Run } from '#schemas/runs.ts'
import { sendLead, untilState } from './harness/lead.ts'
import { openLine, untilRow, type Line } from './harness/live.ts'
import { approveAll, completed, eachOnce, enough, moreCompleted, newCustomers, sendAll } from './harness/many-leads.ts'
import { freePort, startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

const count = 60

let platform: Platform
let first: Platform['hook'] & { api: string }
let second: typeof first
let startSecondApi: () => Promise<ChildProcess>
let secondApi: ChildProcess
let secondWorker: ChildProcess
beforeAll(async () => {
  platform = await startPlatform()
  const port = await freePort()
  const api = `http://127.0.0.1:${port}`
  first = { ...platform.hook, api: platform.url }
  second = { ...first, api, url: first.url.replace(platform.url, api) }
  startSecondApi = () => platform.start('api', { AUTERITY_PORT: String(port) })
  ;[secondApi, secondWorker] = await Promise.all([
    startSecondApi(),
    platform.start('worker'),
    platform.start('projector'),
  ])
  await sandboxAt(platform.sandboxUrl).turn('crm', { rateLimit: 1_000_000 })
}, 120_000)
afterAll(() => platform[Symbol.asyncDispose]())

const line = (api: string, topics: string[], lastId?: string): Promise<Line> =>
  openLine(topics, { authorization: `Bearer ${platform.apiKey}`, url: api, lastId })

test(
  'an api and a worker of two are killed in the middle: each lead goes through once, and every viewer sees it',
  async () => {
    const leads = newCustomers('fleet', count)
    await using atFirst = await line(first.api, ['runs'])
    await using atSecond = await line(second.api, ['runs'])
    const sent = sendAll([first, second], leads)
    let over = false
    const approver = approveAll(platform, () => over)

    await moreCompleted(platform, 8, count)
    await Promise.all([platform.end(secondApi, 'SIGKILL'), platform.end(secondWorker, 'SIGKILL')])
    expect(await atSecond.ended).toBe('broken')
    // as a browser behind a load balancer: to the api that is left, from where it was
    await using moved = await line(first.api, ['runs'], atSecond.lastId())
    await moreCompleted(platform, 8, count)
    ;[secondApi, secondWorker] = await Promise.all([startSecondApi(), platform.start('worker')])

    const receipts = await sent
    await until('every lead is through', async () => (await completed(platform)) === count, enough)
    over = true
    await approver

    expect(new Set(receipts).size).toBe(count)
    const { items } = await platform.get<{ items: Receipt[] }>('/v1/receipts?limit=200')
    expect(items.map((one) => one.status)).toEqual(Array<string>(count).fill('completed'))
    expect(items.map((one) => one.receipt).toSorted()).toEqual(receipts.toSorted())
    await eachOnce(platform, leads)

    const runs = items.map((one) => one.run!).toSorted()
    const endedAt = (viewer: Line) =>
      viewer.rows('runs').flatMap((row) => (row['state'] === 'completed' ? [row.id] : []))
    await until('a viewer who stayed has seen each end', async () => endedAt(atFirst).length === count)
    expect(endedAt(atFirst).toSorted()).toEqual(runs)
    await until(
      'a viewer who had to move has seen each end',
      async () => new Set([...endedAt(atSecond), ...endedAt(moved)]).size === count,
    )
    expect(moved.heard.filter((one) => one.event === 'snapshot')).toEqual([])
  },
  enough,
)

test('a run is seen live, step by step, at whichever api one looks', async () => {
  const { run } = await sendLead(platform, 'fleet-live')
  await until('the run is there', () => platform.get(`/v1/runs/${run}`))
  await using atFirst = await line(first.api, [`run:${run}`])
  await using atSecond = await line(second.api, [`run:${run}`])
  for (const viewer of [atFirst, atSecond])
    await untilRow(viewer, `run:${run}`, 'it waits for a person', (row) => row['state'] === 'waiting')
  const steps = (viewer: Line) => viewer.rows(`run:${run}`).flatMap((row) => (row['row'] === 'step' ? [row.id] : []))
  await until('both show the same steps', async () => String(steps(atFirst)) === String(steps(atSecond)))
  expect(steps(atFirst).length).toBeGreaterThan(4)
})

/** A create asked for under a key; an api that dies meanwhile gives no answer. */
const create = async (api: string, path: string, key: string, body: object) => {
  const headers = {
    authorization: `Bearer ${platform.apiKey}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  }
  const reply = await fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: reply.status, body: (await reply.json()) as { id?: string; code?: string; source?: { id: string } } }
}

const starts = '/v1/automations/lead-response/runs'

test('one Idempotency-Key at both apis at once starts one run, and both then tell of the same', async () => {
  const ask = (api: string, key: string) =>
    create(api, starts, key, { input: { lead: { leadId: key, customer: { name: key, email: `${key}@example.com` } } } })
  for (const key of ['both-1', 'both-2', 'both-3', 'both-4', 'both-5']) {
    const atOnce = await Promise.all([first, second, first, second].map(({ api }) => ask(api, key)))
    const started = new Set(atOnce.flatMap(({ status, body }) => (status === 201 ? [body.id] : [])))
    expect(started.size).toBe(1)
    // who came while the first was in work is told so
    for (const { status, body } of atOnce)
      if (status !== 201) expect({ status, code: body.code }).toEqual({ status: 409, code: 'conflict' })
    for (const { api } of [first, second]) {
      const { status, body } = await ask(api, key)
      expect(status).toBe(201)
      expect([...started]).toEqual([body.id])
    }
  }
  const { items } = await platform.get<{ items: Run[] }>('/v1/runs?text=both-&limit=200')
  expect(items).toHaveLength(5)
})

const lonely = async (env: Record<string, string> = {}) => {
  const port = String(await freePort())
  const child = await platform.start('api', { ...env, AUTERITY_PORT: port })
  return { child, api: `http://127.0.0.1:${port}` }
}

test('a request whose api died before it was done is done once by the next, after the claim has run out', async () => {
  const { child, api } = await lonely()
  const admin = new Client({ connectionString: platform.database.url })
  await admin.connect()
  await admin.query('begin; lock table auterity.source in share mode')
  const died = create(api, '/v1/sources', 'died-before', { name: 'died-before' }).catch(() => 'no answer')
  await until('it waits inside of its transaction', async () => {
    const waiting = `select 1 from pg_locks where relation = 'auterity.source'::regclass and not granted`
    return (await admin.query(waiting)).rows.length > 0
  })
  await platform.end(child, 'SIGKILL')
  expect(await died).toBe('no answer')
  await admin.query('commit')
  const again = () => create(first.api, '/v1/sources', 'died-before', { name: 'died-before' })
  expect(await again()).toMatchObject({ status: 409, body: { code: 'conflict' } })
  await admin.query(
    `update auterity.idempotency set created_at = created_at - interval '61 s' where key like '% died-before'`,
  )
  const done = await again()
  expect(done.status).toBe(201)
  expect(await again()).toEqual(done)
  expect((await admin.query(`select 1 from auterity.source where name = 'died-before'`)).rows).toHaveLength(1)
  await admin.end()
})

test('a request whose api died after it was done, and before it was answered, is answered by the next and not done again', async () => {
  // takes connections and never says a word: a start waits for it for ever
  const hole = createServer().listen(0, '127.0.0.1')
  await once(hole, 'listening')
  const { child, api } = await lonely({ TEMPORAL_ADDRESS: `127.0.0.1:${(hole.address() as AddressInfo).port}` })
  const wish = {
    input: { lead: { leadId: 'died-after', customer: { name: 'Ann After', email: 'after@example.com' } } },
  }
  const died = create(api, starts, 'died-after', wish).catch(() => 'no answer')
  const runs = () => platform.get<{ items: Run[] }>('/v1/runs?text=ann%20after')
  const run = await until('the run is asked for', async () => (await runs()).items[0])
  await platform.end(child, 'SIGKILL')
  expect(await died).toBe('no answer')
  hole.close()
  expect(await create(first.api, starts, 'died-after', wish)).toMatchObject({ status: 201, body: { id: run.id } })
  await untilState(platform, run.id, 'waiting')
  expect((await runs()).items).toHaveLength(1)
})
