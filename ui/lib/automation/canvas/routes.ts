import { edgeId, portOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { same } from '#schemas/automation/json.ts'
import { boxesOf, entryOf, spotsOf, type Box, type Point } from '../shape.ts'
import { detour, meets } from './detour.ts'
import { cross, segmentsOf, strokeOf, type Stroke } from './stroke.ts'
import { outer, straight, type Ends, type Route } from './wires.ts'
import { pointsOn, roundedPath } from './wire-path.ts'

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

/** How many crossings are looked at for a drawing, so that it opens at once, also a huge one: what is left then goes straight. */
const mostLooked = { small: 400_000, huge: 50_000 }

/** @param hidden nodes that are folded away: nothing has to go around them */
function routesOf(definition: Definition, hidden: ReadonlySet<string>): Map<string, Route> {
  const nodes = new Map(definition.nodes.map((node) => [node.id, node]))
  const boxes = boxesOf(definition)
  const spaces = new Map<string | undefined, Space>()
  for (const { id, kind, within } of definition.nodes) {
    const space = spaces.get(within) ?? { stand: [], lines: [] }
    spaces.set(within, space)
    const box = boxes.get(id)
    if (box !== undefined && kind !== 'note' && !hidden.has(id)) space.stand.push({ id, box })
  }
  for (const edge of definition.edges) {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)]
    if (from === undefined || to === undefined || hidden.has(from.id) || hidden.has(to.id)) continue
    const ends = endsOf(edge, from, to, boxes)
    if (ends === undefined) continue
    const own = [from, to].filter(({ within }) => within === to.within).flatMap(({ id }) => boxes.get(id) ?? [])
    const stroke = strokeOf(pointsOn(straight(outer(ends))[0]))
    spaces.get(to.within)?.lines.push({ edge, ends, own, stroke, turns: [] })
  }
  const budget = { left: definition.edges.length > mostLines ? mostLooked.huge : mostLooked.small }
  const routes = new Map<string, Route>()
  for (const space of spaces.values())
    for (const { edge, ends, turns } of untangled(space, budget)) {
      const { from, to } = ends
      const points = turns.map(({ x, y }) => ({ x: x - from.x, y: y - from.y }))
      if (turns.length > 0) routes.set(edgeId(edge), { points, by: { x: to.x - from.x, y: to.y - from.y } })
    }
  return routes
}

/** A line as it is drawn, the steps that it leads from and to, and where it turns on its way around others. */
type Drawn = { edge: Edge; ends: Ends; own: Box[]; stroke: Stroke; turns: Point[] }
/** What stands in the same thing, and the lines there. */
type Space = { stand: { id: string; box: Box }[]; lines: Drawn[] }

/** In spaces of so many lines they keep out of each other's way; in larger ones only out of that of steps. */
const mostLines = 200
/** How often all of them are looked at once more, as each that goes another way may free others. */
const mostRounds = 4

/** The lines of a space: those go around that would be drawn across a step, or across more lines than another way. */
function untangled(space: Space, budget: { left: number }): readonly Drawn[] {
  const { lines } = space
  const boxes = space.stand.map(({ box }) => box)
  const isSmall = lines.length <= mostLines
  const elsewhere = (one: Drawn, others: readonly Drawn[]) =>
    isSmall ? others.filter((other) => other !== one && other.edge.to !== one.edge.to) : []
  const wayAround = (one: Drawn, others: readonly Drawn[]): Pick<Drawn, 'stroke' | 'turns'> | undefined => {
    const taken = others.flatMap((other) => (other === one ? [] : segmentsOf(other.turns)))
    const around = elsewhere(one, others).map(({ stroke, own }) => ({ stroke, ends: own }))
    const turns = detour(one.ends, { boxes, taken, lines: around, budget })
    if (turns === undefined) return undefined
    const { from, to } = outer(one.ends)
    return { turns, stroke: strokeOf(pointsOn(roundedPath([from, ...turns, to])[0])) }
  }
  // the shorter goes around first, so that the longer goes around both
  const byLength = lines.toSorted((a, b) => far(a) - far(b))
  const blocked = new Set(byLength.filter((one) => crosses(one, space)))
  const set = lines.filter((one) => !blocked.has(one))
  for (const one of blocked) {
    Object.assign(one, wayAround(one, set))
    set.push(one)
  }
  const untangle = (one: Drawn): boolean => {
    const others = elsewhere(one, lines)
    const crossed = (stroke: Stroke) => others.filter((other) => cross(stroke, other.stroke)).length
    const now = crossed(one.stroke)
    const way = now === 0 ? undefined : wayAround(one, lines)
    if (way === undefined || crossed(way.stroke) >= now) return false
    Object.assign(one, way)
    return true
  }
  byLength.reverse()
  for (let rounds = isSmall ? mostRounds : 0; rounds > 0; rounds -= 1)
    if (byLength.filter((one) => untangle(one)).length === 0) break
  return lines
}

const far = ({ ends: { from, to } }: Drawn): number => Math.abs(from.x - to.x) + Math.abs(from.y - to.y)

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
function crosses({ ends, edge, stroke }: Drawn, { stand }: Space): boolean {
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
  return near.some(({ box }) => stroke.pieces.some(([from, to]) => meets(from, to, box, 1)))
}
