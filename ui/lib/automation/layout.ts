import { graphlib, layout as dagre } from '@dagrejs/dagre'
import { portOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { tangles } from './canvas/tangles.ts'
import { freePlace } from './room.ts'
import { boxesOf, insideOf, isContainer, isNote, measures, sizeOf, spotsOf, type Box, type Point } from './shape.ts'

/**
 * Places every node from top to bottom, what stands in a loop or parallel block within it. A note stays where it is unless a
 * step would be drawn over it. Pure and slow (a second for five hundred nodes): it is run in a worker.
 */
export function layout(definition: Definition): Record<string, Point> {
  const within = Map.groupBy(definition.nodes, (node) => node.within)
  const known = new Set(definition.nodes.map((node) => node.id))
  const places: Record<string, Point> = {}
  let laid = definition
  const put = (set: ReadonlyMap<string, Point>): void => {
    laid = { ...laid, nodes: laid.nodes.map((node) => moved(node, set)) }
    for (const [id, at] of set) places[id] = at
  }

  const place = (space: string | undefined): void => {
    const [notes = [], nodes = []] = [true, false].map((is) => within.get(space)?.filter((one) => isNote(one) === is))
    for (const node of nodes) if (isContainer(node)) place(node.id)
    const container = space === undefined ? undefined : definition.nodes.find((node) => node.id === space)
    const edges = definition.edges.filter(({ to }) => nodes.some(({ id }) => id === to))
    put(untangled({ nodes, edges, boxes: boxesOf(laid), container }))
    for (const note of notes) put(asideOf(note, laid))
  }

  place(undefined)
  // What says it stands in something that is not there stands nowhere; it is put below the rest.
  for (const node of definition.nodes)
    if (node.within !== undefined && !known.has(node.within)) places[node.id] ??= node.at ?? { x: 0, y: 0 }
  return places
}

/** In larger parts than this, of so many steps, one drawing has to do. */
const most = 60

/** The best of the ways to draw a part: the first whose connections are not drawn across each other, if there is one. */
function untangled(part: Part): Map<string, Point> {
  const { nodes, edges, container } = part
  let [best, least] = [new Map<string, Point>(), Infinity]
  for (const way of nodes.length > most ? ways.slice(0, 1) : ways) {
    const places = drawn(part, way)
    const alone = [...(container === undefined ? [] : [container]), ...nodes.map((node) => moved(node, places))]
    const crossed = nodes.length > most ? 0 : tangles({ format: 1, name: '', nodes: alone, edges: [...edges] }).length
    if (crossed < least) [best, least] = [places, crossed]
    if (least === 0) break
  }
  return best
}

/** Where a note stands beside what would cover it. */
function asideOf(note: Node, laid: Definition): Map<string, Point> {
  const at = note.at ?? { x: 0, y: 0 }
  const others = { ...laid, nodes: laid.nodes.filter(({ id }) => id !== note.id) }
  const container = laid.nodes.find(({ id }) => id === note.within)
  const least = container === undefined ? undefined : { least: insideOf(container) }
  const free = freePlace(others, at, sizeOf(note), { within: note.within, ...least })
  return new Map(free.x === at.x && free.y === at.y ? [] : [[note.id, free]])
}

/** What is drawn together: the steps that stand in one thing, and what leads to them. */
type Part = {
  nodes: readonly Node[]
  edges: readonly Edge[]
  boxes: ReadonlyMap<string, Box>
  container: Node | undefined
}

/**
 * The order of the document keeps branches side by side, the other untangles what joins. What joins is lowered below what
 * came to an end beside it, which few drawings can do without.
 */
const ways = [
  { untangles: false, lowers: true },
  { untangles: true, lowers: true },
  { untangles: false, lowers: false },
  { untangles: true, lowers: false },
]

/** The top left corner of each step on the grid, in what it stands in. */
function drawn(
  { nodes, edges, boxes, container }: Part,
  { untangles, lowers }: (typeof ways)[number],
): Map<string, Point> {
  const graph = new graphlib.Graph().setDefaultEdgeLabel(() => ({}))
  // each way out has half a row of its own, where it stands in its place beside the others
  graph.setGraph({
    rankdir: 'TB',
    nodesep: measures.gap.x,
    ranksep: measures.gap.y / 2,
    ranker: nodes.length > most ? 'tight-tree' : 'network-simplex',
  })
  // where a block begins, what its ways in lead to stands from left to right, however far down
  if (container !== undefined) graph.setNode(container.id, { width: 1, height: 1 })
  for (const { id } of nodes) graph.setNode(id, { width: boxes.get(id)?.width, height: boxes.get(id)?.height })
  const leads = Map.groupBy(edges, (edge) => edge.from)
  const constraints = [...(container === undefined ? [] : [container]), ...nodes].flatMap((node) =>
    setWaysOut(graph, node, leads.get(node.id) ?? []),
  )
  if (lowers) for (const [from, to] of belowEnds(nodes, edges)) graph.setEdge(from, to, { minlen: 1, weight: 0 })
  dagre(graph, { constraints, disableOptimalOrderHeuristic: !untangles })
  const places = nodes.map(({ id }) => {
    const { x, y, width, height } = graph.node(id) as Box
    return { id, x: x - width / 2, y: y - height / 2 }
  })
  const top = Math.min(...places.map(({ y }) => y))
  const corner = container === undefined ? { x: 0, y: 0 } : insideOf(container)
  return new Map(places.map(({ id, x, y }) => [id, { x: grid(x) + corner.x, y: grid(y - top) + corner.y }]))
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
    for (const { to } of out) graph.setEdge(node.id, to, { minlen: 2 })
    return []
  }
  const ways = ports.map(({ id }) => {
    const way = `${node.id}:${id}`
    graph.setNode(way, { width: 1, height: 1 })
    graph.setEdge(node.id, way, { minlen: 1, weight: 4 })
    for (const edge of out) if (portOf(edge) === id) graph.setEdge(way, edge.to, { minlen: 1 })
    return way
  })
  return ways.slice(1).map((right, at) => ({ left: ways[at] ?? right, right }))
}

/**
 * What joins stands below what came to an end beside it: on one row a connection to the one would be drawn across one to
 * the other.
 */
function belowEnds(nodes: readonly Node[], edges: readonly Edge[]): [string, string][] {
  const [into, out] = [Map.groupBy(edges, ({ to }) => to), Map.groupBy(edges, ({ from }) => from)]
  const joinBelow = (fork: string): string | undefined => {
    const seen = new Set([fork])
    for (const id of seen) {
      if (id !== fork && (into.get(id)?.length ?? 0) > 1) return id
      for (const { to } of out.get(id) ?? []) seen.add(to)
    }
    return undefined
  }
  return nodes.flatMap(({ id }): [string, string][] => {
    if (out.has(id)) return []
    for (let [at, up] = [id, into.get(id)]; up?.length === 1; up = into.get(at)) {
      at = up[0]?.from ?? at
      const join = joinBelow(at)
      if (join !== undefined && join !== id) return [[id, join]]
    }
    return []
  })
}

const grid = (value: number): number => Math.round(value / measures.grid) * measures.grid
const moved = (node: Node, places: ReadonlyMap<string, Point>): Node => {
  const at = places.get(node.id)
  return at === undefined ? node : { ...node, at }
}
