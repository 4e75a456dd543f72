import { edgeId, portOf, type Definition, type Edge, type Node } from '../definition.ts'
import { Failure } from '../failure.ts'

/** A part of the graph that runs by itself: the root, a branch of a parallel block, one turn of a loop. */
export type RegionPlan = {
  /** In the order in which they are looked at: the document's. */
  nodes: readonly Node[]
  byId: ReadonlyMap<string, Node>
  entries: ReadonlySet<string>
  /** Edges into a node from within the region. */
  into: ReadonlyMap<string, readonly Edge[]>
  from: ReadonlyMap<string, readonly Edge[]>
}

const drawnOnly = new Set(['note'])
export const isDrawnOnly = (node: Node): boolean => drawnOnly.has(node.kind)

/** The region that begins at `start` nodes, or at the body port of a container: all that can be reached from there. */
export function planRegion(definition: Definition, of: { container: string; port: string } | null): RegionPlan {
  const within = of?.container
  const inside = definition.nodes.filter((node) => node.within === within && !isDrawnOnly(node))
  const known = new Map(inside.map((node) => [node.id, node]))
  const edges = definition.edges.filter((edge) => known.has(edge.from) && known.has(edge.to))
  const from = Map.groupBy(edges, (edge) => edge.from)
  const entries = new Set(
    of === null
      ? inside.filter((node) => node.kind === 'start').map((node) => node.id)
      : definition.edges
          .filter((edge) => edge.from === of.container && portOf(edge) === of.port && known.has(edge.to))
          .map((edge) => edge.to),
  )
  const reached = new Set<string>()
  const waiting = [...entries]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    for (const edge of from.get(id) ?? []) waiting.push(edge.to)
  }
  const live = unique(edges.filter((edge) => reached.has(edge.from)))
  const nodes = inside.filter((node) => reached.has(node.id))
  return {
    nodes,
    byId: new Map(nodes.map((node) => [node.id, node])),
    entries,
    into: Map.groupBy(live, (edge) => edge.to),
    from: Map.groupBy(live, (edge) => edge.from),
  }
}

/** The regions inside of the loops and blocks of a definition, each worked out once. */
export class Plans {
  readonly #definition: Definition
  readonly #known = new Map<string, RegionPlan>()

  constructor(definition: Definition) {
    this.#definition = definition
  }

  of(container: string, port: string): RegionPlan {
    const key = `${container}:${port}`
    const plan = this.#known.get(key) ?? planRegion(this.#definition, { container, port })
    this.#known.set(key, plan)
    return plan
  }
}

/** The region of one node by itself. */
export function planOnly(definition: Definition, id: string): RegionPlan {
  const node = definition.nodes.find((one) => one.id === id)
  if (node === undefined) throw new Failure('internal', `There is no node “${id}” in this version.`)
  const none = new Map<string, never[]>()
  return { nodes: [node], byId: new Map([[id, node]]), entries: new Set([id]), into: none, from: none }
}

const unique = (edges: Edge[]): Edge[] => [...new Map(edges.map((edge) => [edgeId(edge), edge])).values()]
