import { Position } from '@xyflow/svelte'
import { mainPort, portOf, titleOf, type Edge, type Group, type Node } from '#schemas/automation/definition.ts'
import { counted } from '../../parts/count.ts'
import type { EdgeOver } from '../overlay.ts'
import {
  entryOf,
  hasEntry,
  isContainer,
  isNote,
  measures,
  portsOf,
  spotsOf,
  wayOut,
  type Box,
  type Point,
} from '../shape.ts'
import type { FlowEdge, FlowNode } from './flow.ts'
import type { Route } from './wires.ts'

const { handle } = measures

export const clusterId = (group: Group): string => `group:${group.id}`

export const placed = (node: Node, box: Box) => ({
  id: node.id,
  type: isNote(node) ? ('note' as const) : isContainer(node) ? ('box' as const) : ('step' as const),
  position: { x: box.x, y: box.y },
  width: box.width,
  height: box.height,
  measured: { width: box.width, height: box.height },
  handles: [
    ...(hasEntry(node) ? [handleAt('in', 'target', entryOf(box), Position.Top)] : []),
    ...spotsOf(node, box).map((spot) =>
      handleAt(spot.id, 'source', spot, spot.side === 'beside' ? Position.Right : Position.Bottom),
    ),
  ],
})

const handleAt = (id: string, type: 'source' | 'target', { x, y }: Point, position: Position) => ({
  id,
  type,
  position,
  x: x - handle / 2,
  y: y - handle / 2,
  width: handle,
  height: handle,
})

export const around = (group: Group, places: ReadonlyMap<string, Box>): Box => {
  const boxes = group.nodes.flatMap((id) => places.get(id) ?? [])
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))]
  if (group.collapsed === true) return { x, y, width: measures.width, height: measures.head }
  const right = Math.max(...boxes.map((box) => box.x + box.width))
  const bottom = Math.max(...boxes.map((box) => box.y + box.height))
  return { x: x - 20, y: y - 40, width: right - x + 40, height: bottom - y + 60 }
}

export const clusterOf = (group: Group, box: Box, errors: number, chosen: boolean): FlowNode => ({
  id: clusterId(group),
  type: 'cluster',
  position: { x: box.x, y: box.y },
  width: box.width,
  height: box.height,
  measured: { width: box.width, height: box.height },
  selectable: false,
  focusable: group.collapsed === true,
  zIndex: group.collapsed === true ? 1 : -1,
  ariaRole: 'group',
  ariaLabel: `Group ${group.title}, ${counted(group.nodes.length, 'step')}${group.collapsed === true ? ', folded' : ''}${chosen ? ', chosen' : ''}`,
  handles:
    group.collapsed === true
      ? [
          handleAt('in', 'target', entryOf(box), Position.Top),
          handleAt('out', 'source', { x: box.width / 2, y: box.height }, Position.Bottom),
        ]
      : [],
  data: { group, count: group.nodes.length, errors, chosen },
})

/** What a screen reader says of an edge: `From Read the lead to Ask a person, by On error`. */
export const edgeName = (edge: Edge, from: Node | undefined, to: Node | undefined): string => {
  const [begin, end] = [from === undefined ? edge.from : titleOf(from), to === undefined ? edge.to : titleOf(to)]
  const plain = from === undefined || (portOf(edge) === mainPort && portsOf(from).length < 2)
  return `From ${begin} to ${end}${plain ? '' : `, by ${wayOut(from, portOf(edge))}`}`
}

export const edgeOf = (
  edge: Edge,
  id: string,
  { from, to }: { from: Group | undefined; to: Group | undefined },
  {
    chosen,
    name,
    body,
    over,
    route,
  }: { chosen: boolean; name: string; body: boolean; over: EdgeOver | undefined; route: Route | undefined },
): FlowEdge => ({
  id,
  type: 'step',
  source: from === undefined ? edge.from : clusterId(from),
  sourceHandle: from === undefined ? portOf(edge) : 'out',
  target: to === undefined ? edge.to : clusterId(to),
  targetHandle: 'in',
  selected: chosen,
  focusable: false,
  ariaLabel: name,
  data: {
    edge,
    tone: portOf(edge).startsWith('error') ? 'bad' : 'plain',
    body,
    real: from === undefined && to === undefined,
    over,
    route,
  },
})
