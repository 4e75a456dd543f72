import { getBezierPath, getSmoothStepPath, Position } from '@xyflow/svelte'
import type { EdgeOver } from '../overlay.ts'
import type { FlowEdge, FlowNode } from './flow.ts'

type Ends = {
  sourceX: number
  sourceY: number
  sourcePosition: Position
  targetX: number
  targetY: number
  targetPosition: Position
}

/** The path of an edge and where its middle is: straight down or near it a curve, back up or from the side in angles. */
export const wirePath = (ends: Ends): [path: string, x: number, y: number, ...rest: number[]] =>
  ends.targetY < ends.sourceY + 16 || ends.sourcePosition === Position.Right
    ? getSmoothStepPath({ ...ends, borderRadius: 10, offset: 18 })
    : getBezierPath({ ...ends, curvature: 0.35 })

export const wireLooks = (tone: string | undefined, chosen: boolean, over: EdgeOver | undefined): string =>
  ['wire', tone === 'bad' ? 'bad' : '', chosen ? 'chosen' : '', over?.way ?? '', over?.change ?? '']
    .filter((one) => one !== '')
    .join(' ')

export type Wire = { looks: string; path: string }

/** All edges as few paths, one for each look: what is drawn of them from afar, where none can be taken hold of. */
export function wiresOf(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): Wire[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const placed = new Map<string, { x: number; y: number }>()
  const placeOf = (node: FlowNode): { x: number; y: number } => {
    const known = placed.get(node.id)
    if (known !== undefined) return known
    const parent = node.parentId === undefined ? undefined : byId.get(node.parentId)
    const around = parent === undefined ? { x: 0, y: 0 } : placeOf(parent)
    const place = { x: node.position.x + around.x, y: node.position.y + around.y }
    placed.set(node.id, place)
    return place
  }
  const end = (id: string, type: 'source' | 'target', port: string | null | undefined) => {
    const node = byId.get(id)
    const handle = node?.handles?.find((one) => one.type === type && one.id === port)
    if (node === undefined || handle === undefined) return undefined
    const { x, y } = placeOf(node)
    const { width = 0, height = 0 } = handle
    return { x: x + handle.x + width / 2, y: y + handle.y + height / 2, position: handle.position }
  }
  const paths = new Map<string, string[]>()
  for (const { source, sourceHandle, target, targetHandle, selected = false, data } of edges) {
    const [from, to] = [end(source, 'source', sourceHandle), end(target, 'target', targetHandle)]
    if (from === undefined || to === undefined) continue
    const [path] = wirePath({
      sourceX: from.x,
      sourceY: from.y,
      sourcePosition: from.position,
      targetX: to.x,
      targetY: to.y,
      targetPosition: to.position,
    })
    const looks = wireLooks(data?.tone, selected, data?.over)
    paths.set(looks, [...(paths.get(looks) ?? []), path])
  }
  return [...paths].map(([looks, all]) => ({ looks, path: all.join('') }))
}
