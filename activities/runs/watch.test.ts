import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { createLog } from '#activities/log.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { connectTemporal } from '#temporal/client.ts'
import { readHistory } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { testDatabase, testKey, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { testNamespace } from '#test/harness/platform.ts'
import { until } from '#test/harness/until.ts'
import type { ProjectDeps } from './project.ts'
import { markStarted } from './store.ts'
import { requestRuns } from './store-request.ts'
import { RunWatcher } from './watch.ts'
import { drawn } from '#test/harness/drawn.ts'

let database: TestDatabase
let ctx: Context
let deps: ProjectDeps
const said: { level: string }[] = []
const log = createLog('test', 'debug', (line) => void said.push(JSON.parse(line)))
beforeAll(async () => {
  database = await testDatabase()
  ctx = await testTenant(database.db)
  const address = process.env['AUTERITY_TEST_TEMPORAL_ADDRESS']!
  const temporal = connectTemporal({ address, namespace: await testNamespace(address), keys: [testKey] })
  deps = { db: database.db, temporal, payloads: new PayloadReader([testKey]) }
})
afterAll(async () => {
  await deps.temporal.connection.close()
  await database[Symbol.asyncDispose]()
})

/** A run in which nothing more happens: nobody asks for its tasks. */
const stillRun = async (): Promise<string> => {
  const run = newId('run')
  await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: {} }])
    await markStarted(tx, ctx, run, 'lead')
  })
  await deps.temporal.workflow.start('lead', { taskQueue: run, workflowId: run })
  return run
}
const lastEvent = async (run: string): Promise<number> => {
  const read = withSystem(database.db, (tx) =>
    tx.selectFrom('run').select('last_event_id').where('id', '=', run).executeTakeFirstOrThrow(),
  )
  return (await read).last_event_id
}

test('a watcher that stops lets go of its polls, and does not wait until Temporal answers them', async () => {
  const run = await stillRun()
  const { token } = await readHistory(deps.temporal, run, { wait: true })
  // begun before the watcher's: had the watcher to wait for its own, this one would be over first
  const letGo = new AbortController()
  const answered = readHistory(deps.temporal, run, { token, wait: true, signal: letGo.signal }).then(() => 'answered')
  const watcher = new RunWatcher(deps, log)
  watcher.watch({ id: run, tenant: ctx.tenant })
  await until('it follows the run', async () => (await lastEvent(run)) > 0)
  expect(await Promise.race([watcher.stop().then(() => 'stopped'), answered])).toBe('stopped')
  expect(watcher.watching).toBe(0)
  expect(said.filter(({ level }) => level === 'warn')).toEqual([])
  letGo.abort()
  await expect(answered).rejects.toThrow(/CANCELLED/)
})

test('a watcher that has stopped follows nothing new', async () => {
  const watcher = new RunWatcher(deps, log)
  await watcher.stop()
  watcher.watch({ id: await stillRun(), tenant: ctx.tenant })
  expect(watcher.watching).toBe(0)
})
