import { expect, test } from 'vitest'
import { definition, http, play } from '#test/harness/played.ts'
import type { Definition } from './definition.ts'
import { planTrial, type TrialPart } from './trial.ts'

/** start → a → which → (b | c) → d → loop(e) → end */
const drawing = (more: Partial<Definition> = {}): Definition =>
  definition(
    [
      { id: 'start', kind: 'start' },
      http('a', { pin: { body: 'pinned a' } }),
      {
        id: 'which',
        kind: 'decision',
        with: { cases: [{ port: 'left', when: { cel: 'steps.a.body == "left"' } }] },
      },
      http('b'),
      http('c'),
      http('d', { with: { url: { cel: 'has(steps.c) ? "d-" + steps.c.body : "d"' } } }),
      { id: 'loop', kind: 'loop', with: { items: [1, 2] } },
      http('e', { within: 'loop' }),
      { id: 'end', kind: 'end' },
    ],
    [
      { from: 'start', to: 'a' },
      { from: 'a', to: 'which' },
      { from: 'which', port: 'left', to: 'b' },
      { from: 'which', port: 'else', to: 'c' },
      { from: 'b', to: 'd' },
      { from: 'c', to: 'd' },
      { from: 'd', to: 'loop' },
      { from: 'loop', port: 'each', to: 'e' },
      { from: 'loop', to: 'end' },
    ],
    more,
  )
const asked: string[] = []
const run = async (part: TrialPart) => {
  const { runs, ...trial } = planTrial(drawing(), part)
  asked.length = 0
  const played = await play(
    drawing(),
    (url, step) => {
      asked.push(`${step} ${url}`)
      return {}
    },
    trial,
  )
  return { ...played, runs }
}

test('the whole of it goes with what is pinned in the drawing, and over that with what is pinned for this test', async () => {
  await run({})
  expect(asked[0]).toBe('c#0 c')
  await run({ pins: { a: { body: 'left' } } })
  expect(asked[0]).toBe('b#0 b')
})

test('up to a node it ends when that one is through', async () => {
  const { end, runs } = await run({ until: 'd', pins: { a: { body: 'left' } } })
  expect(asked).toEqual(['b#0 b', 'd#0 d'])
  expect(end.end).toBe('completed')
  expect([...runs].toSorted()).toEqual(['a', 'b', 'c', 'd', 'start', 'which'])
})

test('one node alone is given what is pinned before it, and nothing else runs', async () => {
  const { end, runs } = await run({ only: 'd', pins: { c: { body: 'C' }, d: { body: 'its own pin is not taken' } } })
  expect(asked).toEqual(['d#0 d-C'])
  expect(end.end).toBe('completed')
  expect([...runs]).toEqual(['d'])
})

test('of a node in loops and blocks, each loop makes one turn with the item given, and nothing beside it runs', async () => {
  const inner = (id: string, within: string, url: string) => http(id, { within, with: { url: { text: url } } })
  const nested = definition(
    [
      { id: 'start', kind: 'start' },
      http('list'),
      { id: 'cars', kind: 'loop', with: { items: { cel: 'steps.list.body' }, concurrency: 3 } },
      inner('read', 'cars', 'read {{ item }}'),
      inner('aside', 'cars', 'aside'),
      { id: 'which', kind: 'decision', within: 'cars', with: { cases: [{ port: 'new', when: { cel: 'false' } }] } },
      {
        id: 'both',
        kind: 'parallel',
        within: 'cars',
        with: { branches: [{ port: 'x' }, { port: 'y' }], until: 'all' },
      },
      { id: 'offers', kind: 'loop', within: 'both', with: { over: 'while', while: { cel: 'false' }, most: 5 } },
      inner('send', 'offers', '{{ steps.read.body }} {{ loops.cars.item }} {{ item }}'),
      inner('other', 'both', 'other'),
      { id: 'end', kind: 'end' },
    ],
    [
      { from: 'start', to: 'list' },
      { from: 'list', to: 'cars' },
      { from: 'cars', port: 'each', to: 'read' },
      { from: 'read', to: 'aside' },
      { from: 'read', to: 'which' },
      { from: 'which', port: 'new', to: 'both' },
      { from: 'both', port: 'x', to: 'offers' },
      { from: 'both', port: 'y', to: 'other' },
      { from: 'offers', port: 'each', to: 'send' },
      { from: 'cars', to: 'end' },
    ],
  )
  const pins = { read: { body: 'known' }, cars: ['what the loop gave before'], both: {} }
  const { runs, ...trial } = planTrial(nested, { only: 'send', pins, items: { cars: 'VIN7', offers: 2, list: 1 } })
  const said: string[] = []
  const { end } = await play(
    nested,
    (url, step) => {
      said.push(`${step} ${url}`)
      return {}
    },
    trial,
  )
  expect(said).toEqual(['send#1.1 known VIN7 2'])
  expect(end.end).toBe('completed')
  expect([...runs].toSorted()).toEqual(['both', 'cars', 'offers', 'send'])
})

test('of a node in a loop, the loop begins and ends when the node was through once', async () => {
  const { runs } = await run({ only: 'e' })
  expect(asked.filter((one) => !one.startsWith('e#'))).toEqual([])
  expect(asked[0]).toBe('e#1 e')
  expect([...runs].toSorted()).toEqual(['e', 'loop'])
})
