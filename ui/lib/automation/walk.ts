import type { Definition } from '#schemas/automation/definition.ts'
import { boxesOf, placesOf, type Box } from './shape.ts'

export type Way = 'left' | 'right' | 'up' | 'down'

const middle = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 })

/**
 * The node an arrow key leads to: along the edges down and up, and to the nearest in that direction where no
 * edge leads on. Undefined where there is none.
 */
export function walk(
  definition: Definition,
  from: string | undefined,
  way: Way,
  hidden: ReadonlySet<string> = new Set(),
): string | undefined {
  const places = placesOf(definition, boxesOf(definition))
  const nodes = definition.nodes.filter((node) => !hidden.has(node.id))
  const here = from === undefined ? undefined : places.get(from)
  if (from === undefined || here === undefined)
    return first(
      nodes.map((node) => node.id),
      places,
    )
  const along = definition.edges
    .filter((edge) => (way === 'down' ? edge.from === from : way === 'up' ? edge.to === from : false))
    .map((edge) => (way === 'down' ? edge.to : edge.from))
    .filter((id) => !hidden.has(id))
  const at = middle(here)
  const nearest = (ids: readonly string[], cost: (dx: number, dy: number) => number): string | undefined =>
    ids
      .map((id) => {
        const place = places.get(id)
        const to = place === undefined ? at : middle(place)
        return { id, cost: cost(to.x - at.x, to.y - at.y) }
      })
      .filter((one) => Number.isFinite(one.cost))
      .toSorted((a, b) => a.cost - b.cost)[0]?.id
  if (along.length > 0) return nearest(along, (dx, dy) => Math.abs(dx) + Math.abs(dy) / 4)
  const others = nodes.map((node) => node.id).filter((id) => id !== from)
  const ahead = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[way] as [number, number]
  return nearest(others, (dx, dy) => {
    const forward = dx * ahead[0] + dy * ahead[1]
    const aside = Math.abs(dx * ahead[1]) + Math.abs(dy * ahead[0])
    return forward > 4 && aside <= forward * 3 ? forward + aside * 2 : Number.POSITIVE_INFINITY
  })
}

const first = (ids: readonly string[], places: ReadonlyMap<string, Box>): string | undefined =>
  ids.toSorted((a, b) => (places.get(a)?.y ?? 0) - (places.get(b)?.y ?? 0))[0]
