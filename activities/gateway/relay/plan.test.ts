import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { targetOf } from '#schemas/gateway/routes.ts'
import { usualRouting, type Routing } from '#schemas/gateway/routing.ts'
import { failure, failures, type FailureClass } from '#schemas/gateway/wires/failure.ts'
import { Health } from './health.ts'
import { Plan } from './plan.ts'
import type { Candidate } from './saying.ts'

const candidate = (name: string, keys: number): Candidate => ({
  target: targetOf(name, 'm'),
  provider: {
    name,
    kind: 'openai',
    baseUrl: '',
    enabled: true,
    shared: false,
    keys: Array.from({ length: keys }, (_, n) => ({ id: `${name}${n}`, secret: `sk-${n}` })),
  },
})

/**
 * Goes along a plan until its end; `fate` says how each asking fails, or null for an answer. `early`: by how many ms the
 * timer rings before the clock has come as far. Gives what was asked, and the pauses in ms.
 */
const walk = (
  candidates: readonly Candidate[],
  routing: Partial<Routing>,
  fate: (provider: string, key: string | null, n: number) => ReturnType<typeof failure> | null,
  early = 0,
) => {
  let now = 0
  const clock = () => now
  const plan = new Plan('tnt_1', candidates, 7, { ...usualRouting, ...routing }, new Health(() => {}, clock), {
    now: clock,
    random: () => 1,
  })
  const asked: string[] = []
  const pauses: number[] = []
  for (let step = plan.next(); step !== null; step = plan.next()) {
    if ('pause' in step) {
      pauses.push(step.pause)
      now += Math.max(1, step.pause - early)
      continue
    }
    const { patient } = step.ask
    const why = fate(patient.provider, patient.key, asked.push(`${patient.provider}/${patient.key ?? ''}`))
    if (why === null) break
    plan.failed(step.ask, why)
  }
  return { asked, pauses, plan }
}
const always =
  (of: FailureClass, more = {}) =>
  () =>
    failure(of, 'No.', more)
const two = [candidate('a', 1), candidate('b', 1)]

test('each is asked once a round, with longer pauses from round to round', () => {
  const { asked, pauses } = walk(two, { retries: 2 }, always('internal'))
  expect(asked).toEqual(['a/a0', 'b/b0', 'a/a0', 'b/b0', 'a/a0', 'b/b0'])
  expect(pauses).toEqual([250, 500])
})

test('what fails everywhere is asked of nobody else', () => {
  expect(walk(two, {}, always('invalid')).asked).toEqual(['a/a0'])
  expect(walk(two, {}, always('content_policy')).asked).toEqual(['a/a0'])
})

test('what only somebody else may do is asked of each, and not again', () => {
  for (const of of ['context_length', 'not_found', 'too_large'] as const)
    expect(walk(two, { retries: 5 }, always(of)).asked).toEqual(['a/a0', 'b/b0'])
})

test('with another key of the same provider where the key was at fault, with another provider where it was not', () => {
  const many = [candidate('a', 3), candidate('b', 1)]
  const withKeys = walk(many, { retries: 0 }, always('unauthenticated')).asked
  expect(withKeys).toHaveLength(4)
  expect(withKeys.slice(0, 3).toSorted()).toEqual(['a/a0', 'a/a1', 'a/a2'])
  expect(walk(many, { retries: 0 }, always('overloaded')).asked).toHaveLength(2)
})

test('a pause is as long as the provider asks for, unless that is longer than the route waits', () => {
  expect(walk(two.slice(0, 1), {}, always('overloaded', { retryAfter: 3 })).pauses).toEqual([3000])
  expect(walk(two.slice(0, 1), {}, always('overloaded', { retryAfter: 6 })).pauses).toEqual([])
  const one = walk(two, {}, (provider) => failure('overloaded', 'No.', provider === 'a' ? { retryAfter: 60 } : {}))
  expect(one.asked).toEqual(['a/a0', 'b/b0', 'b/b0'])
})

test('a timer that rings a little early costs nobody a round', () => {
  const once = walk(
    two.slice(0, 1),
    { retries: 1 },
    (_, __, n) => (n === 1 ? failure('overloaded', 'No.', { retryAfter: 3 }) : null),
    1,
  )
  expect(once.asked).toEqual(['a/a0', 'a/a0'])
  expect(once.pauses).toEqual([3000, 1])
})

test('whatever fails, it comes to its end, asks nobody more often than the route says, and waits no longer', () => {
  const classes = Object.keys(failures) as FailureClass[]
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { maxLength: 4 }),
      fc.array(fc.record({ of: fc.constantFrom(...classes), retryAfter: fc.option(fc.nat(8), { nil: undefined }) }), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.nat(5),
      fc.nat(20),
      (keys, fates, retries, patience) => {
        const candidates = keys.map((count, n) => candidate(`p${n}`, count))
        const { asked, pauses } = walk(candidates, { retries, patience }, (_, __, n) => {
          const { of, retryAfter } = fates[n % fates.length]!
          return failure(of, 'No.', retryAfter === undefined ? {} : { retryAfter })
        })
        for (const callee of new Set(asked))
          expect(asked.filter((one) => one === callee).length).toBeLessThanOrEqual(retries + 1)
        expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(patience * 1000)
        if (candidates.length > 0) expect(asked.length).toBeGreaterThan(0)
      },
    ),
  )
})
