import { graphlib, layout as dagre } from '@dagrejs/dagre'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { boxesOf, insideOf, isContainer, isNote, measures, type Point } from './shape.ts'

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
    const graph = new graphlib.Graph().setDefaultEdgeLabel(() => ({}))
    graph.setGraph({ rankdir: 'TB', nodesep: measures.gap.x, ranksep: measures.gap.y, ranker: 'network-simplex' })
    for (const node of nodes)
      graph.setNode(node.id, { width: boxes.get(node.id)?.width, height: boxes.get(node.id)?.height })
    for (const edge of definition.edges)
      if (graph.hasNode(edge.from) && graph.hasNode(edge.to)) graph.setEdge(edge.from, edge.to)
    dagre(graph)
    const container = space === undefined ? undefined : definition.nodes.find((node) => node.id === space)
    const corner = container === undefined ? { x: 0, y: 0 } : insideOf(container)
    const set = new Map<string, Point>()
    for (const node of nodes) {
      const { x, y, width, height } = graph.node(node.id) as { x: number; y: number; width: number; height: number }
      set.set(node.id, { x: grid(x - width / 2) + corner.x, y: grid(y - height / 2) + corner.y })
    }
    laid = { ...laid, nodes: laid.nodes.map((node) => moved(node, set)) }
    for (const [id, at] of set) places[id] = at
  }

  place(undefined)
  // What says it stands in something that is not there stands nowhere; it is put below the rest.
  for (const node of definition.nodes)
    if (node.within !== undefined && !known.has(node.within)) places[node.id] ??= node.at ?? { x: 0, y: 0 }
  return places
}

const grid = (value: number): number => Math.round(value / measures.grid) * measures.grid
const moved = (node: Node, places: ReadonlyMap<string, Point>): Node => {
  const at = places.get(node.id)
  return at === undefined ? node : { ...node, at }
}
