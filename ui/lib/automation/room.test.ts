import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import { edgeId, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { addAfter, addBehind, addNode, insertOn, move, setField, type Act } from './acts.ts'
import { wrap } from './arrange.ts'
import { copyPart, pastePart } from './part.ts'
import { freePlace, withRoom } from './room.ts'
import { sample } from './sample.ts'
import { boxesOf, endOf, isContainer, measures, overlap, portsOf, type Axis, type Box } from './shape.ts'

const after = (definition: Definition, act: Act): Definition => applyAll(definition, withRoom(definition, act).changes)

/** Pairs that stand in the same thing. */
const siblings = (nodes: readonly Node[]) =>
  nodes.flatMap((a, at) => nodes.slice(at + 1).flatMap((b) => (a.within === b.within ? [[a.id, b.id] as const] : [])))
const boxOf = (definition: Definition, id: string): Box => boxesOf(definition).get(id) as Box
const covered = (definition: Definition): string[] =>
  siblings(definition.nodes).flatMap(([a, b]) =>
    overlap(boxOf(definition, a), boxOf(definition, b)) ? [`${a} and ${b}`] : [],
  )

const kind = fc.constantFrom('http', 'decision', 'loop', 'parallel', 'wait', 'raise', 'end', 'note')
const cell = fc.record({ kind, within: fc.nat(30), column: fc.nat(3), row: fc.nat(5), jitter: fc.nat(20) })

/** A drawing in which nothing covers anything: a grid of steps at each level, some of them loops that hold others. */
const drawings = fc
  .tuple(fc.array(cell, { minLength: 2, maxLength: 14 }), fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 16 }))
  .map(([cells, pairs]): Definition => {
    let definition: Definition = { format: 1, name: 'Any', nodes: [], edges: [] }
    for (const { kind: of, within, column, row, jitter } of cells) {
      const holders = definition.nodes.filter(isContainer)
      const holder = holders[within % (holders.length + 3)]?.id
      const at = { x: column * 300 + jitter, y: 92 + row * 130 + jitter }
      definition = after(definition, addNode(definition, of, at, holder))
    }
    const edges = new Map<string, Edge>()
    for (const [one, two] of pairs) {
      const [from, to] = [one % definition.nodes.length, two % definition.nodes.length].toSorted((a, b) => a - b)
      const [a, b] = [definition.nodes[from as number] as Node, definition.nodes[to as number] as Node]
      const port = portsOf(a).find((way) => way.body === (b.within === a.id ? true : way.body && undefined))
      if (a === b || port === undefined || b.kind === 'note' || (a.within !== b.within && b.within !== a.id)) continue
      const edge = { from: a.id, port: port.id, to: b.id }
      edges.set(edgeId(edge), edge)
    }
    return { ...definition, edges: [...edges.values()] }
  })

const acts: Record<string, (definition: Definition, n: number) => Act> = {
  'a step inserted on a connection': (it, n) => {
    const edge = it.edges[n % it.edges.length]
    return insertOn(it, edge === undefined ? '' : edgeId(edge), ['http', 'loop', 'parallel'][n % 3] as string)
  },
  'a step added behind another': (it, n) =>
    addBehind(it, ['http', 'loop', 'raise'][n % 3] as string, it.nodes[n % it.nodes.length]?.id, { x: 0, y: 0 }),
  'a loop dropped': (it, n) => addNode(it, 'loop', { x: (n * 37) % 1200, y: (n * 53) % 900 }),
  'a step dropped into a loop': (it, n) =>
    addNode(it, 'http', { x: (n * 37) % 900, y: (n * 53) % 900 }, it.nodes.filter(isContainer).at(n % 5)?.id),
  'a connection let go on the empty canvas': (it, n) => {
    const from = it.nodes[n % it.nodes.length] as Node
    return addAfter(it, 'decision', { node: from.id, port: portsOf(from)[0]?.id ?? 'out' }, { x: n * 7, y: n * 11 })
  },
  'a paste': (it, n) => {
    const ids = it.nodes.filter((_, at) => (n >> (at % 7)) % 2 === 1).map(({ id }) => id)
    const into = it.nodes.filter(isContainer).at(n % 7)?.id
    return {
      title: 'Paste',
      ...pastePart(it, copyPart(it, ids), { x: (n * 37) % 1200, y: (n * 53) % 900 }, into),
    }
  },
  'a step that becomes wider': (it, n) => {
    const node = it.nodes[n % it.nodes.length] as Node
    return setField(node.id, '/errors', ['a', 'b', 'c', 'd', 'e'].slice(n % 5))
  },
}

test.each(Object.keys(acts))('%s covers nothing, and what stood right of another or below it still does', (name) => {
  const act = acts[name] as (typeof acts)[string]
  fc.assert(
    fc.property(drawings, fc.nat(10_000), (before, n) => {
      expect(covered(before)).toEqual([])
      const made = after(before, act(before, n))
      expect(covered(made)).toEqual([])
      for (const { id } of before.nodes)
        for (const axis of ['x', 'y'] as const)
          expect(boxOf(made, id)[axis]).toBeGreaterThanOrEqual(boxOf(before, id)[axis])
      for (const [a, b] of siblings(before.nodes)) {
        const order = (of: Definition, axis: Axis) => [
          endOf(boxOf(of, a), axis) <= boxOf(of, b)[axis],
          endOf(boxOf(of, b), axis) <= boxOf(of, a)[axis],
        ]
        const kept = (['x', 'y'] as const).flatMap((axis) =>
          order(before, axis).map((was, at) => was && order(made, axis)[at] === true),
        )
        expect(kept, `${a} and ${b}`).toContain(true)
      }
      for (const { from, to } of before.edges)
        if (
          made.edges.some((edge) => edge.from === from && edge.to === to) &&
          endOf(boxOf(before, from), 'y') <= boxOf(before, to).y
        )
          if (before.nodes.find((one) => one.id === to)?.within !== from)
            expect(boxOf(made, to).y, `${to} follows ${from}`).toBeGreaterThanOrEqual(endOf(boxOf(made, from), 'y'))
    }),
    { seed: 7, numRuns: 300 },
  )
})

test('steps dragged into a loop cover nothing there, and stand to each other as before', () => {
  fc.assert(
    fc.property(drawings, fc.nat(10_000), (before, n) => {
      const within = before.nodes.filter(isContainer).at(n % 5)?.id
      const free = before.nodes.filter(({ id }) => id !== within && !before.nodes.some((one) => one.within === id))
      const from = free.find((one) => one.within !== within)?.within
      const moved = free.filter((one, at) => one.within === from && from !== within && at % 2 === n % 2)
      const made = after(
        before,
        move(
          before,
          moved.map(({ id, at }) => ({ id, at: { x: (at?.x ?? 0) + (n % 99), y: at?.y ?? 0 }, within })),
        ),
      )
      expect(covered(made)).toEqual([])
    }),
    { seed: 9, numRuns: 200 },
  )
})

test('where there is room nothing moves', () => {
  fc.assert(
    fc.property(drawings, fc.constantFrom('http', 'loop'), (before, of) => {
      const act = addNode(before, of, { x: 5000, y: 5000 })
      expect(withRoom(before, act).changes).toEqual(act.changes)
    }),
    { seed: 8, numRuns: 50 },
  )
})

test('a loop that becomes larger pushes what stands below it, and that what follows it; what stands aside stays', () => {
  const begun = sample()
  const aside: Node = { id: 'aside', kind: 'set', at: { x: 800, y: 592 } }
  const drawing = { ...begun, nodes: [...begun.nodes, aside] }
  const made = after(drawing, addNode(drawing, 'loop', { x: 24, y: 240 }, 'every'))
  expect(boxOf(made, 'done').y).toBeGreaterThanOrEqual(endOf(boxOf(made, 'every'), 'y') + 48)
  for (const id of ['start', 'read', 'ask', 'every', 'tell', 'aside'])
    expect(made.nodes.find((one) => one.id === id)?.at).toEqual(drawing.nodes.find((one) => one.id === id)?.at)
})

test('what a hand puts over something stays there, and moves nothing', () => {
  const act = move(sample(), [{ id: 'done', at: { x: 8, y: 112 }, within: undefined }])
  expect(withRoom(sample(), act)).toBe(act)
})

test('what is wrapped stands in a loop that covers nothing around it', () => {
  expect(covered(after(sample(), wrap(sample(), ['ask', 'every'], 'loop')))).toEqual([])
})

test('the place found is free, and none that is as far from what stands there is nearer', () => {
  const { gap, width, head } = measures
  const at = fc.record({ x: fc.nat(900), y: fc.nat(600) })
  fc.assert(
    fc.property(fc.array(at, { minLength: 1, maxLength: 12 }), at, fc.boolean(), (places, wanted, bound) => {
      const nodes: Node[] = places.map((place, n) => ({ id: `n${n}`, kind: 'http', at: place }))
      const boxes = places.map((place) => ({ ...place, width, height: head }))
      const least = bound ? { x: 100, y: 80 } : { x: -Infinity, y: -Infinity }
      const found = freePlace({ format: 1, name: 'Any', nodes, edges: [] }, wanted, { width, height: head }, { least })
      const from = { x: Math.max(wanted.x, least.x), y: Math.max(wanted.y, least.y) }
      const far = (to: { x: number; y: number }) => Math.abs(to.x - from.x) + Math.abs(to.y - from.y)
      const isFree = (to: { x: number; y: number }, by: { x: number; y: number }) =>
        boxes.every((box) => Math.abs(box.x - to.x) >= width + by.x || Math.abs(box.y - to.y) >= head + by.y)
      expect(isFree(found, { x: 0, y: 0 })).toBe(true)
      if (isFree(from, { x: 0, y: 0 })) {
        expect(found).toEqual(from)
        return
      }
      expect(isFree(found, gap)).toBe(true)
      const columns = [from.x, ...boxes.flatMap(({ x }) => [x - width - gap.x, x + width + gap.x])]
      const rows = [from.y, ...boxes.flatMap(({ y }) => [y - head - gap.y, y + head + gap.y])]
      for (const x of columns)
        for (const y of rows)
          if (x >= least.x && y >= least.y && isFree({ x, y }, gap))
            expect(far({ x, y })).toBeGreaterThanOrEqual(far(found))
    }),
    { seed: 11, numRuns: 500 },
  )
})
