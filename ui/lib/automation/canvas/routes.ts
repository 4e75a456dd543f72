import { edgeId, portOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { same } from '#schemas/automation/json.ts'
import { boxesOf, entryOf, spotsOf, type Box } from '../shape.ts'
import { detour, meets, segmentsOf, type Segment } from './detour.ts'
import { outer, straight, type Ends, type Route } from './wires.ts'
import { pointsOn } from './wire-path.ts'

/** Ways around what an edge would be drawn across, by the id of the edge; none of an edge that crosses nothing. */
type Routes = ReadonlyMap<string, Route>

/** Gives the routes of a drawing, and the same again while nothing has moved. */
export const routing = (): ((definition: Definition, hidden: ReadonlyMap<string, unknown>) => Routes) => {
  let known: { places: string; routes: Routes } | undefined
  return (definition, hidden) => {
    const boxes = boxesOf(definition)
    const places = [
      ...definition.nodes.map(({ id, kind, within }) => {
        const { x, y, width, height } = boxes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 }
        return [id, kind, within, hidden.has(id), x, y, width, height].join(' ')
      }),
      ...definition.edges.map(edgeId),
    ].join('\n')
    if (known?.places === places) return known.routes
    const routes = routesOf(definition, new Set(hidden.keys()))
    // an edge that goes as it went is not drawn anew
    for (const [id, route] of routes) {
      const before = known?.routes.get(id)
      if (before !== undefined && same(before, route)) routes.set(id, before)
    }
    known = { places, routes }
    return routes
  }
}

/** How many crossings are looked at for a drawing, so that a huge one opens at once: what is left then goes straight. */
const mostLooked = 50_000

/** @param hidden nodes that are folded away: nothing has to go around them */
function routesOf(definition: Definition, hidden: ReadonlySet<string>): Map<string, Route> {
  const nodes = new Map(definition.nodes.map((node) => [node.id, node]))
  const boxes = boxesOf(definition)
  const spaces = new Map<string | undefined, Space>()
  for (const { id, kind, within } of definition.nodes) {
    const space = spaces.get(within) ?? { stand: [], taken: [] }
    spaces.set(within, space)
    const box = boxes.get(id)
    if (box !== undefined && kind !== 'note' && !hidden.has(id)) space.stand.push({ id, box })
  }
  const budget = { left: mostLooked }
  const routes = new Map<string, Route>()
  for (const edge of definition.edges) {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)]
    if (from === undefined || to === undefined || hidden.has(from.id) || hidden.has(to.id)) continue
    const ends = endsOf(edge, from, to, boxes)
    const space = spaces.get(to.within)
    if (ends === undefined || space === undefined || !crosses(ends, space, edge)) continue
    const all = space.stand.map(({ box }) => box)
    const way = detour(ends, { boxes: all, taken: space.taken, budget })
    if (way === undefined) continue
    routes.set(edgeId(edge), {
      points: way.map(({ x, y }) => ({ x: x - ends.from.x, y: y - ends.from.y })),
      by: { x: ends.to.x - ends.from.x, y: ends.to.y - ends.from.y },
    })
    space.taken.push(...segmentsOf(way))
  }
  return routes
}

/** What stands in the same thing, and the ways that are taken there. */
type Space = { stand: { id: string; box: Box }[]; taken: Segment[] }

/** Where an edge begins and ends, from the top left of what its target stands in. */
export function endsOf(edge: Edge, from: Node, to: Node, boxes: ReadonlyMap<string, Box>): Ends | undefined {
  const [a, b] = [boxes.get(from.id), boxes.get(to.id)]
  if (a === undefined || b === undefined) return undefined
  const spot = spotsOf(from, a).find((one) => one.id === portOf(edge))
  if (spot === undefined || (from.within !== to.within && to.within !== from.id)) return undefined
  const base = to.within === from.id ? { x: 0, y: 0 } : a
  const entry = entryOf(b)
  return {
    from: { x: base.x + spot.x, y: base.y + spot.y },
    to: { x: b.x + entry.x, y: b.y + entry.y },
    beside: spot.side === 'beside',
  }
}

/** How far from its ends a line that is drawn straight may come. */
const strays = 24

/** Whether an edge that is drawn straight would be drawn across what it neither leaves nor leads to. */
function crosses(ends: Ends, { stand }: Space, edge: Edge): boolean {
  const [a, b] = [ends.from, ends.to]
  const [left, right] = [Math.min(a.x, b.x) - strays, Math.max(a.x, b.x) + strays]
  const [top, bottom] = [Math.min(a.y, b.y) - strays, Math.max(a.y, b.y) + strays]
  const near = stand.filter(
    ({ id, box }) =>
      box.x < right &&
      box.y < bottom &&
      box.x + box.width > left &&
      box.y + box.height > top &&
      id !== edge.from &&
      id !== edge.to,
  )
  if (near.length === 0) return false
  const drawn = segmentsOf(pointsOn(straight(outer(ends))[0]))
  return near.some(({ box }) => drawn.some(([from, to]) => meets(from, to, box, 1)))
}
