import { expect, test } from 'vitest'
import { until } from '#test/harness/until.ts'
import type { Caller } from '../store-known.ts'
import { Account } from './account.ts'
import type { Accounted } from './accounted.ts'
import { readAsked, type Asked } from './asked.ts'
import { stepSince } from './steps.ts'

const caller: Caller = { tenant: 'tnt', key: null, name: null, user: null, models: null, tags: {}, run: null, until: 0 }
const asked = readAsked('chat', Buffer.from('{"model":"fast","messages":[]}')) as Asked
const account = (steps: Parameters<typeof stepSince>[] = []) => {
  let row: Accounted | undefined
  const way = { alias: null, steered: null }
  const of = new Account(
    caller,
    asked,
    way,
    steps.map((one) => stepSince(...one)),
    (written) => (row = written),
  )
  return { of, row: () => row! }
}
const target = { provider: 'openai', model: 'gpt-5-mini', weight: 1, priority: 0 }
const pass = async (ms: number) => {
  const began = performance.now()
  await until('some time has passed', () => Promise.resolve(performance.now() - began >= ms))
}

test('who has to wait for a connection is told apart from who waits for an answer; one that is free is nothing to tell', async () => {
  const { of, row } = account()
  const free = of.sent(target, 'openai')
  of.connected(free)
  const late = of.sent(target, 'openai')
  await pass(5)
  of.connected(late)
  of.heard(late)
  of.over()
  of.answered(null, 200)
  const [first, second] = row().attempts
  expect(first).not.toHaveProperty('connectMs')
  expect(second!.connectMs).toBeGreaterThanOrEqual(5)
  expect(second!.at + second!.connectMs!).toBeLessThanOrEqual(second!.firstByteMs!)
})

test('steps of before stand before the beginning, and where there was none nothing is written down', async () => {
  const from = performance.now()
  await pass(5)
  const { of, row } = account([['read', from]])
  of.over()
  of.answered(null, 200)
  const [at, ms] = row().steps!.read!
  expect(at).toBeLessThanOrEqual(-5)
  expect(at + ms).toBeLessThanOrEqual(0.02)
  const other = account()
  other.of.over()
  other.of.answered(null, 200)
  expect(other.row().steps).toBeNull()
})
