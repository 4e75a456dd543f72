import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, testTenant } from '#test/harness/database.ts'
import { open } from './store.ts'
import { drawn } from '#test/harness/drawn.ts'

const plain = { form: null, assignees: null, escalateTo: null, delegable: true, expires: false }

test('what a model or a vendor wrote never keeps an approval from being opened', async () => {
  await using database = await testDatabase()
  const ctx = await testTenant(database.db)
  const run = newId('run')
  const kept = await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: {} }])
    const words = {
      title: 'Half \ud83d',
      text: 'Dear\0 Dana',
      context: { stock: [{ name: 'Out\0back \udfff' }], price: 7 },
    }
    const asked = {
      run,
      step: 'ask#0',
      author: 'a model',
      sandbox: true,
      remindAt: new Date(),
      dueAt: new Date(),
      ...plain,
      ...words,
    }
    const id = await open(tx, ctx, asked)
    return tx.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  })
  expect(kept).toMatchObject({
    title: 'Half \ufffd',
    text: 'Dear Dana',
    context: { stock: [{ name: 'Outback \ufffd' }], price: 7 },
  })
})
