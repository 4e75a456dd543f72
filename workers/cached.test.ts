import type { ActivityExecuteInput } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallScope, Cached } from '#schemas/automation/call.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { cachedSteps } from './cached.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

/** A step of an automation; gives what it comes to, which is a new number each time that it is really done. */
const stepping = async () => {
  const { tenant } = await testTenant(database.db)
  const { execute } = cachedSteps(database.db)
  let done = 0
  const automation = newId('automation')
  return async (more: Partial<CallScope> = {}, cache: Partial<Cached> = {}) => {
    const scope: CallScope = { tenant, run: 'run_1', origin: 'run_1', step: 'ask#0', test: false, ...more }
    const call = { ...scope, cache: { automation, key: 'k', forMs: 60_000, ...cache } }
    const input: ActivityExecuteInput = { args: [call], headers: {} }
    return execute?.(input, async () => ++done)
  }
}

test('a step gives what it gave before in another run and in another turn of its loop, and another step does not', async () => {
  const step = await stepping()
  expect(await step({ step: 'ask#1' })).toBe(1)
  expect(await step({ step: 'ask#2' })).toBe(1)
  expect(await step({ step: 'ask#2.7', run: 'run_2' })).toBe(1)
  expect(await step({ step: 'tell#1' })).toBe(2)
  expect(await step({ step: 'ask#1' }, { key: 'l' })).toBe(3)
  expect(await step({ test: true })).toBe(4)
})

test('nor does the same step of another automation, or of another tenant', async () => {
  const [step, other] = [await stepping(), await stepping()]
  expect(await step()).toBe(1)
  expect(await step({}, { automation: newId('automation') })).toBe(2)
  expect(await other()).toBe(1)
})

test('what has run out is not given again, and what is done then takes its place', async () => {
  const step = await stepping()
  expect(await step({}, { forMs: 0 })).toBe(1)
  expect(await step()).toBe(2)
  expect(await step()).toBe(2)
})
