import { portOf, type Definition, type Edge, type Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import type { Kind, Port } from '../kind.ts'

/** A definition as the checks look at it: who stands where, what leads where, and what has been before. */
export type Drawing = {
  definition: Definition
  /** All but notes, in the order of the document. */
  nodes: readonly Node[]
  byId: ReadonlyMap<string, Node>
  ports(node: Node): readonly Port[]
  /** What stands directly in a container, or outside of all. */
  inside(container: string | undefined): readonly Node[]
  /** Edges that lead on within one region. */
  from(node: string): readonly Edge[]
  into(node: string): readonly Edge[]
  /** Edges from a body port of a container to what stands in it. */
  entries(container: string, port: string): readonly Edge[]
  /** The containers around a node, the innermost first. */
  around(node: Node): readonly Node[]
}

const containers = new Map<Kind, boolean>()

/** Whether nodes can stand in a node of this kind. */
export const isContainer = (kind: Kind | undefined): boolean => {
  if (kind === undefined) return false
  const known = containers.get(kind)
  if (known !== undefined) return known
  const made = kind.ports({ id: 'example', kind: kind.kind, ...kind.example }).some((port) => port.body === true)
  containers.set(kind, made)
  return made
}

export function drawingOf(definition: Definition): Drawing {
  const nodes = definition.nodes.filter((node) => node.kind !== 'note')
  const byId = new Map(nodes.toReversed().map((node) => [node.id, node]))
  const inside = Map.groupBy(nodes, (node) => node.within)
  const ports = new Map<Node, readonly Port[]>()
  const portsOf = (node: Node): readonly Port[] => {
    const made = ports.get(node) ?? kindOf(node.kind)?.ports(node) ?? []
    ports.set(node, made)
    return made
  }
  const isBody = (edge: Edge): boolean => {
    const node = byId.get(edge.from)
    return node !== undefined && portsOf(node).some((port) => port.id === portOf(edge) && port.body === true)
  }
  const sound = [...new Map(definition.edges.map((edge) => [`${edge.from} ${portOf(edge)} ${edge.to}`, edge])).values()]
  const level = sound.filter((edge) => {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)]
    return from !== undefined && to !== undefined && from.within === to.within && !isBody(edge)
  })
  const from = Map.groupBy(level, (edge) => edge.from)
  const into = Map.groupBy(level, (edge) => edge.to)
  const bodies = Map.groupBy(
    sound.filter((edge) => byId.get(edge.to)?.within === edge.from && isBody(edge)),
    (edge) => `${edge.from} ${portOf(edge)}`,
  )
  return {
    definition,
    nodes,
    byId,
    ports: portsOf,
    inside: (container) => inside.get(container) ?? [],
    from: (node) => from.get(node) ?? [],
    into: (node) => into.get(node) ?? [],
    entries: (container, port) => bodies.get(`${container} ${port}`) ?? [],
    around: (node) => around(byId, node),
  }
}

const around = (byId: ReadonlyMap<string, Node>, node: Node): Node[] => {
  const found: Node[] = []
  for (let id = node.within; id !== undefined;) {
    const container = byId.get(id)
    if (container === undefined || found.includes(container)) break
    found.push(container)
    id = container.within
  }
  return found
}

/** All that can be reached from these nodes along the edges of their region, themselves included. */
export function reach(drawing: Drawing, from: Iterable<string>): Set<string> {
  const reached = new Set<string>()
  const waiting = [...from]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    for (const edge of drawing.from(id)) waiting.push(edge.to)
  }
  return reached
}
