import type { Group } from '#schemas/automation/definition.ts'
import { move } from '../acts.ts'
import type { Editor } from '../editor.svelte.ts'
import { placesOf, type Point } from '../shape.ts'
import { containerAt, placeIn } from './drop.ts'
import type { FlowNode } from './flow.ts'

type Around = {
  editor: () => Editor
  nodes: () => readonly FlowNode[]
  /** Draws these, or all anew as the document says. */
  draw: (nodes?: FlowNode[]) => void
}
type Dragged = { targetNode: FlowNode | null; nodes: FlowNode[] }

/** What happens while nodes are dragged: a group takes its nodes along, and what is let go over a loop stands in it. */
export const dragging = ({ editor, nodes, draw }: Around) => {
  let from: { group: Group; at: Point; members: Map<string, Point> } | undefined

  /** Where a node is let go, and in what. */
  const placed = (id: string, at: Point, ids: readonly string[]) => {
    const { definition } = editor()
    const node = editor().node(id)
    if (node === undefined || (node.within !== undefined && ids.includes(node.within))) return []
    const base = node.within === undefined ? undefined : placesOf(definition).get(node.within)
    const absolute = { x: at.x + (base?.x ?? 0), y: at.y + (base?.y ?? 0) }
    const size = nodes().find((one) => one.id === id)
    const centre = { x: absolute.x + (size?.width ?? 0) / 2, y: absolute.y + (size?.height ?? 0) / 2 }
    const within = node.kind === 'start' ? undefined : containerAt(definition, centre, ids)
    return [{ id, within, at: within === node.within ? at : placeIn(definition, absolute, within) }]
  }

  return {
    start({ targetNode }: Pick<Dragged, 'targetNode'>): void {
      editor().pause()
      from = undefined
      if (targetNode?.type !== 'cluster') return
      const { group } = targetNode.data
      const members = nodes().filter((node) => group.nodes.includes(node.id))
      from = { group, at: targetNode.position, members: new Map(members.map((node) => [node.id, node.position])) }
    },
    move({ targetNode }: Pick<Dragged, 'targetNode'>): void {
      if (from === undefined || targetNode === null) return
      const by = { x: targetNode.position.x - from.at.x, y: targetNode.position.y - from.at.y }
      const { members } = from
      draw(
        nodes().map((node): FlowNode => {
          const at = members.get(node.id)
          return at === undefined ? node : { ...node, position: { x: at.x + by.x, y: at.y + by.y } }
        }),
      )
    },
    stop({ targetNode, nodes: dragged }: Dragged): void {
      const start = from
      const moved =
        start === undefined || targetNode === null
          ? dragged.filter((node) => node.type !== 'cluster').map((node) => ({ id: node.id, at: node.position }))
          : [...start.members].map(([id, at]) => ({
              id,
              at: { x: at.x + targetNode.position.x - start.at.x, y: at.y + targetNode.position.y - start.at.y },
            }))
      const ids = moved.map(({ id }) => id)
      const act = move(
        editor().definition,
        moved.flatMap(({ id, at }) => placed(id, at, ids)),
      )
      editor().do(act)
      editor().pause()
      from = undefined
      if (act.changes.length === 0) draw()
      if (act.cut > 0) editor().say(`${act.title}. ${act.cut} connections that would cross a border were taken away.`)
    },
  }
}
