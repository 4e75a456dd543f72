import { expect, test } from 'vitest'
import { chain, definition, http, play } from '#test/harness/played.ts'
import type { Definition, Node } from '../definition.ts'

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
    host.at(5, () => engine.setVariables({ n: 7 })),
  )
  expect(end).toMatchObject({ end: 'completed', vars: { n: 7 } })
})

test('what pages have done is undone when the run fails behind them', async () => {
  const undo = { operation: 'undo.a', input: { of: { cel: 'index' } } }
  const { end, host } = await play(paged([http('hold', { undo })], http('late')), (url) =>
    url === 'late' ? { fail: 'planned' } : {},
  )
  expect(end).toMatchObject({ end: 'failed', failing: { node: 'late' } })
  expect(host.acts.filter((act) => act.includes('undo.a'))).toHaveLength(items.length)
})
