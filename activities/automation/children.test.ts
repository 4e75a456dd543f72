import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import type { Node } from '#schemas/automation/definition.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, testTenant } from '#test/harness/database.ts'
import { chain, code, drawing, install } from '#test/harness/drawn.ts'
import { requestChild } from './children.ts'

test('a test takes what is pinned in the automations it calls and in its pages; a real run does not', async () => {
  await using database = await testDatabase()
  const { db } = database
  const ctx = await testTenant(db)
  const end: Node = { id: 'end', kind: 'end' }
  const pinned = drawing([{ ...code('x', 'return 1'), pin: { mine: true } }, end], chain('start', 'x', 'end'))
  const called = await install(db, ctx, pinned, 'called')
  const begun = async (test: boolean, start: 'called' | 'page') => {
    const run = newId('run')
    const options = test ? { test, pins: { x: 'of the one around' } } : {}
    await withTenant(db, ctx, (tx) =>
      requestRuns(tx, ctx, [{ run, automation: called, title: 'T', input: {}, options }]),
    )
    const page = { node: 'loop', iteration: '0', items: [1], from: 500, concurrency: 1, names: {}, vars: {} }
    const call = { tenant: ctx.tenant, run, origin: run, step: 'sub#0', test, depth: 0 }
    const child = await requestChild({ db })(
      start === 'page'
        ? { ...call, start: { page }, parent: { input: { vin: '1' } } }
        : { ...call, start: { automation: 'called', version: null, input: {} } },
    )
    expect(child.input.input).toEqual(start === 'page' ? { vin: '1' } : {})
    return child.input.pins
  }
  expect(await begun(true, 'called')).toEqual({ x: { mine: true } })
  expect(await begun(true, 'page')).toEqual({ x: 'of the one around' })
  expect(await begun(false, 'called')).toBeUndefined()
  expect(await begun(false, 'page')).toBeUndefined()
})
