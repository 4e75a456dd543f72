import { applyAll } from '#schemas/automation/change.ts'
import type { Definition, Edge, Node } from '#schemas/automation/definition.ts'
import type { Change } from '#schemas/automation/problem.ts'
import {
  boxesOf,
  endOf,
  measures,
  overlap,
  overlapOn,
  sizeOn,
  type Axis,
  type Box,
  type Point,
  type Size,
} from './shape.ts'

/** `second` stands right of `first` or below it, at least so far away. */
type Order = { axis: Axis; first: string; second: string; least: number }

/** An act with the room that it needs, as one step: whatever a hand puts somewhere is where the hand put it. */
export function withRoom<T extends { changes: Change[]; arranged?: true }>(definition: Definition, act: T): T {
  const placed = act.changes.flatMap((one) => {
    if (one.do === 'add_node') return act.arranged === true ? one.node.id : []
    return one.do === 'set' && one.path === '/at' ? (one.node ?? []) : []
  })
  const moves = roomFor(definition, applyAll(definition, act.changes), new Set(placed))
  return moves.length === 0 ? act : { ...act, changes: [...act.changes, ...moves] }
}

/**
 * Makes room for what an act put between or made larger: what it would cover is pushed to the right or down, as far as it
 * has to be, and pushes on what it comes to. What stood right of another or below it still does in one of the two ways,
 * what followed below follows below; nothing moves to the left or up, and what covered another before the act still may.
 *
 * @param placed these stand where a hand put them, over others or not
 */
function roomFor(before: Definition, after: Definition, placed: ReadonlySet<string>): Change[] {
  const whereWas = new Map(before.nodes.map((node) => [node.id, node.within]))
  const boxesBefore = boxesOf(before)
  const was = (node: Node): Box | undefined =>
    whereWas.get(node.id) === node.within ? boxesBefore.get(node.id) : undefined
  const spaces = Map.groupBy(after.nodes, (node) => node.within)
  const changes: Change[] = []
  let now = after
  // the innermost first: what has to move in a loop makes it larger
  const settle = (space: string | undefined, above: ReadonlySet<string>): void => {
    const nodes = spaces.get(space) ?? []
    for (const { id } of nodes) if (spaces.has(id) && !above.has(id)) settle(id, new Set([...above, id]))
    const moves = new Pushing(nodes, after.edges, was, boxesOf(now), placed).moves()
    changes.push(...moves)
    if (moves.length > 0) now = applyAll(now, moves)
  }
  settle(undefined, new Set())
  return changes
}

/** Pushes nodes that stand in the same thing. Along each axis they keep the order they began in, so it comes to an end. */
class Pushing {
  readonly #boxes: Map<string, Box>
  readonly #began = new Map<string, Box>()
  readonly #was = new Map<string, Box>()
  readonly #placed: ReadonlySet<string>
  readonly #follow: Map<string, Order[]>
  readonly #ways = new Map<string, Order>()
  readonly #queue: Set<string>
  readonly #moved = new Set<string>()

  constructor(
    nodes: readonly Node[],
    edges: readonly Edge[],
    was: (node: Node) => Box | undefined,
    boxes: ReadonlyMap<string, Box>,
    placed: ReadonlySet<string>,
  ) {
    this.#placed = placed
    this.#boxes = new Map()
    this.#queue = new Set()
    for (const node of nodes) {
      const [old, box] = [was(node), boxes.get(node.id)]
      if (box === undefined) continue
      this.#boxes.set(node.id, { ...box })
      this.#began.set(node.id, old ?? box)
      if (old !== undefined) this.#was.set(node.id, old)
      if (!same(old, box) && !placed.has(node.id)) this.#queue.add(node.id)
    }
    this.#follow = this.#queue.size === 0 ? new Map() : Map.groupBy(this.#followers(edges), ({ first }) => first)
  }

  moves(): Change[] {
    for (const id of this.#queue) {
      this.#queue.delete(id)
      for (const order of this.#follow.get(id) ?? []) this.#keep(order)
      for (const other of this.#boxes.keys()) if (other !== id && !this.#placed.has(other)) this.#meet(id, other)
    }
    return [...this.#moved].map((id) => {
      const { x, y } = this.#boxOf(id)
      return { do: 'set', node: id, path: '/at', value: { x, y } }
    })
  }

  #boxOf(id: string): Box {
    return this.#boxes.get(id) ?? nowhere
  }

  /** What an edge led down to is led down to; what is put above another leads down to it. */
  #followers(edges: readonly Edge[]): Order[] {
    return edges.flatMap(({ from, to }) => {
      const [a, b] = [this.#began.get(from), this.#began.get(to)]
      if (a === undefined || b === undefined || this.#placed.has(to)) return []
      const room = b.y - endOf(a, 'y')
      if (this.#was.has(from) && this.#was.has(to))
        return room < 0 ? [] : [{ axis: 'y', first: from, second: to, least: Math.min(room, measures.gap.y) }]
      const isAbove = !this.#was.has(from) && a.y <= b.y && overlapOn(a, b, 'x')
      return isAbove ? [{ axis: 'y', first: from, second: to, least: measures.gap.y }] : []
    })
  }

  #meet(a: string, b: string): void {
    const [one, two] = [this.#began.get(a), this.#began.get(b)]
    if (one === undefined || two === undefined) return
    const isKnown = this.#was.has(a) && this.#was.has(b)
    const [x, y] = [isKnown ? distance(one, two, 'x') : 0, isKnown ? distance(one, two, 'y') : 0]
    // one covered the other before
    if (x < 0 && y < 0) return
    // what stood in one column or row keeps its order in it
    if (x < 0 || y < 0) return this.#keep(this.#orderOf(a, b, x < 0 ? 'y' : 'x'))
    if (!overlap(this.#boxOf(a), this.#boxOf(b))) return
    const key = a < b ? `${a} ${b}` : `${b} ${a}`
    const ways = [this.#orderOf(a, b, 'x'), this.#orderOf(a, b, 'y')] as const
    const way = this.#ways.get(key) ?? (this.#lacks(ways[0]) < this.#lacks(ways[1]) ? ways[0] : ways[1])
    this.#ways.set(key, way)
    this.#keep(way)
  }

  /** What began first along an axis stays so; of two that began at the same place, what is new. */
  #orderOf(a: string, b: string, axis: Axis): Order {
    const [one, two] = [this.#began.get(a) ?? nowhere, this.#began.get(b) ?? nowhere]
    const isFirst = one[axis] === two[axis] ? !this.#was.has(a) && (this.#was.has(b) || a < b) : one[axis] < two[axis]
    const [first, second] = isFirst ? [a, b] : [b, a]
    const isKnown = this.#was.has(a) && this.#was.has(b)
    const gap = measures.gap[axis]
    return { axis, first, second, least: isKnown ? Math.min(distance(one, two, axis), gap) : gap }
  }

  /** How far the second would have to move. */
  #lacks({ axis, first, second, least }: Order): number {
    return endOf(this.#boxOf(first), axis) + least - this.#boxOf(second)[axis]
  }

  #keep(order: Order): void {
    const lacks = this.#lacks(order)
    const { axis, second } = order
    if (lacks <= 0) return
    const box = this.#boxOf(second)
    box[axis] = Math.ceil((box[axis] + lacks) / measures.grid) * measures.grid
    this.#moved.add(second)
    // behind all that waits: what pushes it may itself be pushed before
    this.#queue.delete(second)
    this.#queue.add(second)
  }
}

const nowhere: Box = { x: 0, y: 0, width: 0, height: 0 }
/** How far apart two stand along an axis; below 0 where they are side by side. */
const distance = (a: Box, b: Box, axis: Axis): number => Math.max(a[axis] - endOf(b, axis), b[axis] - endOf(a, axis))
const same = (a: Box | undefined, b: Box): boolean =>
  a?.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height

/** The nearest place to `wanted` where something of a size covers nothing; nothing is nearer the origin than `least`. */
export function freePlace(
  definition: Definition,
  wanted: Point,
  size: Size,
  { within, least = { x: -Infinity, y: -Infinity } }: { within?: string | undefined; least?: Point } = {},
): Point {
  const { gap } = measures
  const boxes = boxesOf(definition)
  const others = definition.nodes.flatMap((node) => (node.within === within ? (boxes.get(node.id) ?? []) : []))
  const from = { x: Math.max(wanted.x, least.x), y: Math.max(wanted.y, least.y) }
  if (!others.some((box) => overlap(box, { ...size, ...from }))) return from
  let best: Point | undefined
  const far = (one: number, axis: Axis) => Math.abs(one - from[axis])
  const nearest = (axis: Axis) => (a: number, b: number) => far(a, axis) - far(b, axis) || b - a
  const beside = (box: Box, axis: Axis) => [box[axis] - size[sizeOn[axis]] - gap[axis], endOf(box, axis) + gap[axis]]
  const columns = [...new Set([from.x, ...others.flatMap((box) => beside(box, 'x'))])].filter((x) => x >= least.x)
  const fromTop = others.toSorted((a, b) => a.y - b.y)
  const bestIs = () => (best === undefined ? Infinity : far(best.x, 'x') + far(best.y, 'y'))
  for (const x of columns.toSorted(nearest('x'))) {
    if (far(x, 'x') >= bestIs()) break
    // what is in the way in this column, joined where nothing fits between: one of them at most is at the place itself
    let [above, below] = [from.y, from.y]
    let reach = -Infinity
    let top = -Infinity
    for (const box of fromTop) {
      if (x >= endOf(box, 'x') + gap.x || box.x >= x + size.width + gap.x) continue
      const [low = 0, high = 0] = beside(box, 'y')
      if (low >= reach) top = low
      reach = low >= reach ? high : Math.max(reach, high)
      if (top < from.y && from.y < reach) [above, below] = [top, reach]
    }
    const y = [above, below].filter((one) => one >= least.y).toSorted(nearest('y'))[0]
    if (y !== undefined && far(x, 'x') + far(y, 'y') < bestIs()) best = { x, y }
  }
  return best ?? from
}
