import type { Context } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectDatabase, withTenant } from '#activities/database.ts'
import { createLog } from '#activities/log.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { recordAttempts, type AttemptReport } from '#activities/runs/store-attempts.ts'
import { newId } from '#schemas/ids.ts'
import type { Context as Acting } from '#schemas/tenancy.ts'
import { testDatabase, testKey, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { freePort } from '#test/harness/platform.ts'
import { AttemptReporter } from './attempts.ts'
import { drawn } from '#test/harness/drawn.ts'

let database: TestDatabase
let ctx: Acting
beforeAll(async () => {
  database = await testDatabase()
  ctx = await testTenant(database.db)
})
afterAll(() => database[Symbol.asyncDispose]())

const makeRun = async (): Promise<string> => {
  const run = newId('run')
  await withTenant(database.db, ctx, (tx) => requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: {} }]))
  return run
}
const attemptsOf = (run: string) =>
  withTenant(database.db, ctx, (tx) =>
    tx.selectFrom('step_attempt').selectAll().where('run_id', '=', run).orderBy('activity_id').execute(),
  )
const silent = createLog('test', 'error', () => {})

/** Runs `work` as the activity `id` of `run`, seen by the reporter. */
const act = (reporter: AttemptReporter, run: string, id: string, work: (context: Context) => Promise<unknown>) => {
  const context = {
    info: { activityId: id, attempt: 1, workflowExecution: { workflowId: run, runId: 'r' } },
    heartbeat: () => {},
  } as unknown as Context
  const { execute } = reporter.interceptor(context, 'w1')
  return execute!({ args: [], headers: {} }, () => work(context))
}

test('many tries that run together are all written down, each with its end, its progress and its words', async () => {
  const run = await makeRun()
  const reporter = new AttemptReporter(database.db, silent)
  const ids = Array.from({ length: 450 }, (_, at) => `a${String(at).padStart(3, '0')}`)
  await Promise.all(ids.map((id) => act(reporter, run, id, async () => 'done')))
  await act(reporter, run, 'b', async ({ heartbeat }) => heartbeat({ at: 3 }))
  await expect(act(reporter, run, 'c', () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck')
  await expect(act(reporter, run, 'd', () => Promise.reject(new CancelledFailure('stop')))).rejects.toThrow('stop')
  await reporter.flush()
  const rows = await attemptsOf(run)
  expect(rows).toHaveLength(453)
  expect(rows.slice(0, 450).every((row) => row.outcome === 'completed' && row.ended_at !== null)).toBe(true)
  expect(rows.slice(450)).toMatchObject([
    { outcome: 'completed', progress: '{"at":3}', worker: 'w1' },
    { outcome: 'failed', message: 'no luck' },
    { outcome: 'cancelled' },
  ])
})

test('a try that has ended is not opened again by a late report', async () => {
  const run = await makeRun()
  const report = (outcome: AttemptReport['outcome'], ms: number): AttemptReport => ({
    run,
    activityId: 'a',
    n: 1,
    begunAt: new Date(1_800_000_000_000),
    at: new Date(1_800_000_000_000 + ms),
    outcome,
    message: null,
    progress: null,
    worker: 'w1',
  })
  await recordAttempts(database.db, [report('running', 0)])
  await recordAttempts(database.db, [report('completed', 50)])
  const before = await attemptsOf(run)
  await recordAttempts(database.db, [report('running', 20)])
  await recordAttempts(database.db, [report('completed', 50), report('running', 20)])
  const after = await attemptsOf(run)
  expect(after).toMatchObject([{ outcome: 'completed', ended_at: before[0]!.ended_at }])
})

test('tries that a person had counted from the start again are listed behind the earlier ones', async () => {
  const run = await makeRun()
  const tried = (n: number, second: number, outcome: AttemptReport['outcome'], message: string | null = null) => ({
    run,
    activityId: 'a',
    n,
    begunAt: new Date(1_800_000_000_000 + second * 1000),
    at: new Date(1_800_000_000_500 + second * 1000),
    outcome,
    message,
    progress: null,
    worker: 'w1',
  })
  await recordAttempts(database.db, [tried(1, 0, 'failed', 'first'), tried(2, 5, 'failed', 'second')])
  await recordAttempts(database.db, [tried(1, 10, 'running')])
  await recordAttempts(database.db, [tried(1, 10, 'failed', 'third'), tried(2, 15, 'running')])
  await recordAttempts(database.db, [tried(2, 15, 'completed')])
  const both = await makeRun()
  const here = (one: AttemptReport) => ({ ...one, run: both })
  await recordAttempts(database.db, [here(tried(1, 0, 'failed', 'first')), here(tried(1, 10, 'completed'))])
  const listed = async (of: string) =>
    (await attemptsOf(of))
      .sort((a, b) => a.n - b.n)
      .map(({ n, outcome, message }) => `${n} ${outcome} ${message ?? ''}`)
  expect(await listed(run)).toEqual(['1 failed first', '2 failed second', '3 failed third', '4 completed '])
  expect(await listed(both)).toEqual(['1 failed first', '2 completed '])
})

test('an activity goes on as if nothing was when the database is away', async () => {
  const databaseUrl = `postgres://u:p@127.0.0.1:${await freePort()}/none`
  const away = connectDatabase({ databaseUrl, key: testKey, name: 'test' })
  const said: string[] = []
  const reporter = new AttemptReporter(
    away,
    createLog('test', 'warn', (line) => void said.push(line)),
  )
  expect(await act(reporter, 'run_1', 'a', async () => 7)).toBe(7)
  await reporter.flush()
  expect(said.every((line) => line.includes('could not record attempts'))).toBe(true)
  expect(said.length).toBeGreaterThan(0)
  await away.close()
})
