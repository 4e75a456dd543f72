import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimKey } from '#activities/access/store-idempotency.ts'
import { withSystem, withTenant } from '#activities/database.ts'
import { closeRun } from '#activities/runs/store.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { recordAttempts } from '#activities/runs/store-attempts.ts'
import { createApp } from '#api/app.ts'
import { newId } from '#schemas/ids.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { newPerson, signedIn } from '#test/harness/people.ts'
import { forgetOld, kept } from './forget.ts'
import { drawn } from '#test/harness/drawn.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const count = async (table: 'session' | 'sign_in_link' | 'idempotency' | 'step_attempt'): Promise<number> =>
  withSystem(database.db, async (tx) => (await tx.selectFrom(table).select('tenant_id').execute()).length)
const later = (ms: number) => new Date(Date.now() + ms)
const day = 86_400_000

test('what has run out goes when its time is over, and what is good stays good', async () => {
  const app = createApp(testApiDeps(database))
  const owner = await signedIn(app, database.db, 'owner')
  const { token } = await newPerson(database.db, owner.ctx, 'viewer')
  await withTenant(database.db, owner.ctx, (tx) =>
    claimKey(tx, owner.ctx, { key: 'k', at: new Date() }, 'POST /v1/keys', Buffer.alloc(32)),
  )
  const counts = async () => [await count('session'), await count('sign_in_link'), await count('idempotency')]
  expect(await counts()).toEqual([1, 2, 1])

  expect(await forgetOld(database.db, later(0))).toBe(false)
  expect(await counts()).toEqual([1, 2, 1])
  expect((await app.request('/v1/me', { headers: { cookie: owner.cookie } })).status).toBe(200)

  await forgetOld(database.db, later(kept.answer + 60_000))
  expect(await count('idempotency')).toBe(0)
  // links are good for some days, a session for thirty
  await forgetOld(database.db, later(10 * day))
  expect(await counts()).toEqual([1, 0, 0])
  const link = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) }
  expect((await app.request('/v1/session/link', link)).status).toBe(410)
  await forgetOld(database.db, later(32 * day))
  expect(await counts()).toEqual([0, 0, 0])
})

test('the tries of an old run go when it has ended, a thousand at a time; those of one that is open stay', async () => {
  const ctx = await testTenant(database.db)
  const [ended, open] = [newId('run'), newId('run')]
  await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(
      tx,
      ctx,
      [ended, open].map((run) => ({ run, automation: drawn, title: 'T', input: {} })),
    )
    await closeRun(tx, ctx, ended, { phase: 'completed', outcome: null, failure: null, closedAt: new Date() })
  })
  const tries = (run: string, n: number) =>
    Array.from({ length: n }, (_, i) => ({
      run,
      activityId: `a${i}`,
      n: 1,
      at: new Date(),
      outcome: 'completed' as const,
      message: null,
      progress: null,
      worker: 'w',
      begunAt: new Date(),
    }))
  await recordAttempts(database.db, [...tries(ended, 25), ...tries(open, 1)])
  await forgetOld(database.db, later(kept.attempts - day))
  expect(await count('step_attempt')).toBe(26)
  expect(await forgetOld(database.db, later(kept.attempts + day), 10)).toBe(true)
  expect(await count('step_attempt')).toBe(16)
  while (await forgetOld(database.db, later(kept.attempts + day), 10));
  expect(await count('step_attempt')).toBe(1)
})
