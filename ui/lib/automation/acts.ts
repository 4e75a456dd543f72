import { edgeId, mainPort, portOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Change } from '#schemas/automation/problem.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { withHeld, withoutMembers } from './part.ts'
import { freshId } from './rename.ts'
import { freePlace } from './room.ts'
import {
  boxesOf,
  endOf,
  freePorts,
  hasEntry,
  hull,
  insideOf,
  isNote,
  measures,
  overlap,
  placesOf,
  portsOf,
  sizeOf,
  snap,
  spotsOf,
  type Point,
} from './shape.ts'

/** What an act of a person comes to. Pure: the document is changed by its log alone. */
export type Act = {
  title: string
  changes: Change[]
  ids?: string[]
  /** What it adds stands as it was arranged elsewhere, where nothing is in its way. */
  arranged?: true
  /** Why it is not done, in a sentence; nothing changes then. */
  refused?: string
}

const nodeOf = (definition: Definition, id: string): Node | undefined => definition.nodes.find((node) => node.id === id)
const edgeTo = (from: string, port: string, to: string): Edge => (port === mainPort ? { from, to } : { from, port, to })

/** What a node of a kind is told before anybody has filled in its form: as little as gives it its ports. */
const beginnings: Record<string, Node['with']> = {
  decision: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'true' } }] },
  switch: { value: '', cases: [{ port: 'first', title: 'First', is: 'first' }] },
  parallel: {
    branches: [
      { port: 'a', title: 'A' },
      { port: 'b', title: 'B' },
    ],
    until: 'all',
  },
  loop: { over: 'items' },
  wait: { for: 'duration', duration: '1d' },
  note: { text: '' },
}

/** What `what` is called: a kind, or an action that does an operation (`action:mail.send`). */
const calledSo = (what: string): string => operationIn(what)?.title ?? kinds[what]?.title ?? what

const operationIn = (what: string): { id: string; title: string } | undefined => {
  const id = what.startsWith('action:') ? what.slice('action:'.length) : ''
  const title = operations[id]?.title
  return title === undefined ? undefined : { id, title }
}

/** A node of a kind, or an action that does an operation: `action:mail.send`. */
export const newNode = (definition: Definition, what: string, at: Point, within?: string): Node => {
  const operation = operationIn(what)
  const kind = operation === undefined ? what : 'action'
  const told = operation === undefined ? beginnings[kind] : { operation: operation.id }
  return {
    id: freshId(new Set(definition.nodes.map((node) => node.id)), calledSo(what)),
    kind,
    ...(operation === undefined ? {} : { title: operation.title }),
    ...(told === undefined ? {} : { with: structuredClone(told) }),
    ...(within === undefined ? {} : { within }),
    at: snap(at),
  }
}

/** Where nothing is covered: at `at` or as near to it as may be, no higher than `top`. */
function placed(definition: Definition, node: Node, at: Point, top = -Infinity): Node {
  const inside = leastIn(definition, node.within)
  const least = { ...inside, y: Math.max(top, inside.y) }
  return { ...node, at: freePlace(definition, snap(at), sizeOf(node), { within: node.within, least }) }
}

export function addNode(definition: Definition, what: string, at: Point, within?: string, top?: number): Act {
  const node = placed(definition, newNode(definition, what, at, within), at, top)
  return { title: `Add ${calledSo(what)}`, changes: [{ do: 'add_node', node }], ids: [node.id] }
}

const goesOn = (node: Node): boolean => hasEntry(node) && portsOf(node).some((port) => !port.body)

/** A way out of a node, where something is to follow. */
export type WayOut = { node: string; port: string }

/** Adds a node that follows a way out, its entry at `at` as seen from what it stands in, or near it and no higher than `top`. */
export function addAfter(definition: Definition, what: string, way: WayOut, at: Point, top?: number): Act {
  const from = nodeOf(definition, way.node)
  const body = from !== undefined && portsOf(from).some((one) => one.id === way.port && one.body)
  const corner = { x: at.x - sizeOf(newNode(definition, what, at)).width / 2, y: at.y }
  const act = addNode(definition, what, corner, body ? way.node : from?.within, top)
  const [made] = act.ids ?? []
  if (from === undefined || made === undefined || !hasEntry(newNode(definition, what, at))) return act
  return { ...act, changes: [...act.changes, { do: 'add_edge', edge: edgeTo(way.node, way.port, made) }] }
}

/** The start of a drawing that holds no step yet: what is added first comes behind it. */
export const onlyStart = ({ nodes }: Definition): string | undefined =>
  nodes.every(({ kind }) => ['start', 'end', 'note'].includes(kind))
    ? nodes.find(({ kind }) => kind === 'start')?.id
    : undefined

/** Adds a node behind another, at its first free way out, where there is room; without another, at `at`. */
export function addBehind(definition: Definition, what: string, behind: string | undefined, at: Point): Act {
  const from = behind === undefined ? undefined : nodeOf(definition, behind)
  if (from === undefined || isNote(from)) return addNode(definition, what, offLines(definition, what, at))
  const port = freePorts(definition, from)[0]
  const node = newNode(definition, what, at)
  const place = boxesOf(definition).get(from.id)
  // a note follows nothing, so it stands beside
  if (!hasEntry(node) && place !== undefined)
    return addNode(definition, what, { x: endOf(place, 'x') + measures.gap.x, y: place.y }, from.within)
  // where every way out is taken, what goes on comes between the node and what follows
  const taken = definition.edges.find((edge) => edge.from === from.id && portOf(edge) === portsOf(from)[0]?.id)
  if (port === undefined && taken !== undefined && goesOn(node)) return insertOn(definition, edgeId(taken), what)
  const box = boxesOf(definition).get(from.id) ?? { x: 0, y: 0, width: 0, height: 0 }
  const top = snap({ x: 0, y: box.y + box.height + measures.gap.y }).y
  const below = { x: box.x + box.width / 2, y: top }
  if (port === undefined)
    return addNode(definition, what, { ...below, x: below.x - sizeOf(node).width / 2 }, from.within, top)
  const way = { node: from.id, port: port.id }
  if (port.body !== true) return addAfter(definition, what, way, below, top)
  const under = spotsOf(from, box).find((spot) => spot.id === port.id)?.x ?? 0
  return addAfter(definition, what, way, { x: under, y: insideOf(from).y })
}

/** Beside the drawing where a node of a kind would lie on a connection, and look as if it were part of it. */
function offLines(definition: Definition, what: string, at: Point): Point {
  const places = placesOf(definition)
  const box = { ...at, ...sizeOf(newNode(definition, what, at)) }
  const crossed = definition.edges.some(({ from, to }) => {
    const [a, b] = [places.get(from), places.get(to)]
    if (a === undefined || b === undefined) return false
    const [down, up] = [a.x + a.width / 2, b.x + b.width / 2]
    const line = { x: Math.min(down, up), y: a.y + a.height, width: Math.abs(down - up), height: b.y - a.y - a.height }
    return overlap(box, { ...line, width: Math.max(line.width, 1) })
  })
  return crossed ? { x: Math.max(...[...places.values()].map((one) => endOf(one, 'x'))) + measures.gap.x, y: at.y } : at
}

/** Why an edge cannot be drawn so, in a sentence; null where it can. */
export function refusal(definition: Definition, from: string, port: string, to: string): string | null {
  const source = nodeOf(definition, from)
  const target = nodeOf(definition, to)
  if (source === undefined || target === undefined) return 'It leads nowhere.'
  if (!hasEntry(target)) return isNote(target) ? 'Notes take no part in runs.' : 'Nothing leads into the start.'
  const known = portsOf(source).find((one) => one.id === port)
  const error = port === 'error' || port.startsWith('error:')
  if (known === undefined && !error) return 'There is no such way out.'
  if (definition.edges.some((edge) => edgeId(edge) === edgeId(edgeTo(from, port, to))))
    return 'They are connected already.'
  if (known?.body === true && target.within !== from) return 'What it repeats has to stand inside of it.'
  if (known?.body !== true && target.within !== source.within)
    return 'A connection cannot cross the border of a loop or a parallel block.'
  if (from === to || reaches(definition, to, from)) return 'That would go in a circle; a loop repeats steps.'
  return null
}

const reaches = (definition: Definition, from: string, to: string): boolean => downstream(definition, from).has(to)

/** All that can be reached from a node, itself too. */
function downstream(definition: Definition, from: string): Set<string> {
  const next = Map.groupBy(definition.edges, (edge) => edge.from)
  const seen = new Set([from])
  for (const id of seen) for (const edge of next.get(id) ?? []) seen.add(edge.to)
  return seen
}

export const connect = (definition: Definition, from: string, port: string, to: string): Act => ({
  title: 'Connect',
  changes: refusal(definition, from, port, to) === null ? [{ do: 'add_edge', edge: edgeTo(from, port, to) }] : [],
})

/** Puts a node between the two ends of an edge; what follows makes room for it. */
export function insertOn(definition: Definition, id: string, what: string): Act {
  const edge = definition.edges.find((one) => edgeId(one) === id)
  const boxes = boxesOf(definition)
  const from = edge === undefined ? undefined : nodeOf(definition, edge.from)
  const to = edge === undefined ? undefined : nodeOf(definition, edge.to)
  const [a, b] = [boxes.get(from?.id ?? ''), boxes.get(to?.id ?? '')]
  if (edge === undefined || from === undefined || to === undefined || a === undefined || b === undefined)
    return { title: 'Insert', changes: [] }
  const made = newNode(definition, what, b, to.within)
  const body = to.within === from.id
  const least = body ? insideOf(from) : { x: -Infinity, y: a.y + a.height }
  const x = Math.max(least.x, b.x + (b.width - sizeOf(made).width) / 2)
  const behind = { x, y: Math.min(b.y, least.y + (body ? 0 : measures.gap.y)) }
  const node =
    b.y < least.y
      ? placed(definition, made, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
      : { ...made, at: { x: snap(behind).x, y: Math.floor(behind.y / measures.grid) * measures.grid } }
  const port = portsOf(node).find((one) => !one.body)
  const changes: Change[] = [
    { do: 'remove_edge', edge: id },
    { do: 'add_node', node },
    { do: 'add_edge', edge: edgeTo(edge.from, portOf(edge), node.id) },
    ...(port === undefined ? [] : [{ do: 'add_edge' as const, edge: edgeTo(node.id, port.id, edge.to) }]),
  ]
  return { title: `Insert ${calledSo(what)}`, changes, ids: [node.id] }
}

/** Takes nodes with all they hold, and edges away. What led through a node that has one way in and out is joined. */
export function remove(definition: Definition, ids: readonly string[]): Act {
  const edges = ids.filter((id) => definition.edges.some((edge) => edgeId(edge) === id))
  const nodes = withHeld(
    definition,
    ids.filter((id) => nodeOf(definition, id) !== undefined),
  )
  const changes: Change[] = edges.map((edge) => ({ do: 'remove_edge', edge }))
  if (nodes.size === 1)
    for (const id of nodes) {
      const into = definition.edges.filter((edge) => edge.to === id)
      const out = definition.edges.filter((edge) => edge.from === id)
      const [a, b] = [into[0], out[0]]
      if (into.length !== 1 || out.length !== 1 || a === undefined || b === undefined || portOf(b) !== mainPort)
        continue
      const joined = edgeTo(a.from, portOf(a), b.to)
      if (!definition.edges.some((edge) => edgeId(edge) === edgeId(joined)))
        changes.push({ do: 'add_edge', edge: joined })
    }
  for (const node of nodes) changes.push({ do: 'remove_node', node })
  changes.push(...withoutMembers(definition, nodes))
  const many = nodes.size + edges.length
  return {
    title: many === 1 ? (nodes.size === 1 ? 'Delete the step' : 'Delete the connection') : `Delete ${many} things`,
    changes,
  }
}

type Moved = { id: string; at: Point; within: string | undefined }

/** Puts nodes where they were dragged. What comes to stand in something else than before covers nothing there. */
export function move(definition: Definition, moves: readonly Moved[]): Act & { cut: number } {
  const moving = new Set(moves.map(({ id }) => id))
  const changes: Change[] = []
  const entered = entering(definition, moves)
  let cut = 0
  for (const { id, at, within } of moves) {
    const node = nodeOf(definition, id)
    if (node === undefined) continue
    const least = leastIn(definition, within)
    const by = within === node.within ? { x: 0, y: 0 } : entered
    const to = snap({ x: Math.max(at.x + by.x, least.x), y: Math.max(at.y + by.y, least.y) })
    if (to.x !== node.at?.x || to.y !== node.at.y) changes.push({ do: 'set', node: id, path: '/at', value: to })
    if (within === node.within) continue
    changes.push({ do: 'set', node: id, path: '/within', value: within })
    for (const edge of definition.edges) {
      const other = edge.from === id ? edge.to : edge.to === id ? edge.from : undefined
      if (other === undefined || moving.has(other)) continue
      changes.push({ do: 'remove_edge', edge: edgeId(edge) })
      cut += 1
    }
  }
  return { title: moves.length === 1 ? 'Move the step' : `Move ${moves.length} steps`, changes, cut }
}

/** How far what comes to stand in something else has to go on from where it was let go, all of it together. */
function entering(definition: Definition, moves: readonly Moved[]): Point {
  const boxes = boxesOf(definition)
  const all = moves.flatMap(({ id, at, within }) => {
    const box = nodeOf(definition, id)?.within === within ? undefined : boxes.get(id)
    return box === undefined ? [] : [{ ...box, ...at, within }]
  })
  const [first] = all
  if (first === undefined) return { x: 0, y: 0 }
  const around = hull(all)
  const to = freePlace(definition, around, around, { within: first.within, least: leastIn(definition, first.within) })
  return { x: to.x - around.x, y: to.y - around.y }
}

/** Where what a container holds begins at the earliest; anywhere on the canvas itself. */
function leastIn(definition: Definition, within: string | undefined): Point {
  const container = within === undefined ? undefined : nodeOf(definition, within)
  return container === undefined ? { x: -Infinity, y: -Infinity } : insideOf(container)
}

export const setField = (node: string | null, path: string, value: unknown, title = 'Edit'): Act => ({
  title,
  changes: [{ do: 'set', node, path, value }],
})
