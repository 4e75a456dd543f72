import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem } from '#activities/database.ts'
import { forgetProcess, reportProcess } from '#activities/system/store.ts'
import type { ApiDeps } from '#api/deps.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { freePort } from '#test/harness/platform.ts'
import { until } from '#test/harness/until.ts'
import { SystemView } from './view.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const watch = (over: Partial<ApiDeps> = {}) => {
  const view = new SystemView(testApiDeps(database, over))
  view.start()
  const stateOf = (name: string) => view.rows().find((row) => row.name === name)
  return { view, stateOf, [Symbol.dispose]: () => view.stop() }
}

test('without a supervisor, servers are asked themselves, and processes by the signs they give', async () => {
  using seen = watch({ sandboxUrl: `http://127.0.0.1:${await freePort()}` })
  expect(seen.stateOf('postgres')?.state).toBe('unknown')
  await until('Postgres and Temporal have answered', async () =>
    ['postgres', 'temporal'].every((name) => seen.stateOf(name)?.state === 'up'),
  )
  expect(seen.stateOf('sandbox')).toMatchObject({ state: 'down', waits: expect.stringContaining('retry') })
  expect(seen.stateOf('worker')).toMatchObject({ state: 'down', waits: expect.stringContaining('wait for a worker') })
  expect(seen.stateOf('api')?.state).toBe('up')

  const report = { id: 'worker-1', name: 'worker', host: 'here', pid: 1, figures: {} }
  await withSystem(database.db, (tx) => reportProcess(tx, report))
  await until('the worker is seen', async () => seen.stateOf('worker')?.state === 'up')
  await withSystem(database.db, (tx) => forgetProcess(tx, report.id))
  await until('it is missed', async () => seen.stateOf('worker')?.state === 'down')
})

test('a sandbox that there is not is not missed', () => {
  using seen = watch()
  expect(seen.stateOf('sandbox')).toBeUndefined()
})
