import { expect, test } from 'vitest'
import { targetOf } from '#schemas/gateway/routes.ts'
import { usualRouting, type Choice } from '#schemas/gateway/routing.ts'
import type { KindName } from '#schemas/gateway/kinds/index.ts'
import { readAsked, type Asked } from './asked.ts'
import { Needs } from './needs.ts'
import { Ordering } from './ordering.ts'
import { Pace } from './pace.ts'
import type { Candidate } from './saying.ts'

const candidate = (name: string, model: string, kind: KindName = 'openai'): Candidate => ({
  target: targetOf(name, model),
  provider: { name, kind, baseUrl: '', enabled: true, shared: false, keys: [] },
})
const asked = readAsked('chat', Buffer.from('{"model":"fast","messages":[],"max_tokens":100}')) as Asked
const question = (seed: number) => ({ tenant: 'tnt_1', asked, needs: new Needs(asked), seed })

/** An ordering in which chance is always `chance`. */
const orderingOf = (chance: number) => {
  let now = 0
  const pace = new Pace()
  const ordering = new Ordering(pace, { random: () => chance, now: () => now })
  const first = (those: Candidate[], choice: Choice, seed = 1, sticky = true) =>
    ordering.order(those, { ...usualRouting, choice, sticky }, question(seed))[0]?.target.provider
  return { pace, first, pass: (ms: number) => (now += ms) }
}
const [slow, quick] = [candidate('slow', 'm'), candidate('quick', 'm')]

test('the fastest is who began soonest of late; who never answered is tried', () => {
  const { pace, first } = orderingOf(0.5)
  pace.heard('tnt_1', slow.target, false, 10)
  expect(first([slow, quick], 'fastest', 1)).toBe('quick')
  pace.heard('tnt_1', quick.target, false, 900)
  expect(first([slow, quick], 'fastest', 2)).toBe('slow')
  for (let n = 0; n < 20; n++) pace.heard('tnt_1', slow.target, false, 2000)
  expect(first([slow, quick], 'fastest', 3)).toBe('quick')
})

test('a conversation stays with whom it began for ten minutes, though another is faster now; not where the route says so', () => {
  const { pace, first, pass } = orderingOf(0.5)
  pace.heard('tnt_1', slow.target, false, 10)
  pace.heard('tnt_1', quick.target, false, 20)
  expect(first([slow, quick], 'fastest')).toBe('slow')
  for (let n = 0; n < 20; n++) pace.heard('tnt_1', slow.target, false, 2000)
  expect(first([slow, quick], 'fastest', 1, false)).toBe('quick')
  expect(first([slow, quick], 'fastest')).toBe('slow')
  pass(600_001)
  expect(first([slow, quick], 'fastest')).toBe('quick')
})

test('once in a while somebody else is tried, else nobody could become faster', () => {
  const { pace, first } = orderingOf(0.01)
  pace.heard('tnt_1', slow.target, false, 2000)
  pace.heard('tnt_1', quick.target, false, 10)
  expect(first([slow, quick], 'fastest')).toBe('slow')
})

test('the cheapest is by list price for what is asked; who has no price comes last', () => {
  const { first } = orderingOf(0.5)
  const unknown = candidate('unknown', 'gpt-0-unheard-of')
  expect(first([unknown, candidate('dear', 'gpt-5'), candidate('cheap', 'gpt-5-nano')], 'cheapest')).toBe('cheap')
  expect(first([unknown, candidate('dear', 'gpt-5')], 'cheapest', 2)).toBe('dear')
})
