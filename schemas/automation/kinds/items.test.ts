import { expect, test } from 'vitest'
import { chain, definition, play } from '#test/harness/played.ts'
import type { Json, Node } from '../definition.ts'

const said = async (step: Node, more: Node[], given: Json) => {
  const def = definition(
    [{ id: 'start', kind: 'start' }, step, ...more, { id: 'end', kind: 'end' }],
    [...chain('start', step.id, 'end'), ...more.map(({ id }) => ({ from: step.id, port: 'each', to: id }))],
  )
  const { end } = await play(def, undefined, { input: { given } })
  return end.end === 'failed' ? end.failing.message : undefined
}
const items = { cel: 'input.given' }
const loop: Node = { id: 'loop', kind: 'loop', with: { items } }
const inner: Node = { id: 'one', kind: 'map', within: 'loop', with: { items: [], to: 1 } }
const map: Node = { id: 'map', kind: 'map', with: { items, to: { cel: 'item' } } }

test('what is no list is told by the name of its field, and as what it is', async () => {
  expect(await said(loop, [inner], { n: 1 })).toBe('“For each of” has to be a list; it is an object.')
  expect(await said(map, [], 'text')).toBe('“List” has to be a list; it is a text.')
  expect(await said(map, [], null)).toBe('“List” has to be a list; it is empty.')
  expect(await said(map, [], [1])).toBeUndefined()
})
