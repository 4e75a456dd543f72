import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem, withTenant, type Tx } from '#activities/database.ts'
import { runStarted } from '#schemas/runs-events.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { append, listEvents, tail, type TailCursor } from './store.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const fact = (stream: string) => runStarted(stream, { workflow: 'lead' })

const tailAll = async (from: TailCursor) => {
  const { db } = database
  const found = []
  for (let cursor = from; ;) {
    const events = await withSystem(db, (tx) => tail(tx, cursor, 3))
    if (events.length === 0) return found
    found.push(...events)
    cursor = events.at(-1)!.cursor
  }
}

test('facts of one stream are numbered in order, and listed newest first', async () => {
  const { db } = database
  const ctx = await testTenant(db)
  const run = newId('run')
  await withTenant(db, ctx, (tx) => append(tx, ctx, [fact(run), fact(run)], 0))
  await withTenant(db, ctx, (tx) => append(tx, ctx, [fact(run)]))
  const { items } = await withTenant(db, ctx, (tx) => listEvents(tx, ctx, { subject: run, limit: 10 }))
  expect(items.map((event) => event.version)).toEqual([3, 2, 1])
  expect(items[0]).toMatchObject({
    type: 'run_started',
    actor: { kind: 'user', name: 'Test' },
    data: { workflow: 'lead' },
  })
})

test('a writer that decided on an old version is refused, and its transaction leaves nothing', async () => {
  const { db } = database
  const ctx = await testTenant(db)
  const run = newId('run')
  await withTenant(db, ctx, (tx) => append(tx, ctx, [fact(run)], 0))
  await expect(withTenant(db, ctx, (tx) => append(tx, ctx, [fact(newId('run')), fact(run)], 0))).rejects.toMatchObject({
    code: 'conflict',
  })
  const { items } = await withTenant(db, ctx, (tx) => listEvents(tx, ctx, { type: 'run_started', limit: 10 }))
  expect(items).toHaveLength(1)
})

test('twenty writers of one stream queue up and lose nothing', async () => {
  const { db } = database
  const ctx = await testTenant(db)
  const run = newId('run')
  await Promise.all(Array.from({ length: 20 }, () => withTenant(db, ctx, (tx) => append(tx, ctx, [fact(run)]))))
  const { items } = await withTenant(db, ctx, (tx) => listEvents(tx, ctx, { subject: run, limit: 50 }))
  expect(items.map((event) => event.version).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
})

test('a reader of the tail misses nothing that a slow writer commits behind a fast one', async () => {
  const { db } = database
  const ctx = await testTenant(db)
  const start = (await tailAll('0.0')).at(-1)!.cursor
  const [slow, fast, later] = [newId('run'), newId('run'), newId('run')]

  const held = Promise.withResolvers<void>()
  const written = Promise.withResolvers<void>()
  const slowWriter = withTenant(db, ctx, async (tx: Tx) => {
    await append(tx, ctx, [fact(slow)], 0)
    written.resolve()
    await held.promise
  })
  await written.promise
  await withTenant(db, ctx, (tx) => append(tx, ctx, [fact(fast)], 0))

  // the fast event has a later position and is committed, but the slow one could still appear before it
  expect(await tailAll(start)).toEqual([])
  held.resolve()
  await slowWriter
  await withTenant(db, ctx, (tx) => append(tx, ctx, [fact(later)], 0))
  expect((await tailAll(start)).map((event) => event.subject)).toEqual([slow, fast, later])
})

test('many long and short writers interleaved: a reader that never stops sees each event once', async () => {
  const { db } = database
  const ctx = await testTenant(db)
  let cursor = (await tailAll('0.0')).at(-1)!.cursor
  const seen: string[] = []
  const read = async () => {
    const events = await withSystem(db, (tx) => tail(tx, cursor))
    seen.push(...events.map((event) => event.subject))
    cursor = events.at(-1)?.cursor ?? cursor
  }
  const runs = Array.from({ length: 60 }, () => newId('run'))
  const writing = new AbortController()
  const reader = (async () => {
    while (!writing.signal.aborted) await read()
  })()
  for (let group = 0; group < runs.length; group += 3) {
    const gate = Promise.withResolvers<void>()
    const writers = runs.slice(group, group + 3).map((run, i) =>
      withTenant(db, ctx, async (tx) => {
        await append(tx, ctx, [fact(run)], 0)
        if (i === 0) await gate.promise
      }),
    )
    await Promise.all(writers.slice(1))
    gate.resolve()
    await writers[0]
  }
  writing.abort()
  await reader
  while (seen.length < runs.length) await read()
  expect(seen.toSorted()).toEqual(runs.toSorted())
})

test('another tenant sees none of it, and without a tenant there is nothing', async () => {
  const { db } = database
  const [ours, theirs] = [await testTenant(db), await testTenant(db)]
  const run = newId('run')
  await withTenant(db, ours, (tx) => append(tx, ours, [fact(run)], 0))
  expect((await withTenant(db, theirs, (tx) => listEvents(tx, theirs, { subject: run, limit: 9 }))).items).toEqual([])
  expect((await withTenant(db, theirs, (tx) => listEvents(tx, ours, { subject: run, limit: 9 }))).items).toEqual([])
  expect(await db.app.selectFrom('event').selectAll().execute()).toEqual([])
})

test('what was written can be neither changed nor deleted', async () => {
  const { db } = database
  const ctx = await testTenant(db)
  for (const role of [db.app, db.system]) {
    await expect(role.updateTable('event').set({ type: 'forged' }).execute()).rejects.toThrow('permission denied')
    await expect(role.deleteFrom('event').where('tenant_id', '=', ctx.tenant).execute()).rejects.toThrow(
      'permission denied',
    )
  }
})
