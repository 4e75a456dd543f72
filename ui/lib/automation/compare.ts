import { edgeId, type Definition } from '#schemas/automation/definition.ts'
import type { Difference } from '#schemas/automation/diff.ts'
import type { Overlay } from './overlay.ts'
import { freePlace } from './room.ts'
import { boxesOf } from './shape.ts'

/** Marks what differs on the drawing. */
export const changesOver = (differences: readonly Difference[]): Overlay => {
  const changed = (of: Difference['of']) =>
    new Map(
      differences.flatMap(({ of: what, id, change }) =>
        what === of && change !== 'moved' ? [[id, { change }] as const] : [],
      ),
    )
  return { nodes: changed('node'), edges: changed('edge'), ofRun: false }
}

/**
 * Both versions in one drawing: `ran` with what only `now` has, so that what came and what went can be seen. It stands
 * where it stood, or near that where something else does now.
 */
export function together(ran: Definition, now: Definition): Definition {
  const nodes = new Set(ran.nodes.map((node) => node.id))
  const edges = new Set(ran.edges.map(edgeId))
  const boxes = boxesOf(now)
  let both = ran
  for (const node of now.nodes) {
    if (nodes.has(node.id)) continue
    const box = boxes.get(node.id)
    const at = box === undefined ? node.at : freePlace(both, box, box, { within: node.within })
    both = { ...both, nodes: [...both.nodes, at === undefined ? node : { ...node, at: { x: at.x, y: at.y } }] }
  }
  return { ...both, edges: [...ran.edges, ...now.edges.filter((edge) => !edges.has(edgeId(edge)))] }
}

/** A run with what has changed since marked on it. */
export const withChanges = (over: Overlay, changes: Overlay): Overlay => ({
  nodes: joined(over.nodes, changes.nodes),
  edges: joined(over.edges, changes.edges),
  ofRun: over.ofRun,
})

const joined = <T extends object>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): Map<string, T> =>
  new Map([...new Set([...a.keys(), ...b.keys()])].map((id) => [id, { ...a.get(id), ...b.get(id) } as T]))
