import { edgeId, type Definition, type Edge } from '#schemas/automation/definition.ts'
import { boxesOf } from '../shape.ts'
import { endsOf, routing } from './routes.ts'
import { cross, strokeOf } from './stroke.ts'
import { pointsOn } from './wire-path.ts'
import { outer, wirePath } from './wires.ts'

/** The pairs of connections that are drawn across each other. What leads to the same step comes together before it. */
export function tangles(definition: Definition): [Edge, Edge][] {
  const routes = routing()(definition, new Map())
  const boxes = boxesOf(definition)
  const nodes = new Map(definition.nodes.map((node) => [node.id, node]))
  const drawn = definition.edges.flatMap((edge) => {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)]
    const ends = from === undefined || to === undefined ? undefined : endsOf(edge, from, to, boxes)
    if (ends === undefined) return []
    const stroke = strokeOf(pointsOn(wirePath(outer(ends), routes.get(edgeId(edge)))[0]))
    return [{ edge, space: to?.within, stroke }]
  })
  return drawn.flatMap((one, at) =>
    drawn
      .slice(at + 1)
      .filter(({ space, edge }) => space === one.space && edge.to !== one.edge.to)
      .filter(({ stroke }) => cross(one.stroke, stroke))
      .map(({ edge }): [Edge, Edge] => [one.edge, edge]),
  )
}
