import { Client as PgClient } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { createLog } from '#activities/log.ts'
import { createApp } from '#api/app.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { connectTemporal } from '#temporal/client.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { temporal } from '#temporal/proto.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, testKey, type TestDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { freePort, testNamespace } from '#test/harness/platform.ts'
import { until } from '#test/harness/until.ts'
import { projectClosed, sweepStale, type SweepDeps } from './sweep.ts'
import { markStarted } from './store.ts'
import { requestRuns } from './store-request.ts'
import { drawn } from '#test/harness/drawn.ts'

type Command = NonNullable<
  Parameters<SweepDeps['temporal']['workflowService']['respondWorkflowTaskCompleted']>[0]['commands']
>[number]
const { CommandType } = temporal.api.enums.v1

let database: TestDatabase
let deps: SweepDeps
let ctx: Context
let authorization: string
const said: { level: string; run?: string }[] = []
beforeAll(async () => {
  database = await testDatabase()
  ;({ ctx, authorization } = await withKey(database.db))
  const address = process.env['AUTERITY_TEST_TEMPORAL_ADDRESS']!
  const client = connectTemporal({ address, namespace: await testNamespace(address), keys: [testKey] })
  const log = createLog('test', 'debug', (line) => void said.push(JSON.parse(line)))
  deps = { db: database.db, temporal: client, payloads: new PayloadReader([testKey]), log }
})
afterAll(async () => {
  await deps.temporal.connection.close()
  await database[Symbol.asyncDispose]()
})

/** A run that Temporal knows, whose workflow did exactly these commands: this test is its worker. */
const runThatDid = async (...commands: Command[]): Promise<string> => {
  const run = newId('run')
  const { workflowService: service, options } = deps.temporal
  const { namespace } = options
  await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: {} }])
    await markStarted(tx, ctx, run, 'lead')
  })
  await deps.temporal.workflow.start('lead', { taskQueue: run, workflowId: run })
  const { taskToken } = await deps.temporal.withDeadline(later(20_000), () =>
    service.pollWorkflowTaskQueue({ namespace, taskQueue: { name: run }, identity: 'test' }),
  )
  await service.respondWorkflowTaskCompleted({ namespace, taskToken, commands, identity: 'test' })
  return run
}
const complete: Command = {
  commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
  completeWorkflowExecutionCommandAttributes: {},
}
const failWith = (message: string): Command => ({
  commandType: CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
  failWorkflowExecutionCommandAttributes: { failure: { message, applicationFailureInfo: { type: 'odd' } } },
})
/** A step that this database refuses, as `refuseIt` has told it. */
const unheardOf: Command = {
  commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
  scheduleActivityTaskCommandAttributes: {
    activityId: 'match#0',
    activityType: { name: 'refused.here' },
    taskQueue: { name: 'nobody' },
    scheduleToCloseTimeout: { seconds: 60 as never },
  },
}
const rowOf = (run: string) =>
  withSystem(database.db, (tx) => tx.selectFrom('run').selectAll().where('id', '=', run).executeTakeFirstOrThrow())
const asideOf = (run: string) =>
  withSystem(database.db, (tx) =>
    tx.selectFrom('run_set_aside').selectAll().where('run_id', '=', run).executeTakeFirst(),
  )
const later = (ms: number) => Date.now() + ms
const aWhileAgo = () => Date.now() - 60_000
const untilClosed = (run: string) =>
  until(`${run} is closed`, async () => {
    await projectClosed(deps, aWhileAgo())
    return (await rowOf(run)).phase !== 'running'
  })
const byAdmin = async (statement: string, ...values: unknown[]): Promise<void> => {
  const admin = new PgClient({ connectionString: database.url })
  await admin.connect()
  await admin.query(statement, values)
  await admin.end()
}
const restIsOver = (run: string) => byAdmin('update auterity.run_set_aside set next_at = now() where run_id = $1', run)

test('a run whose history cannot be projected is set aside and named, and those behind it go on', async () => {
  await byAdmin(`alter table auterity.step add constraint refused check (type <> 'refused.here') not valid`)
  const poisoned = await runThatDid(unheardOf, complete)
  await until('it is set aside', async () => {
    await projectClosed(deps, aWhileAgo())
    return asideOf(poisoned)
  })
  const behind = await runThatDid(complete)
  await untilClosed(behind)
  expect((await rowOf(behind)).phase).toBe('completed')

  // it rests: neither of the two sweeps touches it
  await projectClosed(deps, aWhileAgo())
  await sweepStale(deps, new Date())
  expect(await asideOf(poisoned)).toMatchObject({ tries: 1, error: expect.stringContaining('refused') })
  expect(said.filter(({ level, run }) => level === 'error' && run === poisoned)).toHaveLength(1)

  const app = createApp(testApiDeps(database))
  const system = await app.request('/v1/system', { headers: { authorization } })
  expect(await system.json()).toMatchObject({ setAside: [{ run: poisoned, tries: 1 }] })
  const other = await withKey(database.db)
  const theirs = await app.request('/v1/system', { headers: { authorization: other.authorization } })
  expect(await theirs.json()).toMatchObject({ setAside: [] })
  expect(await (await app.request('/metrics')).text()).toContain('auterity_runs_set_aside 1')

  // then it is tried again, and rests longer
  const before = (await asideOf(poisoned))!.next_at
  await restIsOver(poisoned)
  await sweepStale(deps, new Date())
  const after = (await asideOf(poisoned))!
  expect(after.tries).toBe(2)
  expect(after.next_at.getTime()).toBeGreaterThan(before.getTime())

  // and once it can be projected it is, and is named no more
  await byAdmin('alter table auterity.step drop constraint refused')
  await restIsOver(poisoned)
  await sweepStale(deps, new Date())
  expect(await rowOf(poisoned)).toMatchObject({ phase: 'completed' })
  expect(await asideOf(poisoned)).toBeUndefined()
})

test('text that Postgres does not take is kept without what is wrong in it', async () => {
  const run = await runThatDid(failWith('half a \0 sentence'))
  await untilClosed(run)
  expect(await rowOf(run)).toMatchObject({ phase: 'failed', failure: { code: 'odd', message: 'half a  sentence' } })
})

test('while Temporal is away nobody is set aside', async () => {
  const run = await runThatDid()
  const away = connectTemporal({ address: `127.0.0.1:${await freePort()}`, namespace: 'none', keys: [testKey] })
  const soon = <T>(work: () => Promise<T>) => away.withDeadline(later(300), work)
  await expect(soon(() => sweepStale({ ...deps, temporal: away }, new Date()))).rejects.toThrow()
  await expect(soon(() => projectClosed({ ...deps, temporal: away }, aWhileAgo()))).rejects.toThrow()
  expect(await asideOf(run)).toBeUndefined()
  await away.connection.close()
})

test('a run that waits for another one to begin it is left alone, and cancelled once that one has ended without', async () => {
  const parent = await runThatDid()
  const child = newId('run')
  await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(tx, ctx, [{ run: child, automation: drawn, title: 'T', input: {}, options: { parent } }])
    await markStarted(tx, ctx, child, 'lead')
  })
  await sweepStale(deps, new Date())
  expect(await rowOf(child)).toMatchObject({ phase: 'running', failure: null })

  await deps.temporal.workflow.getHandle(parent).terminate('pulled')
  await untilClosed(parent)
  await sweepStale(deps, new Date())
  // what it began last may still be on its way
  expect((await rowOf(child)).phase).toBe('running')
  await byAdmin(`update auterity.run set closed_at = closed_at - interval '2 minutes' where id = $1`, parent)
  await sweepStale(deps, new Date())
  expect(await rowOf(child)).toMatchObject({ phase: 'cancelled', failure: { code: 'parent_ended' } })
})
