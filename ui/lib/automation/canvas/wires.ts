import type { EdgeOver } from '../overlay.ts'
import { measures, type Point } from '../shape.ts'
import type { FlowEdge, FlowNode } from './flow.ts'
import { roundedPath, type Drawn } from './wire-path.ts'

/** Where an edge begins and ends, and whether it leaves at the side of its node. */
export type Ends = { from: Point; to: Point; beside: boolean }
/** A way around what stands between two ends: its corners, and its end, from the middle of what it leaves by. */
export type Route = { points: readonly Point[]; by: Point }

/** From the middles of the handles to their outer sides, where what is drawn begins and ends. */
export const outer = ({ from, to, beside }: Ends): Ends => {
  const half = measures.handle / 2
  return {
    from: beside ? { ...from, x: from.x + half } : { ...from, y: from.y + half },
    to: { ...to, y: to.y - half },
    beside,
  }
}

/** The path of an edge and where its middle is; while an end is dragged no way around is known. */
export function wirePath(ends: Ends, route: Route | undefined): Drawn {
  const { from, to, beside } = ends
  const off = (one: number, other: number) => Math.abs(one - other) > 1.5 * measures.handle
  if (route === undefined || off(to.x - from.x, route.by.x) || off(to.y - from.y, route.by.y)) return straight(ends)
  const half = measures.handle / 2
  const begins = beside ? { ...from, x: from.x - half } : { ...from, y: from.y - half }
  return roundedPath([from, ...route.points.map(({ x, y }) => ({ x: begins.x + x, y: begins.y + y })), to])
}

/** How far an edge that goes back up, or leaves at the side, goes straight before it turns. */
const offset = 18

/** Straight down or near it a curve, back up or from the side in angles. */
export function straight({ from, to, beside }: Ends): Drawn {
  const above = { x: to.x, y: to.y - offset }
  if (beside) {
    const turn = { x: Math.max(to.x, from.x + offset), y: from.y }
    const falls = to.x >= from.x + offset && to.y >= from.y + offset
    return roundedPath(
      falls ? [from, turn, to] : [from, { ...turn, x: from.x + offset }, { x: from.x + offset, y: above.y }, above, to],
    )
  }
  if (to.y < from.y + 16) {
    const [below, middle] = [from.y + offset, (from.x + to.x) / 2]
    return roundedPath([from, { x: from.x, y: below }, { x: middle, y: below }, { x: middle, y: above.y }, above, to])
  }
  const bend = (to.y - from.y) / 2
  const path = `M${from.x},${from.y}C${from.x},${from.y + bend} ${to.x},${to.y - bend} ${to.x},${to.y}`
  return [path, (from.x + to.x) / 2, (from.y + to.y) / 2]
}

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
    const half = measures.handle / 2
    const beside = node.type !== 'cluster' && node.data.spots.some((spot) => spot.id === port && spot.side === 'beside')
    return { x: x + handle.x + half, y: y + handle.y + half, beside }
  }
  const paths = new Map<string, string[]>()
  for (const { source, sourceHandle, target, targetHandle, selected = false, data } of edges) {
    const [from, to] = [end(source, 'source', sourceHandle), end(target, 'target', targetHandle)]
    if (from === undefined || to === undefined) continue
    const [path] = wirePath(outer({ from, to, beside: from.beside }), data?.route)
    const looks = wireLooks(data?.tone, selected, data?.over)
    paths.set(looks, [...(paths.get(looks) ?? []), path])
  }
  return [...paths].map(([looks, all]) => ({ looks, path: all.join('') }))
}
