import { expect, test } from 'vitest'
import { chain, definition, http, play } from '#test/harness/played.ts'
import { playTaken, takeFrom } from '#test/harness/retaken.ts'
import type { Definition, Node } from '../definition.ts'
import type { NodeChange } from './host.ts'

const start: Node = { id: 'start', kind: 'start' }
const off = http('off', { disabled: true })
const def = definition([start, http('a'), off, http('b')], chain('start', 'a', 'off', 'b'))
const lastOf = (changes: readonly NodeChange[]): Record<string, string> =>
  Object.fromEntries(changes.map(({ node, iteration, state }) => [`${node}#${iteration}`, state]))

test('a step that is switched off is told as that and nothing else, goes on and gives nothing', async () => {
  const { end, host, begun } = await play({ ...def, output: { given: { cel: 'steps.off == null' } } })
  expect(end).toMatchObject({ end: 'completed', output: { given: true } })
  expect(begun).toEqual(['a#0 http.request', 'b#0 http.request'])
  expect(host.changes.filter(({ node }) => node === 'off')).toMatchObject([{ state: 'disabled', ports: ['out'] }])
  expect(lastOf(host.changes)).toMatchObject({ 'a#0': 'completed', 'b#0': 'completed' })
})

test('what is pinned to it is what it gives; the same step behind a way that is not gone is skipped', async () => {
  const pinned = await play(def, undefined, { pins: { off: { body: 'pin' } } })
  expect(lastOf(pinned.host.changes)['off#0']).toBe('seeded')
  const forked: Definition = definition(
    [start, { id: 'ask', kind: 'decision', with: { cases: [{ id: 'yes', when: { cel: 'false' } }] } }, off, http('b')],
    [...chain('start', 'ask'), { from: 'ask', port: 'yes', to: 'off' }, { from: 'ask', port: 'else', to: 'b' }],
  )
  const { host } = await play(forked)
  expect(lastOf(host.changes)).toMatchObject({ 'off#0': 'skipped', 'b#0': 'completed' })
})

test('a run that repeats another takes it over as switched off, in turns too, and as done where it was', async () => {
  const items = { items: [1, 2, 3], concurrency: 1 }
  const loop = (more: Partial<Node>): Definition =>
    definition(
      [
        start,
        { ...off, ...more },
        { id: 'each', kind: 'loop', with: items },
        { ...off, ...more, id: 'in', within: 'each' },
        http('then', { within: 'each' }),
      ],
      [...chain('start', 'off', 'each'), { from: 'each', port: 'each', to: 'in' }, ...chain('in', 'then')],
    )
  const fails = (step: string) => step === 'then#2'
  const again = async (before: Definition, after: Definition) => {
    const { seed } = await takeFrom(before, await playTaken(before, fails), { node: 'then', iteration: '2' })
    return lastOf((await playTaken(after, undefined, seed)).trace.changes)
  }
  const [was, is] = [loop({ disabled: false }), loop({})]
  expect(await again(is, is)).toMatchObject({ 'off#0': 'disabled', 'in#1': 'disabled', 'in#2': 'disabled' })
  expect(await again(was, is)).toMatchObject({ 'off#0': 'seeded', 'in#1': 'seeded', 'in#3': 'disabled' })
})
