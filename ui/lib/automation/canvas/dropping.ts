import type { OnConnectEnd, useSvelteFlow } from '@xyflow/svelte'
import { addNode, insertOn, refusal } from '../acts.ts'
import type { Editor } from '../editor.svelte.ts'
import { measures } from '../shape.ts'
import { containerAt, draggedKind, placeIn } from './drop.ts'
import type { FlowEdge, FlowNode } from './flow.ts'
import type { Wanted } from './handle.ts'

type Around = {
  editor: () => Editor
  flow: ReturnType<typeof useSvelteFlow<FlowNode, FlowEdge>>
  focus: () => void
  add: (where: Wanted) => void
}

/** What happens where a kind out of the palette, or the end of a connection, is let go on a canvas. */
export const dropping = ({ editor, flow, focus, add }: Around) => ({
  kind: (event: DragEvent): void => {
    const what = event.dataTransfer?.getData(draggedKind)
    if (!what || editor().readOnly) return
    event.preventDefault()
    const { definition } = editor()
    const under = document.elementFromPoint(event.clientX, event.clientY)
    const wire = under?.closest<SVGElement>('.svelte-flow__edge')?.dataset['id']
    if (wire !== undefined) editor().do(insertOn(definition, wire, what))
    else {
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
      const within = what === 'start' ? undefined : containerAt(definition, at)
      const corner = { x: at.x - measures.width / 2, y: at.y - measures.head / 2 }
      editor().do(addNode(definition, what, placeIn(definition, corner, within), within))
    }
    focus()
  },
  /** Over a node that it may not lead to it is told why; over nothing a step is asked for that it leads to. */
  connection: ((event, { isValid, fromHandle, toNode }) => {
    if (fromHandle === null || isValid === true || fromHandle.type !== 'source' || editor().readOnly) return
    const way = { node: fromHandle.nodeId, port: fromHandle.id ?? 'out' }
    if (toNode !== null) return editor().say(refusal(editor().definition, way.node, way.port, toNode.id) ?? '')
    const { clientX: x, clientY: y } =
      'changedTouches' in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event
    add({ after: way, at: flow.screenToFlowPosition({ x, y }) })
  }) satisfies OnConnectEnd,
})
