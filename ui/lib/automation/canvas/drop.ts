import type { Definition } from '#schemas/automation/definition.ts'
import { withHeld } from '../part.ts'
import { isContainer, placesOf, type Box, type Point } from '../shape.ts'

/** The type under which the palette lets a kind, or an action with its operation, be dragged. */
export const draggedKind = 'application/x-auterity-kind'

const holds = (box: Box, { x, y }: Point): boolean =>
  x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height

/** The innermost loop or parallel block at a place, except the nodes being dragged and what is in them. */
export function containerAt(definition: Definition, at: Point, dragged: readonly string[] = []): string | undefined {
  const places = placesOf(definition)
  const without = withHeld(definition, dragged)
  let found: { id: string; area: number } | undefined
  for (const node of definition.nodes) {
    const box = places.get(node.id)
    if (box === undefined || without.has(node.id) || !isContainer(node) || !holds(box, at)) continue
    const area = box.width * box.height
    if (found === undefined || area < found.area) found = { id: node.id, area }
  }
  return found?.id
}

/** A place on the canvas as seen from the top left of a container. */
export const placeIn = (definition: Definition, at: Point, within: string | undefined): Point => {
  const box = within === undefined ? undefined : placesOf(definition).get(within)
  return box === undefined ? at : { x: at.x - box.x, y: at.y - box.y }
}
