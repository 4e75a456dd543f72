import { mainPort, portOf, type Definition, type Node } from '#schemas/automation/definition.ts'
import type { Port } from '#schemas/automation/kind.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'

/** What stands on the canvas and how large it is, in pixels at zoom 1. Sizes are fixed, so nothing has to be measured. */
export const measures = {
  width: 224,
  head: 52,
  port: 24,
  /** Below the ports. */
  foot: 8,
  box: { head: 44, left: 40, label: 96, top: 24, right: 32, bottom: 24, width: 320, height: 136 },
  note: { width: 220, height: 120 },
  /** The canvas snaps to this. */
  grid: 8,
  gap: { x: 64, y: 32 },
} as const

export type Point = { x: number; y: number }
export type Box = Point & { width: number; height: number }
/** A port with the place of its handle, from the top left of its node. */
export type Spot = Port & Point & { side: 'right' | 'inside' | 'bottom' }

export const isContainer = (node: Node): boolean => kinds[node.kind]?.ports(node).some((port) => port.body) ?? false
export const isNote = (node: Node): boolean => node.kind === 'note'
/** Whether an edge may lead to it. */
export const hasEntry = (node: Node): boolean => node.kind !== 'start' && node.kind !== 'note'

/** The ways out of a node without those for errors. */
export const portsOf = (node: Node): readonly Port[] =>
  kinds[node.kind]?.ports(node) ?? [{ id: mainPort, title: 'Then' }]

const errorPorts = (node: Node): Port[] =>
  (node.errors ?? []).map((code) => ({ id: `error:${code}`, title: code.replaceAll('_', ' '), tone: 'bad' as const }))

const rowsOf = (node: Node): readonly Port[] => {
  const ports = [...portsOf(node).filter((port) => !port.body), ...errorPorts(node)]
  return isContainer(node) || ports.length > 1 ? ports : []
}

const sizeOfPlain = (node: Node): { width: number; height: number } => {
  const rows = rowsOf(node).length
  return {
    width: measures.width,
    height: measures.head + (rows === 0 ? 0 : rows * measures.port + measures.foot),
  }
}

const sizeOfNote = (node: Node): { width: number; height: number } => {
  const { width, height } = node.with ?? {}
  return {
    width: typeof width === 'number' ? width : measures.note.width,
    height: typeof height === 'number' ? height : measures.note.height,
  }
}

/** Where what a container holds begins, from its own top left. */
export const insideOf = (container: Node): Point => {
  const labelled = portsOf(container).filter((port) => port.body).length > 1
  return { x: measures.box.left + (labelled ? measures.box.label : 24), y: measures.box.head + measures.box.top }
}

const sizeOfContainer = (node: Node, held: readonly Box[]): { width: number; height: number } => {
  const { box, port } = measures
  const branches = portsOf(node).filter((one) => one.body).length
  const outside = rowsOf(node).length
  return {
    width: Math.max(box.width, ...held.map((one) => one.x + one.width + box.right)),
    height: Math.max(
      box.height,
      box.head + box.top + branches * (port + 8) + box.bottom,
      box.head + outside * port + box.bottom,
      ...held.map((one) => one.y + one.height + box.bottom),
    ),
  }
}

/** Every node's box, from the top left of what it stands in. */
export function boxesOf(definition: Definition): Map<string, Box> {
  const boxes = new Map<string, Box>()
  const within = Map.groupBy(definition.nodes, (node) => node.within)
  const measure = (node: Node, above: ReadonlySet<string>): Box => {
    const known = boxes.get(node.id)
    if (known !== undefined) return known
    const at = node.at ?? { x: 0, y: 0 }
    const inner = new Set([...above, node.id])
    const held = (within.get(node.id) ?? []).filter((one) => !inner.has(one.id)).map((one) => measure(one, inner))
    const size = isNote(node) ? sizeOfNote(node) : isContainer(node) ? sizeOfContainer(node, held) : sizeOfPlain(node)
    const box = { ...at, ...size }
    boxes.set(node.id, box)
    return box
  }
  for (const node of definition.nodes) measure(node, new Set())
  return boxes
}

/** The same from the top left of the canvas. */
export function placesOf(definition: Definition, boxes = boxesOf(definition)): Map<string, Box> {
  const nodes = new Map(definition.nodes.map((node) => [node.id, node]))
  const places = new Map<string, Box>()
  const place = (id: string, depth: number): Box => {
    const known = places.get(id)
    if (known !== undefined) return known
    const box = boxes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 }
    const within = nodes.get(id)?.within
    const base = within === undefined || !nodes.has(within) || depth > 100 ? { x: 0, y: 0 } : place(within, depth + 1)
    const absolute = { ...box, x: box.x + base.x, y: box.y + base.y }
    places.set(id, absolute)
    return absolute
  }
  for (const { id } of definition.nodes) place(id, 0)
  return places
}

/** Where each way out of a node leaves it. */
export function spotsOf(node: Node, size: { width: number; height: number }): Spot[] {
  const { head, port, box } = measures
  const rows = rowsOf(node)
  const top = isContainer(node) ? box.head : head
  const ordinary = portsOf(node).filter((one) => !one.body)
  const right = (rows.length === 0 ? ordinary : rows).map((one, row) => ({
    ...one,
    side: 'right' as const,
    x: size.width,
    y:
      rows.length === 0
        ? head / 2
        : isContainer(node) && rows.length === 1
          ? box.head / 2
          : top + row * port + port / 2,
  }))
  const inside = portsOf(node)
    .filter((one) => one.body)
    .map((one, row, all) => ({
      ...one,
      side: 'inside' as const,
      x: all.length > 1 ? box.label + 8 : 16,
      y: box.head + box.top + row * (port + 8) + head / 2,
    }))
  const bottom = kinds[node.kind]?.fails
    ? [
        {
          id: 'error',
          title: 'On error',
          tone: 'bad' as const,
          side: 'bottom' as const,
          x: size.width / 2,
          y: size.height,
        },
      ]
    : []
  return [...right, ...inside, ...bottom]
}

/** Where edges enter a node. */
export const entryOf = (node: Node): Point => ({ x: 0, y: (isContainer(node) ? measures.box.head : measures.head) / 2 })

/** The ports of a node that no edge leaves by yet, in order. */
export const freePorts = (definition: Definition, node: Node): Port[] => {
  const taken = new Set(definition.edges.filter((edge) => edge.from === node.id).map(portOf))
  return portsOf(node).filter((port) => !taken.has(port.id))
}
