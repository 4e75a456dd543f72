import { expect, test } from 'vitest'
import { canMove, moved, shares, tiersOf, toDrafts, toTargets, type Drafts } from './shares.ts'

const target = (provider: string, weight: number, priority: number) => ({ provider, model: 'm', weight, priority })

test('targets stand in the order in which they are asked, and the shares of a tier add up', () => {
  const tiers = tiersOf([target('spare', 5, 3), target('a', 1, 0), target('b', 2, 0), target('off', 0, 0)])
  expect(tiers.map(({ targets }) => targets.map(({ provider, percent }) => [provider, percent]))).toEqual([
    [
      ['a', 33],
      ['b', 67],
      ['off', 0],
    ],
    [['spare', 100]],
  ])
})

test.each([
  [
    [1, 1, 1],
    [34, 33, 33],
  ],
  [
    [1000, 1],
    [100, 0],
  ],
  [
    [0, 0],
    [0, 0],
  ],
])('weights %j are shares %j', (weights, expected) => {
  expect(shares(weights)).toEqual(expected)
})

const named = (tiers: Drafts) => tiers.map((tier) => tier.map(({ provider }) => provider).join('')).join('|')
const drafts = toDrafts([target('a', 1, 0), target('b', 1, 0), target('c', 1, 4)])
const idOf = (name: string) => drafts.flat().find(({ provider }) => provider === name)!.id

test.each([
  ['a', 1, 'ba|c'],
  ['b', 1, 'a|bc'],
  ['c', -1, 'abc'],
  ['a', -1, 'a|b|c'],
  ['c', 1, 'ab|c'],
] as const)('%s moved by %i makes %s', (name, by, expected) => {
  expect(named(drafts)).toBe('ab|c')
  const now = moved(drafts, idOf(name), by)
  expect(named(now)).toBe(expected)
  expect(canMove(drafts, idOf(name), by)).toBe(expected !== 'ab|c')
})

test('a tier is a priority, and gaps between priorities close', () => {
  expect(toTargets(drafts)).toEqual([target('a', 1, 0), target('b', 1, 0), target('c', 1, 1)])
})
