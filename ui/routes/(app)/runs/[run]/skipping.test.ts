import { expect, test } from 'vitest'
import type { Node } from '#schemas/automation/definition.ts'
import { skipsBy } from './skipping.ts'

const node = (kind: string, more: Partial<Node> = {}): Node => ({ id: 'it', kind, ...more })
const waiting = { state: 'waiting', endedAt: null } as const
const through = { state: 'completed', endedAt: '2026-11-22T10:00:00Z' } as const
const idsOf = (ways: ReturnType<typeof skipsBy>) => ways?.map(({ id }) => id)

test('an approval is skipped by the way that is said, by who may decide it, and once somebody was asked', () => {
  const approval = node('approval', { with: { ask: '?' } })
  expect(idsOf(skipsBy(approval, waiting, true))).toEqual(['approved', 'rejected'])
  expect(skipsBy(approval, waiting, false)).toBeUndefined()
  expect(skipsBy(approval, undefined, true)).toBeUndefined()
})

test('a step that goes several ways asks which, one that goes one way does not', () => {
  const decision = node('decision', { with: { cases: [{ port: 'yes', when: true }] } })
  expect(idsOf(skipsBy(decision, undefined, false))).toEqual(['yes', 'else'])
  expect(skipsBy(node('http'), undefined, false)).toEqual([])
  expect(skipsBy(node('loop'), waiting, false)).toEqual([])
  expect(skipsBy(node('wait', { with: { for: 'event', most: '1d' } }), waiting, false)).toEqual([])
})

test('what is through, and what begins or ends a run, is not skipped', () => {
  expect(skipsBy(node('http'), through, true)).toBeUndefined()
  expect(skipsBy(node('http'), { state: 'skipped', endedAt: null }, true)).toBeUndefined()
  for (const kind of ['start', 'end', 'note']) expect(skipsBy(node(kind), undefined, true)).toBeUndefined()
})
