import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { targetOf } from '#schemas/gateway/routes.ts'
import { failure } from '#schemas/gateway/wires/failure.ts'
import { Health } from './health.ts'
import type { Callee } from './plan.ts'
import { Probes } from './probes.ts'
import type { Upstream, UpstreamRequest } from './upstream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const patient = { tenant: 'tnt_1', provider: 'one', model: 'gpt-5-mini', key: 'pky_1' }
const key = { id: 'pky_1', secret: 'sk-1' }
const callee: Callee = {
  patient,
  key,
  candidate: {
    target: targetOf('one', 'gpt-5-mini'),
    provider: {
      name: 'one',
      kind: 'openai',
      baseUrl: 'https://one.test/v1',
      enabled: true,
      shared: false,
      keys: [key],
    },
  },
}

/** A target that was found not to be well; `answers` with a status, or null for none at all. */
const left = (answers: () => number | null) => {
  const asked: UpstreamRequest[] = []
  const states: string[] = []
  const upstream: Upstream = {
    send(request, listener) {
      asked.push(request)
      const status = answers()
      if (status !== null) listener.head(status, {})
      return { pause() {}, resume() {}, abort() {} }
    },
    close: () => Promise.resolve(),
  }
  const health = new Health(({ state }) => states.push(state))
  for (let n = 0; n < 5; n++) health.failed(patient, failure('overloaded', 'Busy.'))
  const probes = new Probes(upstream, health)
  probes.watch(callee)
  probes.watch(callee)
  return { asked, states, health }
}

test('who is left alone is looked at once before its rest is over, with the key, and what is there is tried by the next request', async () => {
  const { asked, states, health } = left(() => 200)
  await vi.advanceTimersByTimeAsync(4_499)
  expect(asked).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(asked).toMatchObject([
    { origin: 'https://one.test', path: '/v1/models', headers: { authorization: 'Bearer sk-1' }, body: null },
  ])
  expect(states).toEqual(['open', 'half_open'])
  expect(health.admits(patient)).toBe(0)
})

test.each([
  ['answers that it failed', 503],
  ['says nothing', null],
])('who %s is left alone for longer, and looked at again', async (_, status) => {
  const { asked, states, health } = left(() => status)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveLength(1)
  expect(states).toEqual(['open', 'open'])
  expect(health.admits(patient)).toBeGreaterThan(Date.now())
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveLength(2)
})

test('whom nobody asks for any more is not looked at any more', async () => {
  const { asked } = left(() => 503)
  await vi.advanceTimersByTimeAsync(3_600_000)
  const before = asked.length
  expect(before).toBeGreaterThan(3)
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(asked.length).toBe(before)
})
