import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { definition, http, play } from '#test/harness/played.ts'
import type { Definition, Edge, Node } from '../definition.ts'

/** A random graph without cycles: edges only lead from an earlier node to a later one. */
const graphs = fc
  .record({
    size: fc.integer({ min: 1, max: 14 }),
    links: fc.array(fc.tuple(fc.nat(13), fc.nat(13), fc.constantFrom('out', 'else', 'error')), { maxLength: 40 }),
    deciders: fc.array(fc.nat(13), { maxLength: 6 }),
    ways: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
    fails: fc.array(fc.nat(13), { maxLength: 3 }),
    ms: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 14, maxLength: 14 }),
  })
  .map(({ size, links, deciders, ways, fails, ms }) => {
    const nodes: Node[] = [{ id: 'start', kind: 'start' }]
    for (let n = 0; n < size; n++)
      nodes.push(
        deciders.includes(n)
          ? { id: `n${n}`, kind: 'decision', with: { cases: [{ port: 'out', when: ways[n] as boolean }] } }
          : http(`n${n}`),
      )
    const edges: Edge[] = [{ from: 'start', to: 'n0' }]
    for (const [a, b, port] of links) {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      if (from !== to && to < size) edges.push({ from: `n${from}`, port, to: `n${to}` })
    }
    return { def: definition(nodes, edges), fails: new Set(fails.map((n) => `n${n}`)), ms }
  })

const reachableOf = ({ edges }: Definition): Set<string> => {
  const reached = new Set(['start'])
  // edges only lead onwards, so one look at each in order of where it begins is enough
  const inOrder = edges.toSorted((a, b) => placeOf(a.from) - placeOf(b.from))
  for (const { from, to } of inOrder) if (reached.has(from)) reached.add(to)
  return reached
}
const placeOf = (id: string): number => (id === 'start' ? -1 : Number(id.slice(1)))

test('random graphs: a node runs once at the most, begins after its live predecessors, and nothing gets stuck', async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.option(fc.integer({ min: 1, max: 120 })),
      fc.option(fc.integer({ min: 3, max: 12 })),
      async ({ def, fails, ms }, cancelAt, most) => {
        const { end, host, begun } = await play(
          def,
          (url) => ({ ms: ms[Number(url.slice(1))] ?? 1, ...(fails.has(url) ? { fail: 'planned' } : {}) }),
          {},
          (engine, simulated) => {
            if (cancelAt !== null) simulated.at(cancelAt, () => engine.stop())
          },
          cancelAt === null ? (most ?? undefined) : undefined,
        )
        expect(new Set(begun).size).toBe(begun.length)
        const ended = new Map<string, readonly string[]>()
        const settled = new Set<string>()
        const reachable = reachableOf(def)
        for (const change of host.changes) {
          if (change.state === 'running') {
            const into = def.edges.filter((edge) => edge.to === change.node)
            // a join has waited for all that could still come, and something did come
            expect(into.filter((edge) => reachable.has(edge.from) && !settled.has(edge.from))).toEqual([])
            if (change.node !== 'start')
              expect(into.some((edge) => ended.get(edge.from)?.includes(edge.port ?? 'out'))).toBe(true)
          } else {
            settled.add(change.node)
            if (change.ports !== undefined) ended.set(change.node, change.ports)
          }
        }
        if (cancelAt === null) expect(['completed', 'failed']).toContain(end.end)
      },
    ),
    { numRuns: 400, seed: 7 },
  )
})

/** The graph as it is, and as the body of a loop of three turns. */
const shapes = (def: Definition, looped: boolean): Definition =>
  !looped
    ? def
    : {
        ...def,
        nodes: [
          { id: 'start', kind: 'start' },
          { id: 'turns', kind: 'loop', with: { items: [1, 2, 3], concurrency: 2 } },
          ...def.nodes.filter(({ id }) => id !== 'start').map((node) => ({ ...node, within: 'turns' })),
        ],
        edges: [
          { from: 'start', to: 'turns' },
          ...def.edges.map((edge) => (edge.from === 'start' ? { from: 'turns', port: 'each', to: edge.to } : edge)),
        ],
      }

test('a random graph that is carried on in fresh histories does what it does in one', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.boolean(), fc.integer({ min: 3, max: 20 }), async ({ def, ms }, looped, most) => {
      const told = (url: string) => ({ ms: ms[Number(url.slice(1))] ?? 1 })
      const shape = shapes(def, looped)
      const whole = await play(shape, told)
      const carried = await play(shape, told, {}, undefined, most)
      expect(carried.begun.toSorted()).toEqual(whole.begun.toSorted())
      expect(carried.end).toEqual(whole.end)
    }),
    { numRuns: 300, seed: 7 },
  )
})
