import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { createLog } from '#activities/log.ts'
import { closeRun } from '#activities/runs/store.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { forgetOld, kept } from '#activities/system/forget.ts'
import { createApp } from '#api/app.ts'
import type { Call } from '#schemas/automation/call.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { drawn } from '#test/harness/drawn.ts'
import { withKey } from '#test/harness/people.ts'
import { sender } from '#test/harness/send.ts'
import { openStage, type Stage } from '#test/harness/stage.ts'
import { until } from '#test/harness/until.ts'
import { deliverRound, type DeliverDeps } from './deliver.ts'
import { eventActivities } from './events.ts'
import { receiveEvent } from './store-events.ts'

let database: TestDatabase
let stage: Stage
let ctx: Context
let deps: DeliverDeps
let tell: (body: object, more?: Record<string, string>) => ReturnType<ReturnType<typeof sender>>
beforeAll(async () => {
  database = await testDatabase()
  const key = await withKey(database.db)
  ctx = key.ctx
  const log = createLog('test', 'error', () => {})
  const send = sender(createApp(testApiDeps(database, { log })))
  tell = (body, more = {}) => send('POST /v1/events', body, { authorization: key.authorization, ...more })
  stage = await openStage({
    'events.await': (call) =>
      eventActivities({ db: database.db })['events.await'](
        call as unknown as Call<{ type: string; key: string; earlier: boolean }>,
      ),
  })
  deps = { db: database.db, temporal: stage.client, log }
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const waiting = (more: JsonObject = {}): Definition => ({
  format: 1,
  name: 'Wait for the money',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'paid', kind: 'wait', with: { for: 'event', event: 'paid', key: { cel: 'input.order' }, ...more } },
    { id: 'end', kind: 'end', with: { outcome: 'paid', output: { cel: 'steps.paid' } } },
  ],
  edges: [
    { from: 'start', to: 'paid' },
    { from: 'paid', to: 'end' },
  ],
})

const newRun = async (): Promise<string> => {
  const run = newId('run')
  await withTenant(database.db, ctx, (tx) => requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: {} }]))
  return run
}
const play = async (order: string, more: JsonObject = {}, run?: string) =>
  stage.play(waiting(more), { tenant: ctx.tenant, run: run ?? (await newRun()), input: { order } })
const rows = (table: 'arrival_wait' | 'arrival_delivery', run: string) =>
  withSystem(database.db, (tx) => tx.selectFrom(table).selectAll().where('run_id', '=', run).execute())
const listens = (run: string) => until('it listens', async () => (await rows('arrival_wait', run)).length === 1)
const paid = (key: string, data: unknown, id?: string) => ({
  type: 'paid',
  key,
  data,
  ...(id === undefined ? {} : { id }),
})

const about = (key: string) => ({ type: 'paid', key })
const scopeOf = (run: string) => ({
  tenant: ctx.tenant,
  run,
  origin: run,
  step: 'paid#0',
  test: false,
  earlier: true,
})

test('a run that waits goes on with what it was told, and only with what is for it', async () => {
  const run = await play('order-1')
  await listens(run.workflowId)
  expect((await tell(paid('order-2', 1))).body).toMatchObject({ waiting: 0 })
  expect((await tell({ type: 'refunded', key: 'order-1', data: 1 })).body).toMatchObject({ waiting: 0 })
  const { status, body } = await tell(paid('order-1', { amount: 500 }, 'payment-1'))
  expect([status, body]).toEqual([
    202,
    { arrival: expect.stringMatching(/^arv_/), id: 'payment-1', repeated: false, waiting: 1 },
  ])
  expect(await deliverRound(deps)).toBe(true)
  expect(await run.result()).toMatchObject({ outcome: 'paid', output: { amount: 500 } })
  expect(await deliverRound(deps)).toBe(false)
})

test('what came before the node, but after the run began, counts; unless the node says otherwise', async () => {
  await tell(paid('order-3', 'too early'))
  const run = await newRun()
  await tell(paid('order-3', 'in time'))
  expect(await (await play('order-3', {}, run)).result()).toMatchObject({ output: 'in time' })
  const later = await play('order-3', { earlier: false }, await newRun())
  await listens(later.workflowId)
  await tell(paid('order-3', 'later'))
  await deliverRound(deps)
  expect(await later.result()).toMatchObject({ output: 'later' })
})

test('a condition passes over what does not fit it', async () => {
  const run = await play('order-4', { when: { cel: 'event.amount > 100' } })
  await listens(run.workflowId)
  for (const amount of [5, 50, 500, 5000]) await tell(paid('order-4', { amount }))
  await deliverRound(deps)
  expect(await run.result()).toMatchObject({ output: { amount: 500 } })
})

test('one event reaches every run that waits for it', async () => {
  const runs = await Promise.all([play('order-5'), play('order-5')])
  await Promise.all(runs.map((run) => listens(run.workflowId)))
  expect((await tell(paid('order-5', 7))).body).toMatchObject({ waiting: 2 })
  await deliverRound(deps)
  for (const run of runs) expect(await run.result()).toMatchObject({ output: 7 })
})

test('told again under its id it counts once; under the same id, something else is refused', async () => {
  const first = await tell(paid('order-6', { a: 1, b: 2 }, 'twice'))
  const again = await tell(paid('order-6', { b: 2, a: 1 }, 'twice'))
  expect(again.body).toEqual({ ...first.body, repeated: true })
  expect((await tell(paid('order-6', { a: 2 }, 'twice'))).body).toMatchObject({ code: 'conflict' })
  const keyed = { 'idempotency-key': 'told-once' }
  const [one, two] = [await tell(paid('order-6', 1), keyed), await tell(paid('order-6', 1), keyed)]
  expect(two.body).toEqual(one.body)
  expect((await tell(paid('order-6', 'x'.repeat(33_000)))).status).toBe(422)
})

test('a delivery that broke off after it was told is told again, and the run takes it once', async () => {
  const run = await play('order-7', { when: { cel: 'event.last' } })
  await listens(run.workflowId)
  await tell(paid('order-7', { last: false }, 'repeated'))
  const [delivery] = await rows('arrival_delivery', run.workflowId)
  await deliverRound(deps)
  await withSystem(database.db, (tx) =>
    tx
      .insertInto('arrival_delivery')
      .values({ ...delivery!, next_at: new Date(0) })
      .execute(),
  )
  await deliverRound(deps)
  expect(await rows('arrival_delivery', run.workflowId)).toEqual([])
  await tell(paid('order-7', { last: true }))
  await deliverRound(deps)
  expect(await run.result()).toMatchObject({ output: { last: true } })
})

test('who tells and who begins to listen at the same moment do not miss each other', async () => {
  const run = await newRun()
  const { 'events.await': listen } = eventActivities({ db: database.db })
  let over = false
  const listening = await withTenant(database.db, ctx, async (tx) => {
    await receiveEvent(tx, ctx, { ...about(run), data: 'now' })
    const begun = listen({ ...about(run), ...scopeOf(run) }).finally(() => (over = true))
    // the teller has not committed; the listener waits for its turn
    await until('it waits, or is through', async () => {
      const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory' and not granted`.execute(tx)
      return over || rows.length > 0
    })
    return { begun }
  })
  expect(await listening.begun).toMatchObject([{ data: 'now' }])
})

test('a run that has ended is not told, and nobody holds on to it', async () => {
  const run = await newRun()
  const { 'events.await': listen } = eventActivities({ db: database.db })
  await listen({ ...about(run), ...scopeOf(run) })
  await tell(paid(run, 1))
  // Temporal has never heard of it: it is kept for the run as long as that is open
  await deliverRound(deps)
  expect(await rows('arrival_delivery', run)).toHaveLength(1)
  await withTenant(database.db, ctx, (tx) =>
    closeRun(tx, ctx, run, { phase: 'cancelled', outcome: null, failure: null, closedAt: new Date() }),
  )
  expect((await tell(paid(run, 2))).body).toMatchObject({ waiting: 0 })
  await withSystem(database.db, (tx) =>
    tx
      .updateTable('arrival_delivery')
      .set({ next_at: new Date(0) })
      .execute(),
  )
  await deliverRound(deps)
  expect(await rows('arrival_delivery', run)).toEqual([])
  await forgetOld(database.db, new Date())
  expect(await rows('arrival_wait', run)).toEqual([])
  await forgetOld(database.db, new Date(Date.now() + kept.arrival + 1000))
  expect(await withSystem(database.db, (tx) => tx.selectFrom('arrival').select('id').execute())).toEqual([])
})
