import { expect, test } from 'vitest'
import { edgeId, type Definition, type Node } from '#schemas/automation/definition.ts'
import { templates } from '#schemas/templates/list.ts'
import { boxesOf, overlap, type Box } from '../shape.ts'
import { segmentsOf, type Segment } from './detour.ts'
import { endsOf, routing } from './routes.ts'
import { pointsOn } from './wire-path.ts'
import { outer, wirePath } from './wires.ts'

const side = ([a, b]: Segment, { x, y }: Segment[0]): number =>
  Math.sign((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x))
const meet = (one: Segment, two: Segment): boolean =>
  side(one, two[0]) * side(one, two[1]) < 0 && side(two, one[0]) * side(two, one[1]) < 0

/** The pairs of connections that are drawn across each other. What leads to the same step comes together before it. */
const tangles = (definition: Definition): string[] => {
  const routes = routing()(definition, new Map())
  const boxes = boxesOf(definition)
  const byId = new Map(definition.nodes.map((node) => [node.id, node]))
  const drawn = definition.edges.map((edge) => {
    const [from, to] = [byId.get(edge.from) as Node, byId.get(edge.to) as Node]
    const ends = endsOf(edge, from, to, boxes)
    if (ends === undefined) throw new Error(`${edgeId(edge)} leaves by no way out`)
    const path = segmentsOf(pointsOn(wirePath(outer(ends), routes.get(edgeId(edge)))[0]))
    return { edge, space: to.within, path }
  })
  return drawn.flatMap((one, at) =>
    drawn
      .slice(at + 1)
      .filter(({ space, edge }) => space === one.space && edge.to !== one.edge.to)
      .filter(({ path }) => one.path.some((a) => path.some((b) => meet(a, b))))
      .map(({ edge }) => `${edgeId(one.edge)} across ${edgeId(edge)}`),
  )
}

/** Mail and call are both come to from the channel and from behind the text: drawn from top to bottom, two ways cross. */
const cannot = new Map([['reach-customer', ['channel:mail>mail across mailable:else>call']]])

test.each(templates.map(({ handle, definition }) => [handle, definition] as const))(
  'no connection of “%s” is drawn across another, and no step over one',
  (handle, definition) => {
    expect(tangles(definition)).toEqual(cannot.get(handle) ?? [])
    const boxes = boxesOf(definition)
    const covered = definition.nodes.flatMap((a, at) =>
      definition.nodes
        .slice(at + 1)
        .filter((b) => a.within === b.within && overlap(boxes.get(a.id) as Box, boxes.get(b.id) as Box))
        .map((b) => `${b.id} on ${a.id}`),
    )
    expect(covered).toEqual([])
  },
)
