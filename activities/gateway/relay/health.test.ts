import { expect, test } from 'vitest'
import { failure } from '#schemas/gateway/wires/failure.ts'
import { Health, type StateChange } from './health.ts'

const patient = { tenant: 'tnt_1', provider: 'one', model: 'gpt-5-mini', key: 'pky_1' }
const busy = failure('overloaded', 'Busy.')

const watch = () => {
  let now = 1_000_000
  const changes: StateChange[] = []
  const health = new Health(
    (change) => changes.push(change),
    () => now,
  )
  return {
    health,
    states: () => changes.map(({ state }) => state),
    changes,
    pass: (ms: number) => (now += ms),
    fail: (times: number, why = busy) => {
      for (let n = 0; n < times; n++) health.failed(patient, why)
    },
  }
}

test('five failures that are half of all take a target out, whatever the key; four do not', () => {
  const { health, fail, states } = watch()
  fail(4)
  expect(health.admits(patient)).toBe(0)
  fail(1)
  expect(health.admits({ ...patient, key: 'pky_2' })).toBeGreaterThan(0)
  expect(health.admits({ ...patient, model: 'gpt-5' })).toBe(0)
  expect(health.admits({ ...patient, tenant: 'tnt_2' })).toBe(0)
  expect(states()).toEqual(['open'])
})

test('a few failures among many answers take nobody out, and old ones do not count', () => {
  const { health, fail, pass, states } = watch()
  for (let n = 0; n < 10; n++) {
    health.ok(patient)
    fail(1)
    health.ok(patient)
  }
  expect(states()).toEqual([])
  fail(4)
  pass(31_000)
  fail(4)
  expect(health.admits(patient)).toBe(0)
})

test('after its rest one request at a time tries it; when that goes well all may ask again', () => {
  const { health, fail, pass, states } = watch()
  fail(5)
  pass(5_001)
  expect(health.admits(patient)).toBe(0)
  expect(health.admits(patient)).toBeGreaterThan(0)
  health.ok(patient)
  expect(health.admits(patient)).toBe(0)
  expect(health.admits(patient)).toBe(0)
  expect(states()).toEqual(['open', 'half_open', 'closed'])
})

test('when it is not well yet it rests twice as long, up to two minutes; who gives up trying leaves it to another', () => {
  const { health, fail, pass, changes } = watch()
  fail(5)
  const rests = [0, 1, 2, 3, 4, 5, 6].map(() => {
    const { at, until } = changes.findLast(({ state }) => state === 'open')!
    pass(until! - at)
    expect(health.admits(patient)).toBe(0)
    health.left(patient)
    expect(health.admits(patient)).toBe(0)
    fail(1)
    return (until! - at) / 1000
  })
  expect(rests).toEqual([5, 10, 20, 40, 80, 120, 120])
})

test('a key that was used too much rests until the provider says; the others go on', () => {
  const { health, fail, pass, changes } = watch()
  fail(1, failure('rate_limited', 'Slow down.', { retryAfter: 20 }))
  expect(changes).toMatchObject([{ state: 'resting', key: 'pky_1', why: 'Slow down.' }])
  expect(health.admits({ ...patient, key: 'pky_2' })).toBe(0)
  pass(19_999)
  expect(health.admits(patient)).toBeGreaterThan(0)
  pass(1)
  expect(health.admits(patient)).toBe(0)
})

test('what a request is itself to blame for says nothing of anybody’s health', () => {
  const { health, fail, states } = watch()
  fail(20, failure('invalid', 'No.'))
  fail(20, failure('context_length', 'Too long.'))
  expect(health.admits(patient)).toBe(0)
  expect(states()).toEqual([])
})
