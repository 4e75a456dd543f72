import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { edgeId, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { templates } from '#schemas/templates/list.ts'
import { layout } from '../layout.ts'
import { boxesOf, isContainer, isNote, portsOf, type Box } from '../shape.ts'
import { meets } from './detour.ts'
import { endsOf, routing } from './routes.ts'
import { segmentsOf } from './stroke.ts'
import { pointsOn } from './wire-path.ts'
import { outer, wirePath } from './wires.ts'

const laidOut = (definition: Definition): Definition => {
  const places = layout(definition)
  return { ...definition, nodes: definition.nodes.map((node) => ({ ...node, at: places[node.id] ?? { x: 0, y: 0 } })) }
}

/** The edges of a drawing that are drawn across a node which they neither leave nor lead to. */
const crossings = (definition: Definition): string[] => {
  const routes = routing()(definition, new Map())
  const boxes = boxesOf(definition)
  const byId = new Map(definition.nodes.map((node) => [node.id, node]))
  return definition.edges.flatMap((edge) => {
    const [from, to] = [byId.get(edge.from) as Node, byId.get(edge.to) as Node]
    const ends = endsOf(edge, from, to, boxes)
    if (ends === undefined) throw new Error(`${edgeId(edge)} leaves by no way out`)
    const drawn = segmentsOf(pointsOn(wirePath(outer(ends), routes.get(edgeId(edge)))[0]))
    return definition.nodes
      .filter((node) => node.within === to.within && node !== from && node !== to && !isNote(node))
      .filter((node) => drawn.some(([a, b]) => meets(a, b, boxes.get(node.id) as Box, -1)))
      .map((node) => `${edgeId(edge)} across ${node.id}`)
  })
}

test.each(templates.map(({ handle, definition }) => [handle, definition] as const))(
  'laid out, no connection of “%s” is drawn across a step; nor is one as it stands',
  (_handle, definition) => {
    expect(crossings(laidOut(definition))).toEqual([])
    expect(crossings(definition)).toEqual([])
  },
)

const kind = fc.constantFrom('http', 'http', 'set', 'decision', 'decision', 'loop', 'parallel')
/** Automations as people draw them: steps that lead on to later ones by any way out, some of them in loops. */
const automations = fc
  .tuple(
    fc.array(fc.tuple(kind, fc.nat(40)), { minLength: 3, maxLength: 24 }),
    fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(4)), { minLength: 3, maxLength: 40 }),
  )
  .map(([steps, links]): Definition => {
    const nodes: Node[] = [{ id: 'n0', kind: 'start' }]
    for (const [at, [of, within]] of steps.entries()) {
      const holders = nodes.filter(isContainer)
      const holder = holders[within % (holders.length + 4)]?.id
      const beginnings: Record<string, Node['with']> = {
        decision: { cases: [1, 2, 3].slice(within % 3).map((n) => ({ port: `c${n}`, when: { cel: 'true' } })) },
        loop: { over: 'items' },
        parallel: { branches: [{ port: 'a' }, { port: 'b' }], until: 'all' },
      }
      const told = beginnings[of]
      nodes.push({
        id: `n${at + 1}`,
        kind: of,
        ...(told === undefined ? {} : { with: told }),
        ...(holder === undefined ? {} : { within: holder }),
      })
    }
    const edges = new Map<string, Edge>()
    for (const [one, two, by] of links) {
      const [from, to] = [one % nodes.length, two % nodes.length]
        .toSorted((a, b) => a - b)
        .map((at) => nodes[at] as Node) as [Node, Node]
      const inside = to.within === from.id
      if (from === to || (from.within !== to.within && !inside)) continue
      const ports = portsOf(from)
        .filter((port) => (port.body === true) === inside)
        .map((port) => port.id)
      const port = [...ports, ...(inside || from.kind === 'start' ? [] : ['error'])][by % (ports.length + 1)]
      if (port === undefined) continue
      const edge = { from: from.id, port, to: to.id }
      edges.set(edgeId(edge), edge)
    }
    return { format: 1, name: 'Any', nodes, edges: [...edges.values()] }
  })

test('laid out, no connection of any automation is drawn across a step', () => {
  fc.assert(
    fc.property(automations, (definition) => {
      expect(crossings(laidOut(definition))).toEqual([])
    }),
    { seed: 5, numRuns: 300 },
  )
})
