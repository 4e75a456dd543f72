import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPublished } from '#activities/automation/store.ts'
import { withTenant } from '#activities/database.ts'
import { closeRun } from '#activities/runs/store.ts'
import { requestRerun, requestRuns } from '#activities/runs/store-request.ts'
import { createApp, createParts } from '#api/app.ts'
import { newId } from '#schemas/ids.ts'
import { batchLimits } from '#schemas/runs-pace.ts'
import type { RunState } from '#schemas/runs.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { chain, drawing, install } from '#test/harness/drawn.ts'
import { openLine, untilRow } from '#test/harness/live.ts'
import { withKey } from '#test/harness/people.ts'
import { sender } from '#test/harness/send.ts'
import { until } from '#test/harness/until.ts'

let database: TestDatabase
let parts: ReturnType<typeof createParts>
let app: ReturnType<typeof createApp>
beforeAll(async () => {
  database = await testDatabase()
  const deps = testApiDeps(database)
  parts = createParts(deps)
  app = createApp(deps, parts)
})
afterAll(async () => {
  parts.hub.stop()
  await database[Symbol.asyncDispose]()
})

/** A tenant with runs of one automation in these states. */
const runsOf = async (...states: RunState[]) => {
  const { authorization, ctx } = await withKey(database.db)
  const automation = await install(
    database.db,
    ctx,
    drawing([{ id: 'end', kind: 'end' }], chain('start', 'end')),
    'sold',
  )
  const runs = states.map(() => newId('run')).toSorted()
  await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(
      tx,
      ctx,
      runs.map((run, n) => ({ run, automation, title: `Deal ${n}`, input: {} })),
    )
    for (const [n, phase] of states.entries())
      if (phase === 'completed' || phase === 'failed' || phase === 'cancelled')
        await closeRun(tx, ctx, runs[n]!, { phase, outcome: null, failure: null, closedAt: new Date() })
  })
  const send = sender(app)
  const as = { authorization }
  return { ctx, as, runs, send: (route: string, body?: object, more = {}) => send(route, body, { ...as, ...more }) }
}

test('a preview counts what fits by state, also of runs that are named one by one', async () => {
  const { send, runs } = await runsOf('failed', 'failed', 'completed', 'running')
  const all = (await send('POST /v1/batches/preview', { act: 'rerun' })).body
  expect(all).toMatchObject({ total: 3, most: batchLimits.runs })
  expect(all.states).toEqual([
    { state: 'completed', runs: 1 },
    { state: 'failed', runs: 2 },
  ])
  expect(all.first.map((run: { id: string }) => run.id)).toEqual(runs.slice(0, 3))
  const named = { act: 'rerun', filter: { state: 'failed', runs: [runs[1], runs[2], runs[3]] } }
  expect((await send('POST /v1/batches/preview', named)).body.total).toBe(1)
  const none = { act: 'rerun', filter: { text: 'nobody is called that' } }
  expect((await send('POST /v1/batches/preview', none)).body).toMatchObject({ total: 0, states: [], first: [] })
  expect(await send('POST /v1/batches', none)).toMatchObject({ status: 409, body: { code: 'nothing_fits' } })
})

test('a batch keeps its note, and asking twice with one key makes one', async () => {
  const { send } = await runsOf('failed')
  const wish = { act: 'rerun', perMinute: 60, note: ' The DMS was down. ' }
  const key = { 'idempotency-key': 'once' }
  const [first, second] = [await send('POST /v1/batches', wish, key), await send('POST /v1/batches', wish, key)]
  expect(first).toMatchObject({ status: 201, body: { state: 'running', total: 1, note: 'The DMS was down.' } })
  expect(second.body.id).toBe(first.body.id)
  expect((await send('GET /v1/batches')).body.items).toMatchObject([
    { ...first.body, became: { open: 0, completed: 0, failed: 0, cancelled: 0 } },
  ])
})

test('more runs than one batch takes are refused before anything is done', async () => {
  const { send, ctx } = await runsOf()
  const { id } = (await withTenant(database.db, ctx, (tx) => findPublished(tx, ctx, 'sold')))!
  await withTenant(database.db, ctx, (tx) =>
    sql`insert into run (id, tenant_id, workflow, title, phase, closed_at, automation_id)
      select 'run_' || lpad(n::text, 26, '0'), ${ctx.tenant}, 'sold', 'Deal', 'failed', now(), ${id}
      from generate_series(1, ${batchLimits.runs + 1}) n`.execute(tx),
  )
  const wish = { act: 'rerun' }
  expect((await send('POST /v1/batches/preview', wish)).body.total).toBe(batchLimits.runs + 1)
  const refused = await send('POST /v1/batches', wish)
  expect(refused).toMatchObject({ status: 422, body: { code: 'batch_too_large', total: batchLimits.runs + 1 } })
  expect(refused.body.detail).toBe('20001 fit and 20000 is the most; narrow the search.')
  expect((await send('GET /v1/batches')).body.items).toEqual([])
})

test.each([
  { filter: { runs: [] } },
  { filter: { runs: ['run_1'] } },
  { filter: { runs: Array.from({ length: batchLimits.named + 1 }, () => newId('run')) } },
  { perMinute: 0 },
  { perMinute: batchLimits.perMinute + 1 },
  { note: 'x'.repeat(501) },
])('a wish that cannot be is refused: %j', async (odd) => {
  const { send } = await runsOf('failed')
  expect((await send('POST /v1/batches', { act: 'rerun', ...odd })).status).toBe(422)
})

test('what one tenant runs again is nothing to another, in a batch, its items, its search and its live line', async () => {
  const [ours, theirs] = [await runsOf('failed'), await runsOf('failed')]
  const { id } = (await ours.send('POST /v1/batches', { act: 'rerun' })).body
  for (const route of [`GET /v1/batches/${id}`, `GET /v1/batches/${id}?only=refused`, `POST /v1/batches/${id}/cancel`])
    expect((await theirs.send(route)).status, route).toBe(404)
  expect((await theirs.send('GET /v1/batches')).body.items).toEqual([])
  for (const filter of [{ runs: ours.runs }, { batch: id }])
    expect((await theirs.send('POST /v1/batches/preview', { act: 'rerun', filter })).body.total).toBe(0)
  expect((await theirs.send(`GET /v1/runs?batch=${id}`)).body.items).toEqual([])
  expect((await app.request(`/v1/live?topic=batch:${id}`, { headers: theirs.as })).status).toBe(404)
  expect((await ours.send(`GET /v1/batches/${id}`)).body).toMatchObject({ batch: { state: 'running' }, items: [] })
})

test('who may only look sees a batch and what it would do, and starts and stops none', async () => {
  const { ctx, send } = await runsOf('failed')
  const { id } = (await send('POST /v1/batches', { act: 'rerun' })).body
  const viewer = { authorization: (await withKey(database.db, ['runs:read'], ctx)).authorization }
  const ask = async (route: string, body?: object) => (await sender(app)(route, body, viewer)).status
  expect(await ask(`GET /v1/batches/${id}`)).toBe(200)
  expect(await ask('POST /v1/batches/preview', { act: 'rerun' })).toBe(200)
  expect(await ask('POST /v1/batches', { act: 'rerun' })).toBe(403)
  expect(await ask(`POST /v1/batches/${id}/cancel`, {})).toBe(403)
  const blind = { authorization: (await withKey(database.db, ['ingress:read'], ctx)).authorization }
  for (const topic of ['batches', `batch:${id}`])
    expect((await app.request(`/v1/live?topic=${topic}`, { headers: blind })).status, topic).toBe(403)
})

test('a batch is told live: its start to the list, its end to who looks at it', async () => {
  const { as, send } = await runsOf('failed')
  const request = (path: string, init: RequestInit) => app.request(path, init)
  await using list = await openLine(['batches'], { ...as, request })
  const { id } = (await send('POST /v1/batches', { act: 'rerun' })).body
  await untilRow(list, 'batches', 'it is in the list', (row) => row.id === id)
  await using one = await openLine([`batch:${id}`], { ...as, request })
  await untilRow(one, `batch:${id}`, 'it is running', (row) => row['state'] === 'running')
  await send(`POST /v1/batches/${id}/cancel`, {})
  const row = await untilRow(one, `batch:${id}`, 'it is cancelled', (it) => it['state'] === 'cancelled')
  expect(row['progress']).toEqual({ open: 0, completed: 0, failed: 0, cancelled: 0, refusals: [] })
  await untilRow(list, 'batches', 'the list knows', (it) => it['state'] === 'cancelled')
})

test('who looks at a batch, or at a run of before, is told at once when a new run moves', async () => {
  const { ctx, runs, send } = await runsOf('failed')
  const { id } = (await send('POST /v1/batches', { act: 'rerun' })).body
  const ear = await database.db.pools.system.connect()
  const heard: (string | undefined)[] = []
  ear.on('notification', ({ payload }) => heard.push(payload))
  await ear.query('listen auterity_live')
  await withTenant(database.db, ctx, (tx) => requestRerun(tx, ctx, runs[0]!, { batch: id }))
  const topics = [`batch:${id}`, `run:${runs[0]}`].map((topic) => `${ctx.tenant} ${topic}`)
  await until('both are told', async () => topics.every((topic) => heard.includes(topic)))
  ear.release(true)
})
