import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { says, verdictOf } from './judging.ts'
import { added, byChance, fewestVerdicts, isBelow, noTally, scored, type Tally } from './tally.ts'

const of = (wins: number, ties: number, losses: number, more: Partial<Tally> = {}): Tally => ({
  ...noTally,
  wins,
  ties,
  losses,
  ...more,
})
const count = fc.nat({ max: 300 })
const tally = fc.tuple(count, count, count).map((counts) => of(...counts))

test('wins and ties are kept, losses are not; the net score is wins less losses', () => {
  expect(scored(of(2, 5, 3))).toMatchObject({ n: 10, kept: { value: 0.7 }, net: -0.1 })
  expect(scored(of(0, 0, 0, { unread: 4, failed: 2 }))).toEqual({ n: 0, kept: null, net: null })
})

test('swapping who is cheaper turns the net score, and leaves ties as they are', () => {
  fc.assert(
    fc.property(tally, (one) => {
      const [given, turned] = [scored(one), scored({ ...one, wins: one.losses, losses: one.wins })]
      expect(turned.net).toBe(given.net === null ? null : given.net === 0 ? turned.net : -given.net)
      expect(turned.n).toBe(given.n)
    }),
  )
})

test('chance weighs each arm by all that was taken, not by what could be judged', () => {
  const arms = { routed: of(9, 0, 1, { skipped: 20, waiting: 0 }), kept: of(2, 3, 5) }
  expect(byChance(arms)?.value).toBeCloseTo((30 * 0.9 + 10 * 0.5) / 40, 12)
  expect(byChance({ ...arms, kept: of(0, 0, 0, { failed: 3 }) })).toBeNull()
  expect(byChance({ ...arms, routed: noTally })).toBeNull()
})

test('nothing falls below a bound that few verdicts stand against, or that the upper end reaches', () => {
  expect(isBelow(of(0, 0, fewestVerdicts - 1), 0.98)).toBe(false)
  expect(isBelow(of(0, 0, fewestVerdicts), 0.98)).toBe(true)
  // 95 of 100: between 88.8 and 97.8 %
  expect(isBelow(of(0, 95, 5), 0.98)).toBe(true)
  expect(isBelow(of(0, 96, 4), 0.98)).toBe(false)
  expect(isBelow(of(0, 96, 4), 0.99)).toBe(true)
})

test('one more loss never lifts a rule above its bound', () => {
  fc.assert(
    fc.property(tally, fc.double({ min: 0.5, max: 0.999, noNaN: true }), (one, bound) => {
      if (isBelow(one, bound)) expect(isBelow({ ...one, losses: one.losses + 1 }, bound)).toBe(true)
    }),
  )
})

test('two tallies together are one of both', () => {
  fc.assert(fc.property(tally, tally, (a, b) => scored(added(a, b)).n === scored(a).n + scored(b).n))
})

test('only who wins in both orders wins; the two who are compared can be swapped', () => {
  expect(verdictOf('first', 'second')).toEqual({ verdict: 'win', flipped: false })
  expect(verdictOf('second', 'first')).toEqual({ verdict: 'loss', flipped: false })
  expect(verdictOf('first', 'first')).toEqual({ verdict: 'tie', flipped: true })
  expect(verdictOf('first', 'same')).toEqual({ verdict: 'tie', flipped: false })
  expect(verdictOf('same', 'same')).toEqual({ verdict: 'tie', flipped: false })
  const turned = { win: 'loss', loss: 'win', tie: 'tie' } as const
  for (const one of says)
    for (const other of says) {
      const [given, back] = [verdictOf(one, other), verdictOf(other, one)]
      expect(back).toEqual({ verdict: turned[given.verdict], flipped: given.flipped })
    }
})
