import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { open } from '#activities/approvals/store.ts'
import { dispatchRound } from '#activities/runs/dispatch.ts'
import { stopSoon } from '#activities/runs/store-gate.ts'
import { markStarted } from '#activities/runs/store.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { createLog } from '#activities/log.ts'
import { createApp } from '#api/app.ts'
import { newId } from '#schemas/ids.ts'
import type { Run } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { connectTemporal } from '#temporal/client.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, testKey, type TestDatabase } from '#test/harness/database.ts'
import { drawn } from '#test/harness/drawn.ts'
import { withKey } from '#test/harness/people.ts'
import { testNamespace } from '#test/harness/platform.ts'
import { sender } from '#test/harness/send.ts'
import { nextTask, stuckRun } from '#test/harness/stuck.ts'
import { until } from '#test/harness/until.ts'

let database: TestDatabase
let temporal: ReturnType<typeof connectTemporal>
let app: ReturnType<typeof createApp>
let ctx: Context
let authorization: string
const log = createLog('test', 'debug', () => {})
beforeAll(async () => {
  database = await testDatabase()
  ;({ ctx, authorization } = await withKey(database.db))
  const address = process.env['AUTERITY_TEST_TEMPORAL_ADDRESS']!
  temporal = connectTemporal({ address, namespace: await testNamespace(address), keys: [testKey] })
  app = createApp({ ...testApiDeps(database), temporal })
})
afterAll(async () => {
  await temporal.connection.close()
  await database[Symbol.asyncDispose]()
})

const call = (route: string, body?: object) => sender(app)(route, body, { authorization })
const seen = async (run: string) => ((await call(`GET /v1/runs/${run}`)).body as { run: Run }).run

const stuck = () => stuckRun({ db: database.db, ctx, temporal })
const ended = (run: string) =>
  until(`${run} has ended`, async () => {
    const now = await seen(run)
    return now.closedAt === null ? undefined : now
  })

test('a run whose code fails says that it is stuck and why, is heard of nobody, and goes on by itself once it does not', async () => {
  const run = await stuck()
  const { stuck: said } = await seen(run)
  expect(said).toMatchObject({
    message: 'The platform cannot go on with this run: what it has done does not fit the code that runs now.',
    said: '[TMPRL1100] Nondeterminism error',
  })
  const { items } = (await call('GET /v1/runs')).body as { items: Run[] }
  expect(items.find(({ id }) => id === run)?.stuck).toEqual(said)
  const other = newId('run')
  await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(tx, ctx, [{ run: other, automation: drawn, title: 'At work', input: {} }])
    await markStarted(tx, ctx, other, 'lead')
  })
  const found = async (state: string) => ((await call(`GET /v1/runs?state=${state}`)).body as { items: Run[] }).items
  expect((await found('stuck')).map(({ id }) => id)).toEqual([run])
  expect(await found('paused')).toEqual([])
  expect((await found('running')).map(({ id }) => id)).toEqual(expect.arrayContaining([run, other]))
  const asks: [string, object?][] = [
    ['pause'],
    ['resume'],
    ['step'],
    ['skip', { step: 'a#0' }],
    ['retry', { step: 'a#0' }],
  ]
  for (const [act, asked] of [...asks, ['variables', { name: 'n', value: 1 }] as const])
    expect(await call(`POST /v1/runs/${run}/${act}`, asked ?? {}), act).toMatchObject({
      status: 409,
      body: { code: 'not_possible', detail: expect.stringContaining('cannot go on with this run') },
    })

  const { taskToken } = await nextTask(temporal, run)
  await temporal.workflowService.respondWorkflowTaskCompleted({
    namespace: temporal.options.namespace,
    taskToken,
    commands: [],
    identity: 'test',
  })
  expect(await seen(run)).toMatchObject({ state: 'running', stuck: null })
  await temporal.workflow.getHandle(run).terminate('done with')
})

test('who decides in a stuck run is told at once that it is stuck and why, and the approval stays open', async () => {
  const run = await stuck()
  const words = { title: 'Send it?', text: '', context: {}, author: '', sandbox: false, form: null }
  const whom = { assignees: null, escalateTo: null, delegable: true, expires: false }
  const asked = { run, step: 'ask#0', ...words, ...whom, remindAt: new Date(), dueAt: new Date() }
  const approval = await withTenant(database.db, ctx, (tx) => open(tx, ctx, asked))
  expect(await call(`POST /v1/approvals/${approval}/decide`, { decision: 'approve' })).toMatchObject({
    status: 409,
    body: { code: 'not_possible', detail: expect.stringMatching(/does not fit the code.+can only be cancelled/) },
  })
  expect((await call(`GET /v1/approvals/${approval}`)).body).toMatchObject({ state: 'open' })
  await temporal.workflow.getHandle(run).terminate('done with')
})

test('a stuck run that is cancelled ends where it stands and says so', async () => {
  const run = await stuck()
  expect((await call(`POST /v1/runs/${run}/cancel`, {})).status).toBe(202)
  expect(await ended(run)).toMatchObject({
    state: 'cancelled',
    stuck: null,
    failure: { code: 'terminated', message: expect.stringContaining('nothing was undone') },
  })
})

test('stuck runs that are cancelled with many others end as well, and are counted before', async () => {
  const run = await stuck()
  await seen(run)
  const wish = { act: 'cancel', filter: { runs: [run] } }
  expect((await call('POST /v1/batches/preview', wish)).body).toMatchObject({ total: 1, stuck: 1 })
  await withTenant(database.db, ctx, (tx) => stopSoon(tx, run))
  await dispatchRound({ db: database.db, temporal, log })
  expect(await ended(run)).toMatchObject({ state: 'cancelled', failure: { code: 'terminated' } })
})
