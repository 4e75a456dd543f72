import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestRuns } from '#activities/runs/store-request.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { asTenant, withTenant } from './database.ts'
import { drawn } from '#test/harness/drawn.ts'

let database: TestDatabase
let [ours, theirs]: Context[] = []
beforeAll(async () => {
  database = await testDatabase()
  ours = await testTenant(database.db)
  theirs = await testTenant(database.db)
})
afterAll(() => database[Symbol.asyncDispose]())

const request = (ctx: Context, run = newId('run')) =>
  requestRuns(asTenant(database.db, ctx), ctx, [{ run, automation: drawn, title: 'T', input: {} }])
const runsOf = (ctx: Context) => asTenant(database.db, ctx).selectFrom('run').selectAll().execute()

test('a statement is done when it is answered, and sees the rows of its own tenant only', async () => {
  const [made] = await request(ours!)
  await request(theirs!)
  expect((await runsOf(ours!)).map((run) => run.id)).toEqual([made!.id])
  const seen = await withTenant(database.db, ours!, (tx) => tx.selectFrom('run').select('id').execute())
  expect(seen).toEqual([{ id: made!.id }])
})

test('a statement that fails leaves nothing behind, and the connection is good for the next one', async () => {
  const [made] = await request(ours!)
  const many = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) => request(ours!, n % 2 === 0 ? made!.id : undefined)),
  )
  expect(many.map((one) => one.status)).toEqual(many.map((_, n) => (n % 2 === 0 ? 'rejected' : 'fulfilled')))
  const events = await asTenant(database.db, ours!)
    .selectFrom('event')
    .select('version')
    .where('stream', '=', made!.id)
    .execute()
  expect(events).toHaveLength(1)
})

test('a row of another tenant is refused', async () => {
  const run = { id: newId('run'), tenant_id: theirs!.tenant, workflow: 'lead', title: 'T', phase: 'queued' } as const
  await expect(asTenant(database.db, ours!).insertInto('run').values(run).execute()).rejects.toThrow(
    /row-level security/,
  )
})

test('a statement whose plan is kept goes on working when a migration adds a column', async () => {
  const owner = new Client({ connectionString: database.url })
  await owner.connect()
  // each of the pool's connections keeps the plan
  const everywhere = () => Promise.all(Array.from({ length: 12 }, () => runsOf(ours!)))
  await everywhere()
  await owner.query("alter table auterity.run add column later text not null default 'x'")
  try {
    for (const rows of await everywhere()) expect(rows[0]).toHaveProperty('later', 'x')
  } finally {
    await owner.query('alter table auterity.run drop column later')
    await owner.end()
  }
})

test('there is no transaction over several statements here', async () => {
  const db = asTenant(database.db, ours!)
  await expect(db.transaction().execute((tx) => sql`select 1`.execute(tx))).rejects.toThrow('a transaction of its own')
})
