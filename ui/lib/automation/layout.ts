import { graphlib, layout as dagre } from '@dagrejs/dagre'
import { portOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { boxesOf, insideOf, isContainer, isNote, measures, sizeOf, spotsOf, type Box, type Point } from './shape.ts'

/**
 * Places every node from top to bottom, what stands in a loop or parallel block within it. Notes stay where they are.
 * Pure and slow (hundreds of ms for a thousand nodes): it is run in a worker.
 */
export function layout(definition: Definition): Record<string, Point> {
  const within = Map.groupBy(definition.nodes, (node) => node.within)
  const known = new Set(definition.nodes.map((node) => node.id))
  const places: Record<string, Point> = {}
  let laid = definition

  const place = (space: string | undefined): void => {
    const nodes = (within.get(space) ?? []).filter((node) => !isNote(node))
    for (const node of nodes) if (isContainer(node)) place(node.id)
    const boxes = boxesOf(laid)
    const container = space === undefined ? undefined : definition.nodes.find((node) => node.id === space)
    const edges = definition.edges.filter(({ to }) => nodes.some(({ id }) => id === to))
    const part = { nodes, edges, boxes, container }
    // the order of the document keeps branches side by side, the other untangles what joins: one of them is the better
    const tries = nodes.length > most ? [true] : [true, false]
    const [best] = tries
      .map((untangles) => drawn(part, untangles))
      .map((places) => ({ places, crossed: crossings(part, places) }))
      .toSorted((one, two) => one.crossed - two.crossed)
    const corner = container === undefined ? { x: 0, y: 0 } : insideOf(container)
    const set = new Map(
      [...(best?.places ?? [])].map(([id, { x, y }]) => [id, { x: grid(x) + corner.x, y: grid(y) + corner.y }]),
    )
    laid = { ...laid, nodes: laid.nodes.map((node) => moved(node, set)) }
    for (const [id, at] of set) places[id] = at
  }

  place(undefined)
  // What says it stands in something that is not there stands nowhere; it is put below the rest.
  for (const node of definition.nodes)
    if (node.within !== undefined && !known.has(node.within)) places[node.id] ??= node.at ?? { x: 0, y: 0 }
  return places
}

/** In larger parts than this, of so many steps, one drawing has to do. */
const most = 150

/** What is drawn together: the steps that stand in one thing, and what leads to them. */
type Part = {
  nodes: readonly Node[]
  edges: readonly Edge[]
  boxes: ReadonlyMap<string, Box>
  container: Node | undefined
}

/** The top left corner of each step, from the top left of them all. */
function drawn({ nodes, edges, boxes, container }: Part, untangles: boolean): Map<string, Point> {
  const graph = new graphlib.Graph().setDefaultEdgeLabel(() => ({}))
  // each way out has half a row of its own, where it stands in its place beside the others
  graph.setGraph({ rankdir: 'TB', nodesep: measures.gap.x, ranksep: measures.gap.y / 2, ranker: 'network-simplex' })
  for (const { id } of nodes) graph.setNode(id, { width: boxes.get(id)?.width, height: boxes.get(id)?.height })
  const leads = Map.groupBy(edges, (edge) => edge.from)
  const constraints = [...(container === undefined ? [] : [container]), ...nodes].flatMap((node) =>
    setWaysOut(graph, node, leads.get(node.id) ?? []),
  )
  dagre(graph, { constraints, disableOptimalOrderHeuristic: !untangles })
  const places = nodes.map(({ id }) => {
    const { x, y, width, height } = graph.node(id) as Box
    return { id, x: x - width / 2, y: y - height / 2 }
  })
  const top = Math.min(...places.map(({ y }) => y))
  return new Map(places.map(({ id, x, y }) => [id, { x, y: y - top }]))
}

/**
 * Draws what leaves a node, or what enters the block that it is, by its ways out: they stand from left to right as at the
 * node, so that what they lead to does too. Gives that order.
 */
function setWaysOut(
  graph: InstanceType<typeof graphlib.Graph>,
  node: Node,
  out: readonly Edge[],
): { left: string; right: string }[] {
  const ports = spotsOf(node, sizeOf(node)).filter(({ id }) => out.some((edge) => portOf(edge) === id))
  if (ports.length < 2) {
    if (graph.hasNode(node.id)) for (const { to } of out) graph.setEdge(node.id, to, { minlen: 2 })
    return []
  }
  const ways = ports.map(({ id }) => {
    const way = `${node.id}:${id}`
    graph.setNode(way, { width: 1, height: 1 })
    if (graph.hasNode(node.id)) graph.setEdge(node.id, way, { minlen: 1, weight: 4 })
    for (const edge of out) if (portOf(edge) === id) graph.setEdge(way, edge.to, { minlen: 1 })
    return way
  })
  return ways.slice(1).map((right, at) => ({ left: ways[at] ?? right, right }))
}

/** How many pairs of connections cross, drawn straight from where they leave one step to where they enter another. */
function crossings({ nodes, edges, boxes }: Part, places: ReadonlyMap<string, Point>): number {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const lines = edges.flatMap((edge) => {
    const node = byId.get(edge.from)
    const [from, to] = [places.get(edge.from), places.get(edge.to)]
    const [size, other] = [boxes.get(edge.from), boxes.get(edge.to)]
    if (node === undefined || !from || !to || size === undefined || other === undefined) return []
    const spot = spotsOf(node, size).find(({ id }) => id === portOf(edge))
    if (spot === undefined) return []
    return [{ a: { x: from.x + spot.x, y: from.y + spot.y }, b: { x: to.x + other.width / 2, y: to.y }, edge }]
  })
  let found = 0
  for (const [at, one] of lines.entries())
    for (const other of lines.slice(at + 1)) if (one.edge.to !== other.edge.to && meet(one, other)) found += 1
  return found
}

type Line = { a: Point; b: Point }
const side = ({ a, b }: Line, { x, y }: Point): number => Math.sign((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x))
const meet = (one: Line, two: Line): boolean =>
  side(one, two.a) * side(one, two.b) < 0 && side(two, one.a) * side(two, one.b) < 0

const grid = (value: number): number => Math.round(value / measures.grid) * measures.grid
const moved = (node: Node, places: ReadonlyMap<string, Point>): Node => {
  const at = places.get(node.id)
  return at === undefined ? node : { ...node, at }
}
