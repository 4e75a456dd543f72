import { expect, test } from 'vitest'
import { chain, definition, http, play } from '#test/harness/played.ts'
import type { Definition, Node } from '../definition.ts'
import type { Engine } from './engine.ts'
import { Variables } from './variables.ts'

const start: Node = { id: 'start', kind: 'start' }
const items = Array.from({ length: 1200 }, (_, n) => n)
const paged = (inner: Node[], ...behind: Node[]): Definition =>
  definition(
    [
      start,
      { id: 'first', kind: 'set', with: { values: { n: 1 } } },
      { id: 'each', kind: 'loop', with: { items, concurrency: 8 } },
      ...inner.map((node) => ({ ...node, within: 'each' })),
      ...behind,
    ],
    [
      ...chain('start', 'first', 'each', ...behind.map(({ id }) => id)),
      ...inner.slice(0, 1).map(({ id }) => ({ from: 'each', port: 'each', to: id })),
      ...chain(...inner.map(({ id }) => id)),
    ],
    { variables: [{ name: 'n', type: 'number', initial: 0 }] },
  )
const sharesOf = async (def: Definition, semantics?: number) => {
  const { starts } = await play(def, undefined, semantics === undefined ? {} : { semantics })
  return starts.map((one) => ('page' in one ? one.page.concurrency : 0))
}

test('pages go side by side where only something outside of them sets variables, and by the first rules always', async () => {
  expect(await sharesOf(paged([http('look')]))).toEqual([2, 2, 2])
  const sets: Node = { id: 'set', kind: 'set', with: { values: { n: 2 } } }
  expect(await sharesOf(paged([http('look'), sets]))).toEqual([8, 8, 8])
  expect(await sharesOf(paged([http('look'), sets]), 1)).toEqual([2, 2, 2])
})

test('a variable that a person changes while pages are at work keeps what they gave it', async () => {
  const { end } = await play(paged([http('look')]), undefined, {}, (engine, host) =>
    host.at(5, () => engine.variables.edit({ n: 7 })),
  )
  expect(end).toMatchObject({ end: 'completed', vars: { n: 7 } })
})

/** A loop of 600 turns, one by one, each of which takes 20 ms: `look` asks what the variable is, `rest` comes behind. */
const reading = (...inner: Node[]): Definition =>
  definition(
    [
      start,
      { id: 'each', kind: 'loop', with: { items: items.slice(0, 600), concurrency: 1 } },
      http('look', { within: 'each', with: { url: { text: '{{ index }} {{ vars.n }}' } } }),
      ...inner.map((node) => ({ ...node, within: 'each' })),
      http('rest', { within: 'each' }),
    ],
    [
      ...chain('start', 'each'),
      { from: 'each', port: 'each', to: 'look' },
      ...chain('look', ...inner.map(({ id }) => id), 'rest'),
    ],
    {
      variables: [
        { name: 'n', type: 'number', initial: 0 },
        { name: 'about', type: 'object', initial: { by: 'nobody' } },
      ],
    },
  )
/** What the turns read, and the variables at the end, where a person changes some in the middle of the first page. */
const readWhile = async (
  def: Definition,
  change: Parameters<typeof play>[3],
  more: Parameters<typeof play>[2] = {},
) => {
  const read: string[] = []
  const told = (url: string, step: string) => {
    if (step.startsWith('look')) read.push(url)
    return {}
  }
  const { end } = await play(def, told, more, change)
  return { read, vars: end.end === 'completed' ? end.vars : end }
}
const tell: (engine: Engine, pages: readonly Engine[]) => void = (engine, pages) => {
  for (const page of pages) page.variables.hear(structuredClone(engine.variables.edits))
}
/** Turn 101 begins at 2,000 ms. */
const midway = 1_995

test('steps of a page that begin after a variable was changed see what it holds now; a page that begins then, too', async () => {
  const { read, vars } = await readWhile(reading(), (engine, host, pages) =>
    host.at(midway, () => {
      engine.variables.edit({ n: 7 })
      tell(engine, pages)
    }),
  )
  expect(read).toEqual(items.slice(0, 600).map((_item, n) => `${n} ${n < 100 ? 0 : 7}`))
  expect(vars).toEqual({ n: 7, about: { by: 'nobody' } })
})

test('of what a page sets and what a person changes, the later stands', async () => {
  const counts: Node = { id: 'count', kind: 'set', with: { values: { n: { cel: 'vars.n + 1' } } } }
  const on = await readWhile(reading(counts), (engine, host, pages) =>
    host.at(midway, () => {
      engine.variables.edit({ n: 1000 })
      tell(engine, pages)
      // told again of the same, as by a later change of another one
      engine.variables.edit({ about: { by: 'Dana' } })
      host.at(midway + 500, () => tell(engine, pages))
    }),
  )
  expect(on.vars).toEqual({ n: 1500, about: { by: 'Dana' } })
  expect(on.read.slice(99, 102)).toEqual(['99 99', '100 1000', '101 1001'])
  expect(on.read.slice(499, 502)).toEqual(['499 1399', '500 1400', '501 1401'])

  const once: Node = { id: 'once', kind: 'set', with: { values: { n: { cel: 'index < 50 ? 5 : vars.n' } } } }
  const before = await readWhile(reading(once), (engine, host, pages) =>
    host.at(midway, () => {
      engine.variables.edit({ n: 9 })
      tell(engine, pages)
    }),
  )
  expect(before.vars).toMatchObject({ n: 9 })
})

test('a change that a page had not heard of when it ended stands, whatever the page set', async () => {
  const sets: Node = { id: 'sets', kind: 'set', with: { values: { n: 3 } } }
  const untold = await readWhile(reading(sets), (engine, host) =>
    // in the last turn of the only page that sets it
    host.at(11_999, () => engine.variables.edit({ n: 8, about: { by: 'Dana' } })),
  )
  expect(untold.vars).toEqual({ n: 8, about: { by: 'Dana' } })
})

test('a page that goes on in a fresh history remembers what it has set and heard', () => {
  const page = { node: 'each', iteration: '0', items: [], from: 0, concurrency: 1, names: {}, vars: { a: 1, b: 1 } }
  const input = { definition: reading(), input: {}, run: {}, page }
  const first = new Variables(input, () => {})
  first.set({ a: 2, b: 2 })
  first.hear({ b: { n: 1, value: 3 } })
  const state = structuredClone({ vars: first.values, variables: first.state() })
  const second = new Variables({ ...input, state }, () => {})
  second.hear({ b: { n: 1, value: 'heard before' } })
  expect(second.end()).toEqual({ vars: { a: 2 }, heard: 1 })
  expect(second.values).toEqual({ a: 2, b: 3 })
  expect(second.edited).toBe(1)
})

test('by earlier rules what a page set stands, whatever was changed meanwhile', async () => {
  const def = reading({ id: 'sets', kind: 'set', with: { values: { n: { cel: 'index' } } } })
  const change: Parameters<typeof play>[3] = (engine, host) => host.at(11_999, () => engine.variables.edit({ n: 8 }))
  expect((await readWhile(def, change, { semantics: 2 })).vars).toMatchObject({ n: 599 })
})

test('what pages have done is undone when the run fails behind them', async () => {
  const undo = { operation: 'undo.a', input: { of: { cel: 'index' } } }
  const { end, host } = await play(paged([http('hold', { undo })], http('late')), (url) =>
    url === 'late' ? { fail: 'planned' } : {},
  )
  expect(end).toMatchObject({ end: 'failed', failing: { node: 'late' } })
  expect(host.acts.filter((act) => act.includes('undo.a'))).toHaveLength(items.length)
})
