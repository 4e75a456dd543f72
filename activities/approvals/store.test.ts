import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import type { Assignees } from '#schemas/approvals.ts'
import type { RunOptions } from '#schemas/automation/run.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, testTenant } from '#test/harness/database.ts'
import { escalate, open, type NewApproval } from './store.ts'
import { drawn } from '#test/harness/drawn.ts'
import { newPerson } from '#test/harness/people.ts'

const plain = { form: null, assignees: null, escalateTo: null, delegable: true, expires: false }
const words = { title: 'Go on?', text: '', context: {}, author: '', sandbox: false }
const asking = (run: string, more: Partial<NewApproval> = {}): NewApproval => ({
  run,
  step: 'ask#0',
  remindAt: new Date(),
  dueAt: new Date(),
  ...plain,
  ...words,
  ...more,
})

test('what a model or a vendor wrote never keeps an approval from being opened', async () => {
  await using database = await testDatabase()
  const ctx = await testTenant(database.db)
  const run = newId('run')
  const kept = await withTenant(database.db, ctx, async (tx) => {
    await requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: {} }])
    const said = {
      title: 'Half \ud83d',
      text: 'Dear\0 Dana',
      context: { stock: [{ name: 'Out\0back \udfff' }], price: 7 },
    }
    const id = await open(tx, ctx, asking(run, said))
    return tx.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  })
  expect(kept).toMatchObject({
    title: 'Half \ufffd',
    text: 'Dear Dana',
    context: { stock: [{ name: 'Outback \ufffd' }], price: 7 },
  })
})

test('a test run asks whoever began it beside those whom it names, in its subflows too; a real run does not', async () => {
  await using database = await testDatabase()
  const ctx = await testTenant(database.db)
  const tester = newId('user')
  const by = { ...ctx, actor: { kind: 'user' as const, id: tester, name: 'Robin' } }
  const askedIn = (options: RunOptions[], assignees: Assignees | null) =>
    withTenant(database.db, ctx, async (tx) => {
      let run = ''
      // what a run begins is asked for by a workflow, not by a person
      for (const [depth, option] of options.entries()) {
        const parent = run === '' ? {} : { parent: run }
        run = newId('run')
        const wish = { run, automation: drawn, title: 'T', input: {}, options: { ...option, ...parent } }
        await requestRuns(tx, depth === 0 ? by : ctx, [wish])
      }
      const id = await open(tx, ctx, asking(run, { assignees, escalateTo: { role: 'owner' } }))
      const one = tx.selectFrom('approval').select(['assignees', 'escalate_to']).where('id', '=', id)
      return one.executeTakeFirstOrThrow()
    })
  const manager: Assignees = { role: 'admin' }
  expect(await askedIn([{ test: true }], manager)).toEqual({
    assignees: { role: 'admin', people: [tester] },
    escalate_to: { role: 'owner', people: [tester] },
  })
  expect(await askedIn([{ test: true }, { test: true }, { test: true }], manager)).toMatchObject({
    assignees: { role: 'admin', people: [tester] },
  })
  expect(await askedIn([{ test: true }], null)).toMatchObject({ assignees: null })
  expect(await askedIn([{}], manager)).toEqual({ assignees: manager, escalate_to: { role: 'owner' } })
})

test('where all who are named have left, those after them are asked, and owners at last', async () => {
  await using database = await testDatabase()
  const ctx = await testTenant(database.db)
  const { user: priya } = await newPerson(database.db, ctx, 'operator')
  const gone = newId('user')
  const asked = (more: Partial<NewApproval>) =>
    withTenant(database.db, ctx, async (tx) => {
      const run = newId('run')
      await requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: {} }])
      const id = await open(tx, ctx, asking(run, more))
      const now = () => tx.selectFrom('approval').select('assignees').where('id', '=', id).executeTakeFirstOrThrow()
      const first = (await now()).assignees
      await escalate(tx, ctx, { run, step: 'ask#0' })
      return [first, (await now()).assignees]
    })
  const both = { people: [gone, priya] }
  expect(await asked({ assignees: both })).toEqual([both, both])
  const [nobody, her] = [{ people: [gone] }, { people: [priya] }]
  expect(await asked({ assignees: nobody, escalateTo: her })).toEqual([her, her])
  expect(await asked({ assignees: nobody })).toEqual([{ role: 'owner' }, { role: 'owner' }])
  expect(await asked({ assignees: her, escalateTo: nobody })).toEqual([her, { role: 'owner' }])
  expect(await asked({ assignees: null, escalateTo: null })).toEqual([null, null])
})
