import { mainPort, portOf, type Definition, type Node } from '#schemas/automation/definition.ts'
import type { Port } from '#schemas/automation/kind.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'

/** What stands on the canvas and how large it is, in pixels at zoom 1. Sizes are fixed, so nothing has to be measured. */
export const measures = {
  width: 232,
  head: 52,
  /** The row of names below a node with several ways out, and the least width of a name. */
  row: 24,
  name: 84,
  box: { head: 44, side: 24, top: 48, bottom: 32, width: 280, height: 140 },
  note: { width: 220, height: 120 },
  /** What an edge is taken hold of by; edges end at its outer side. */
  handle: 10,
  /** The canvas snaps to this. */
  grid: 8,
  gap: { x: 40, y: 48 },
} as const

export type Point = { x: number; y: number }
export type Size = { width: number; height: number }
export type Box = Point & Size
export type Axis = 'x' | 'y'

/** The nearest place on the grid. */
export const snap = ({ x, y }: Point): Point => ({
  x: Math.round(x / measures.grid) * measures.grid,
  y: Math.round(y / measures.grid) * measures.grid,
})

/** The side of a box that lies along an axis. */
export const sizeOn = { x: 'width', y: 'height' } as const
export const endOf = (box: Box, axis: Axis): number => box[axis] + box[sizeOn[axis]]
export const overlapOn = (a: Box, b: Box, axis: Axis): boolean => a[axis] < endOf(b, axis) && b[axis] < endOf(a, axis)
export const overlap = (a: Box, b: Box): boolean => overlapOn(a, b, 'x') && overlapOn(a, b, 'y')

/** The box around boxes. */
export const hull = (boxes: readonly Box[]): Box => {
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))]
  const [right, bottom] = [
    Math.max(...boxes.map((box) => endOf(box, 'x'))),
    Math.max(...boxes.map((box) => endOf(box, 'y'))),
  ]
  return { x, y, width: right - x, height: bottom - y }
}

/** A port with the place of its handle, from the top left of its node. */
export type Spot = Port & Point & { side: 'below' | 'inside' | 'beside' }

export const isContainer = (node: Node): boolean => kinds[node.kind]?.ports(node).some((port) => port.body) ?? false
export const isNote = (node: Node): boolean => node.kind === 'note'
/** Whether an edge may lead to it. */
export const hasEntry = (node: Node): boolean => node.kind !== 'start' && node.kind !== 'note'

/** The ways out of a node without those for errors. */
export const portsOf = (node: Node): readonly Port[] =>
  kinds[node.kind]?.ports(node) ?? [{ id: mainPort, title: 'Then' }]

const errorPorts = (node: Node): Port[] =>
  (node.errors ?? []).map((code) => ({ id: `error:${code}`, title: code.replaceAll('_', ' '), tone: 'bad' as const }))

/** The ways out at the bottom of a node, from left to right. */
const outsOf = (node: Node): readonly Port[] => [...portsOf(node).filter((port) => !port.body), ...errorPorts(node)]
const bodiesOf = (node: Node): readonly Port[] => portsOf(node).filter((port) => port.body)

const sizeOfPlain = (node: Node): Size => {
  const outs = outsOf(node).length
  return {
    width: Math.max(measures.width, outs * measures.name),
    height: measures.head + (outs > 1 ? measures.row : 0),
  }
}

const sizeOfNote = (node: Node): Size => {
  const { width, height } = node.with ?? {}
  return {
    width: typeof width === 'number' ? width : measures.note.width,
    height: typeof height === 'number' ? height : measures.note.height,
  }
}

/** Where what a container holds begins, from its own top left. */
export const insideOf = (_container: Node): Point => ({
  x: measures.box.side,
  y: measures.box.head + measures.box.top,
})

/** How large a node is that holds nothing yet. */
export const sizeOf = (node: Node): Size =>
  isNote(node) ? sizeOfNote(node) : isContainer(node) ? sizeOfContainer(node, []) : sizeOfPlain(node)

const sizeOfContainer = (node: Node, held: readonly Box[]): Size => {
  const { box, width, gap, row } = measures
  const branches = bodiesOf(node).length
  const bottom = box.bottom + (outsOf(node).length > 1 ? row : 0)
  return {
    width: Math.max(
      box.width,
      box.side * 2 + branches * (width + gap.x) - gap.x,
      ...held.map((one) => one.x + one.width + box.side),
    ),
    height: Math.max(box.height, ...held.map((one) => one.y + one.height + bottom)),
  }
}

const boxesKnown = new WeakMap<Definition, ReadonlyMap<string, Box>>()

/** Every node's box, from the top left of what it stands in. */
export function boxesOf(definition: Definition): ReadonlyMap<string, Box> {
  const boxes = boxesKnown.get(definition) ?? measured(definition)
  boxesKnown.set(definition, boxes)
  return boxes
}

function measured(definition: Definition): Map<string, Box> {
  const boxes = new Map<string, Box>()
  const within = Map.groupBy(definition.nodes, (node) => node.within)
  const measure = (node: Node, above: ReadonlySet<string>): Box => {
    const known = boxes.get(node.id)
    if (known !== undefined) return known
    const at = node.at ?? { x: 0, y: 0 }
    const inner = new Set([...above, node.id])
    const held = (within.get(node.id) ?? []).filter((one) => !inner.has(one.id)).map((one) => measure(one, inner))
    const size = isContainer(node) ? sizeOfContainer(node, held) : sizeOf(node)
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
export function spotsOf(node: Node, size: Size): Spot[] {
  const { head, box, width, gap } = measures
  const outs = outsOf(node)
  const below = outs.map((one, at) => ({
    ...one,
    side: 'below' as const,
    x: ((at + 0.5) * size.width) / outs.length,
    y: size.height,
  }))
  const inside = bodiesOf(node).map((one, at) => ({
    ...one,
    side: 'inside' as const,
    x: box.side + at * (width + gap.x) + width / 2,
    y: box.head + 16,
  }))
  const beside = kinds[node.kind]?.fails
    ? [{ id: 'error', title: 'On error', tone: 'bad' as const, side: 'beside' as const, x: size.width, y: head / 2 }]
    : []
  return [...below, ...inside, ...beside]
}

/** What a way out of a node is called. */
export const wayOut = (node: Node, port: string): string =>
  spotsOf(node, sizeOf(node)).find((spot) => spot.id === port)?.title ??
  (port === mainPort ? 'Then' : port.replace(/^error:/, '').replaceAll('_', ' '))

/** Where edges enter a node. */
export const entryOf = (size: { width: number }): Point => ({ x: size.width / 2, y: 0 })

/** The ports of a node that no edge leaves by yet, in order. */
export const freePorts = (definition: Definition, node: Node): Port[] => {
  const taken = new Set(definition.edges.filter((edge) => edge.from === node.id).map(portOf))
  return portsOf(node).filter((port) => !taken.has(port.id))
}
