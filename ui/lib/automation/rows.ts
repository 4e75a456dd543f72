import type { Node } from '#schemas/automation/definition.ts'
import { boxesOf, endOf, hull, measures, snap, type Point } from './shape.ts'

/** Nodes of which some were never placed, or lie just where another does: those stand in rows below the others. */
export function inRows(nodes: readonly Node[]): readonly Node[] {
  const ids = new Set(nodes.map((node) => node.id))
  const spaces = Map.groupBy(nodes, ({ within }) => (within === undefined || !ids.has(within) ? undefined : within))
  let all = nodes
  // the innermost first: rows in a loop make it larger
  const settle = (space: string | undefined, above: ReadonlySet<string>): void => {
    const held = spaces.get(space) ?? []
    for (const { id } of held) if (spaces.has(id) && !above.has(id)) settle(id, new Set([...above, id]))
    const places = rowsOf(all, held)
    if (places.size > 0) all = all.map((node) => ({ ...node, ...at(places.get(node.id)) }))
  }
  settle(undefined, new Set())
  return all
}

const at = (place: Point | undefined): { at?: Point } => (place === undefined ? {} : { at: place })

function rowsOf(all: readonly Node[], held: readonly Node[]): Map<string, Point> {
  const taken = new Set<string>()
  const loose = new Set<Node>()
  for (const node of held) {
    const key = `${node.at?.x ?? 0} ${node.at?.y ?? 0}`
    if (taken.has(key)) loose.add(node)
    taken.add(key)
  }
  const places = new Map<string, Point>()
  if (loose.size === 0) return places
  const boxes = boxesOf({ format: 1, name: '', nodes: [...all], edges: [] })
  const rest = hull(held.flatMap((node) => (loose.has(node) ? [] : (boxes.get(node.id) ?? []))))
  const perRow = Math.ceil(Math.sqrt(loose.size))
  let [x, y, bottom, column] = [rest.x, endOf(rest, 'y') + measures.gap.y, 0, 0]
  for (const { id } of loose) {
    const { width = 0, height = 0 } = boxes.get(id) ?? {}
    if (column === perRow) [x, y, column] = [rest.x, bottom + measures.gap.y, 0]
    places.set(id, snap({ x, y }))
    x += width + measures.gap.x
    bottom = Math.max(bottom, y + height)
    column += 1
  }
  return places
}
