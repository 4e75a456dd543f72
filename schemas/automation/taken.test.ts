import { expect, test } from 'vitest'
import { chain, definition, http } from '#test/harness/played.ts'
import { failedIn, playTaken, takeFrom } from '#test/harness/retaken.ts'
import type { Definition, Node } from './definition.ts'
import type { Begun } from './engine/input.ts'

const start: Node = { id: 'start', kind: 'start' }
const end: Node = { id: 'end', kind: 'end', with: { outcome: 'end' } }
const each = (items: number, more: object = {}): Node => ({
  id: 'each',
  kind: 'loop',
  with: { items: Array.from({ length: items }, (_, n) => n), concurrency: 4, ...more },
})
const inEach = (id: string): Node => http(id, { within: 'each', with: { url: { text: `${id} {{ index }}` } } })
const looping = (loop: Node, ...more: Node[]): Definition =>
  definition(
    [start, http('first'), loop, inEach('x'), ...more, inEach('y'), end],
    [
      ...chain('start', 'first', 'each', 'end'),
      { from: 'each', port: 'each', to: 'x' },
      ...chain('x', ...more.map(({ id }) => id), 'y'),
    ],
    {
      output: { all: { cel: 'steps.each.map(one, one.body)' }, n: { cel: 'vars.n' } },
      variables: [{ name: 'n', type: 'number', initial: 0 }],
    },
  )
const bodies = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `y ${from + n}`)

test('turns that are over are taken over and shown as such; the one that failed goes on at the step that failed', async () => {
  const def = looping(each(6, { concurrency: 1 }))
  const before = await playTaken(def, (step) => step === 'y#4')
  expect(failedIn(before)).toEqual({ node: 'y', iteration: '4' })
  const { seed } = await takeFrom(def, before, { node: 'y', iteration: '4' })
  const again = await playTaken(def, undefined, seed)
  expect(again.reached).toEqual(['y#4', 'x#5', 'y#5', 'x#6', 'y#6'])
  expect(again.end).toMatchObject({ end: 'completed', output: { all: bodies(0, 6) } })
  const shown = again.trace.changes.filter(({ state }) => state === 'seeded')
  expect(shown.map(({ node, iteration }) => `${node}#${iteration}`).toSorted()).toEqual(
    ['first#0', 'start#0', 'x#1', 'x#2', 'x#3', 'x#4', 'y#1', 'y#2', 'y#3'].toSorted(),
  )
  expect(shown.find(({ node, iteration }) => node === 'x' && iteration === '2')?.output).toMatchObject({ body: 'x 1' })
  expect(again.trace.items.get('each#2')).toBe(1)
  // and again from that one, which took over what it did not do itself
  const { seed: further } = await takeFrom(def, again, { node: 'x', iteration: '2' })
  const third = await playTaken(def, undefined, further)
  expect(third.reached).toEqual(['x#2', 'y#2'])
  expect(third.end).toMatchObject({ output: { all: bodies(0, 6) } })
})

test('of a loop in pages those that are over are taken over whole, and in one that failed its turns', async () => {
  const def = looping(each(1300))
  const before = await playTaken(def, (step) => step === 'y#700')
  const { seed } = await takeFrom(def, before, failedIn(before))
  const again = await playTaken(def, undefined, seed)
  expect(again.end).toMatchObject({ end: 'completed', output: { all: bodies(0, 1300) } })
  const did = new Set(
    before.trace.changes.length > 0
      ? [...before.pages.values()].flatMap((page) =>
          page.changes
            .filter(({ state }) => state === 'completed')
            .map(({ node, iteration }) => `${node}#${iteration}`),
        )
      : [],
  )
  expect(did.size).toBeGreaterThan(1000)
  expect(again.reached.filter((step) => did.has(step))).toEqual([])
  expect(again.reached).toContain('y#700')
  expect(again.reached).not.toContain('x#700')
  // one turn of one page that had come through
  const { seed: named } = await takeFrom(def, await playTaken(def), { node: 'y', iteration: '612' })
  expect((await playTaken(def, undefined, named)).reached).toEqual(['y#612'])
})

test('where turns set variables, those behind one that runs again run again too, over pages as well', async () => {
  const count: Node = { id: 'count', kind: 'set', within: 'each', with: { values: { n: { cel: 'vars.n + 1.0' } } } }
  for (const items of [5, 1100]) {
    const def = looping(each(items, { concurrency: 1 }), count)
    const whole = await playTaken(def)
    const at = { node: 'y', iteration: String(items - 2) }
    const { seed } = await takeFrom(def, whole, at)
    const again = await playTaken(def, undefined, seed)
    expect(again.end).toMatchObject({ output: { n: items, all: bodies(0, items) } })
    expect(again.reached).toEqual(
      [-2, -1, 0].flatMap((n) => (n === -2 ? [`y#${items + n}`] : [`x#${items + n}`, `y#${items + n}`])),
    )
    const failed = await playTaken(def, (step) => step === `y#${items - 2}`)
    const { seed: next } = await takeFrom(def, failed, failedIn(failed))
    expect((await playTaken(def, undefined, next)).end).toMatchObject({ output: { n: items } })
  }
})

test('what was undone in one turn is done again there, and what came after it; other turns stand', async () => {
  const def = looping(each(3, { concurrency: 1 }))
  const before = await playTaken(def, (step) => step === 'y#3')
  const { seed } = await takeFrom(def, before, failedIn(before), ['x#2'])
  expect((await playTaken(def, undefined, seed)).reached).toEqual(['x#2', 'y#2', 'y#3'])
  // one whose turn is not known stands for all
  const { seed: all } = await takeFrom(def, before, failedIn(before), ['x'])
  expect((await playTaken(def, undefined, all)).reached).toEqual(['x#1', 'y#1', 'x#2', 'y#2', 'x#3', 'y#3'])
})

test('what pages had done and the run undid when it failed behind them is done again, and nothing else of them', async () => {
  const loop = looping(each(600))
  const def = { ...loop, nodes: [...loop.nodes, http('late')], edges: [...loop.edges, ...chain('each', 'late')] }
  const before = await playTaken(def, (step) => step === 'late#0')
  const { seed } = await takeFrom(def, before, failedIn(before), ['x#3', 'y#550'])
  const again = await playTaken(def, undefined, seed)
  expect(again.end).toMatchObject({ end: 'completed', output: { all: bodies(0, 600) } })
  expect(again.reached.toSorted()).toEqual(['late#0', 'x#3', 'y#3', 'y#550'])
})

test('a while loop goes on in the turn that is named, with what the turn before came to', async () => {
  const sum: Node = {
    id: 'each',
    kind: 'loop',
    with: { over: 'while', while: { cel: 'index < 4' }, most: 9, collect: { cel: 'item == null ? 1.0 : item + 1.0' } },
  }
  const def: Definition = {
    ...looping(sum),
    output: { last: { cel: 'steps.each.last' }, turns: { cel: 'steps.each.turns' } },
  }
  const whole = await playTaken(def)
  expect(whole.end).toMatchObject({ output: { last: 4, turns: 4 } })
  const { seed } = await takeFrom(def, whole, { node: 'y', iteration: '2' })
  const again = await playTaken(def, undefined, seed)
  expect(again.reached).toEqual(['y#2', 'x#3', 'y#3', 'x#4', 'y#4'])
  expect(again.end).toMatchObject({ output: { last: 4, turns: 4 } })
})

test('a block that failed gives each branch another try, and takes over those that were through', async () => {
  const branches = ['p', 'q', 'r']
  const def = definition(
    [
      start,
      {
        id: 'block',
        kind: 'parallel',
        with: { branches: branches.map((port) => ({ port })), until: 'some', count: 2 },
      },
      ...branches.flatMap((id) => [http(id, { within: 'block' }), http(`${id}2`, { within: 'block' })]),
      end,
    ],
    [
      ...chain('start', 'block', 'end'),
      ...branches.flatMap((port) => [{ from: 'block', port, to: port }, ...chain(port, `${port}2`)]),
    ],
    { output: { first: { cel: 'steps.block.first' } } },
  )
  const before = await playTaken(def, (step) => step === 'q2#0' || step === 'r2#0')
  expect(before.end).toMatchObject({ end: 'failed' })
  const { seed } = await takeFrom(def, before, failedIn(before))
  const again = await playTaken(def, undefined, seed)
  expect(again.end).toMatchObject({ end: 'completed', output: { first: 'p' } })
  expect(again.reached).toEqual(['q2#0', 'r2#0'])
})

test('what goes on from a step does so over changes of history, and in a version where a loop became a block it begins anew', async () => {
  const def = looping(each(40, { concurrency: 3 }))
  const before = await playTaken(def, (step) => step === 'y#20')
  const { seed, taken } = await takeFrom(def, before, failedIn(before))
  const again = await playTaken(def, undefined, seed, 12)
  expect(again.end).toMatchObject({ end: 'completed', output: { all: bodies(0, 40) } })
  expect(again.reached.filter((step) => taken.has(step))).toEqual([])
  const other = definition(
    [
      start,
      { id: 'each', kind: 'parallel', with: { branches: [{ port: 'each' }] } },
      http('x', { within: 'each' }),
      end,
    ],
    [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'x' }],
  )
  expect((seed.nodes['each'] as Begun).kind).toBe('loop')
  expect((await playTaken(other, undefined, seed)).reached).toEqual(['x#0'])
})
