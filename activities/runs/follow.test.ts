import { expect, test } from 'vitest'
import { setArchived } from '#activities/automation/store.ts'
import { withTenant } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, testTenant } from '#test/harness/database.ts'
import { chain, drawing, install } from '#test/harness/drawn.ts'
import { closeAndFollow } from './store-follow.ts'
import { requestRuns } from './store-request.ts'

const plain = drawing([{ id: 'end', kind: 'end' }], chain('start', 'end'))

test('what cannot follow a failure stands as a run that failed and says why', async () => {
  await using database = await testDatabase()
  const { db } = database
  const ctx = await testTenant(db)
  const typed: Definition = { ...plain, input: { type: 'object', properties: { input: { required: ['deal'] } } } }
  const handler = await install(db, ctx, typed, 'handler')
  const breaks = await install(db, ctx, { ...plain, settings: { onFailure: 'handler' } }, 'breaks')
  const fails = (input: Record<string, unknown>) =>
    withTenant(db, ctx, async (tx) => {
      const run = newId('run')
      await requestRuns(tx, ctx, [{ run, automation: breaks, title: 'Breaks', input }])
      const close = { phase: 'failed', outcome: null, failure: null, closedAt: new Date() } as const
      for (const _time of [1, 2]) await closeAndFollow(tx, ctx, run, close)
      const followers = tx.selectFrom('run').innerJoin('run_request as asked', 'asked.run_id', 'run.id')
      return followers.selectAll('run').select(['asked.refused']).where('run.follows', '=', run).execute()
    })

  expect(await fails({ deal: 7 })).toMatchObject([{ phase: 'queued', refused: null, workflow: 'handler' }])
  expect(await fails({})).toMatchObject([
    {
      phase: 'failed',
      refused: 'input_invalid',
      failure: { code: 'input_invalid', message: expect.stringContaining('deal') },
    },
  ])
  await withTenant(db, ctx, (tx) => setArchived(tx, ctx, handler.id, true))
  expect(await fails({ deal: 7 })).toMatchObject([
    { phase: 'failed', refused: 'automation_archived', failure: { message: expect.stringContaining('restore it') } },
  ])
})
