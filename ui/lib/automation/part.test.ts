import { expect, test } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { copyPart, pastePart, type Part } from './part.ts'
import { withRoom } from './room.ts'
import { saidOf } from './said.ts'
import { boxesOf, overlap, type Box } from './shape.ts'

const empty: Definition = {
  format: 1,
  name: 'Any',
  nodes: [{ id: 'start', kind: 'start', at: { x: 0, y: 0 } }],
  edges: [],
}
const part = (nodes: Node[]): Part => ({ auterity: 'nodes', nodes, edges: [], groups: [] })
const many = (count: number, more: (n: number) => Partial<Node> = () => ({})): Node[] =>
  Array.from({ length: count }, (_none, n) => ({ id: `n${n}`, kind: 'http', ...more(n) }))
const pasted = (definition: Definition, copied: Part, at = { x: 0, y: 0 }): Definition =>
  applyAll(definition, withRoom(definition, { title: 'Paste', ...pastePart(definition, copied, at) }).changes)
const covered = (definition: Definition): string[] => {
  const boxes = boxesOf(definition)
  return definition.nodes.flatMap((a, n) =>
    definition.nodes
      .slice(n + 1)
      .filter((b) => a.within === b.within && overlap(boxes.get(a.id) as Box, boxes.get(b.id) as Box))
      .map((b) => `${a.id} on ${b.id}`),
  )
}

test('a part stands as it was arranged, as a whole beside what is there, which stays where it is', () => {
  const copied = part(many(1000, (n) => ({ at: { x: (n % 40) * 272, y: Math.floor(n / 40) * 104 } })))
  const once = pasted(empty, copied)
  const twice = pasted(once, copied)
  expect(twice.nodes).toHaveLength(2001)
  expect(covered(twice)).toEqual([])
  expect(twice.nodes.slice(0, 1001)).toEqual(once.nodes)
  const places = (from: number) => twice.nodes.slice(from, from + 1000).map(({ at }) => at ?? { x: 0, y: 0 })
  const [first, second] = [places(1), places(1001)]
  const by = { x: (second[0]?.x ?? 0) - (first[0]?.x ?? 0), y: (second[0]?.y ?? 0) - (first[0]?.y ?? 0) }
  expect(second).toEqual(first.map(({ x, y }) => ({ x: x + by.x, y: y + by.y })))
})

test('what lies over something else in a part still does, as somebody laid it', () => {
  const laid = [
    { x: 0, y: 0 },
    { x: 40, y: 24 },
    { x: 80, y: 48 },
  ]
  const made = pasted(empty, part(many(3, (n) => ({ at: laid[n] ?? { x: 0, y: 0 } }))))
  const [a, b, c] = made.nodes.slice(1).map(({ at }) => at ?? { x: 0, y: 0 })
  expect([(b?.x ?? 0) - (a?.x ?? 0), (b?.y ?? 0) - (a?.y ?? 0)]).toEqual([40, 24])
  expect([(c?.x ?? 0) - (a?.x ?? 0), (c?.y ?? 0) - (a?.y ?? 0)]).toEqual([80, 48])
})

test('steps that were never placed stand in rows, in a loop too', () => {
  const loop: Node = { id: 'loop', kind: 'loop', with: { over: 'items' } }
  const inside = many(30, () => ({ within: 'loop' })).map((node) => ({ ...node, id: `in_${node.id}` }))
  const made = pasted(empty, part([...many(1000), loop, ...inside]))
  expect(made.nodes).toHaveLength(1032)
  expect(covered(made)).toEqual([])
})

test('more steps than an automation may have are not put, and one is told how many there would be', () => {
  const full = pasted(empty, part(many(4998)))
  expect(full.nodes).toHaveLength(4999)
  expect(pastePart(full, part(many(1)), { x: 0, y: 0 }).changes).toHaveLength(1)
  const { changes, refused } = pastePart(full, part(many(2)), { x: 0, y: 0 })
  expect(changes).toEqual([])
  expect(refused).toBe('An automation has 5,000 steps at the most. This one has 4,999, and 2 would come.')
})

test('a few steps are named one by one, many are counted', () => {
  const said = (count: number) => {
    const act = pastePart(empty, part(many(count, (n) => ({ title: `Step ${n}` }))), { x: 0, y: 200 })
    return saidOf({ title: 'Paste', ...act }, applyAll(empty, act.changes))
  }
  expect(said(3)).toBe('Paste: Step 0, Step 1, Step 2')
  expect(said(4)).toBe('Paste: 4 steps')
  expect(said(1000)).toBe('Paste: 1,000 steps')
})

test('what is copied out of a loop and put back twice covers nothing', () => {
  const drawn = pasted(
    empty,
    part([
      { id: 'loop', kind: 'loop', with: { over: 'items' }, at: { x: 0, y: 0 } },
      { id: 'a', kind: 'http', within: 'loop', at: { x: 24, y: 92 } },
      { id: 'b', kind: 'http', within: 'loop', at: { x: 24, y: 200 } },
    ]),
  )
  const copied = copyPart(drawn, ['a', 'b'])
  expect(covered(pasted(pasted(drawn, copied), copied))).toEqual([])
})
