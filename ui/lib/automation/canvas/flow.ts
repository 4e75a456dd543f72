import type { Edge as FlowEdgeOf, Node as FlowNodeOf } from '@xyflow/svelte'
import {
  edgeId,
  portOf,
  titleOf,
  type Definition,
  type Edge,
  type Group,
  type Node,
} from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Problem } from '#schemas/automation/problem.ts'
import type { EdgeOver, NodeOver, Overlay } from '../overlay.ts'
import { boxesOf, isContainer, isNote, placesOf, spotsOf, type Spot } from '../shape.ts'
import { timesInWords } from './state-words.ts'
import { around, clusterId, clusterOf, edgeName, edgeOf, placed } from './flow-made.ts'
import { routing } from './routes.ts'
import type { Route } from './wires.ts'

export type NodeData = {
  node: Node
  spots: readonly Spot[]
  errors: number
  warnings: number
  over: NodeOver | undefined
  /** Shown of a run that never came to it. */
  untrodden: boolean
  wired: boolean
}
export type GroupData = {
  group: Group
  count: number
  errors: number
  /** All that is folded away in it is chosen. */
  chosen: boolean
}
export type FlowNode = FlowNodeOf<NodeData, 'step' | 'box' | 'note'> | FlowNodeOf<GroupData, 'cluster'>
export type FlowEdge = FlowEdgeOf<
  {
    edge: Edge
    tone: 'bad' | 'plain'
    body: boolean
    real: boolean
    over: EdgeOver | undefined
    route: Route | undefined
  },
  'step'
>

/** Nodes folded away in a group, and the group each is in. */
export const foldedIn = (definition: Definition): Map<string, Group> => {
  const folded = new Map<string, Group>()
  for (const group of definition.groups ?? [])
    if (group.collapsed === true) for (const id of group.nodes) folded.set(id, group)
  // what stands in a loop that is folded away goes with it
  for (let before = -1; before !== folded.size;) {
    before = folded.size
    for (const node of definition.nodes) {
      const above = node.within === undefined ? undefined : folded.get(node.within)
      if (above !== undefined && !folded.has(node.id)) folded.set(node.id, above)
    }
  }
  return folded
}

export type Shown = {
  definition: Definition
  chosen: ReadonlySet<string>
  active: string | undefined
  problems: readonly Problem[]
  overlay: Overlay
}

const stateWord = ({ state, says }: NodeOver): string => {
  if (state === 'disabled') return 'off'
  if (state !== 'timed' && state !== 'listening') return state ?? ''
  return says === undefined ? 'waiting' : `waiting, ${says}`
}

/** What a screen reader says of a node. */
const spoken = (node: Node, next: string, problems: number, over: NodeOver | undefined): string =>
  [
    titleOf(node),
    kinds[node.kind]?.title ?? node.kind,
    ...(over?.state === undefined ? [] : [stateWord(over)]),
    ...(over?.times === undefined ? [] : [`in all turns ${timesInWords(over.times)}`]),
    ...(over?.skippedBy === undefined ? [] : [`by ${over.skippedBy}`]),
    ...(over?.undo === undefined ? [] : [over.undo === 'failed' ? 'not undone' : 'undone']),
    ...(over?.change === undefined ? [] : [over.change]),
    ...(node.disabled && over?.state !== 'disabled' ? ['disabled'] : []),
    ...(problems === 0 ? [] : [`${problems} ${problems === 1 ? 'problem' : 'problems'}`]),
    ...(next === '' ? [] : [`leads to ${next}`]),
  ].join(', ')

/** Makes what the canvas draws, and gives the same objects again for what has not changed, so that little is drawn anew. */
export const flowMaker = () => {
  let kept = new Map<string, { key: readonly unknown[]; made: FlowNode }>()
  let keptEdges = new Map<string, { key: readonly unknown[]; made: FlowEdge }>()
  const routesFor = routing()

  const nodes = ({ definition, chosen, active, problems, overlay }: Shown): FlowNode[] => {
    const boxes = boxesOf(definition)
    const folded = foldedIn(definition)
    const wired = new Set(definition.edges.filter((edge) => portOf(edge) === 'error').map((edge) => edge.from))
    const leads = Map.groupBy(definition.edges, (edge) => edge.from)
    const byNode = Map.groupBy(problems, (problem) => problem.node)
    const byId = new Map(definition.nodes.map((node) => [node.id, node]))
    const nextOf = ({ id }: Node) => (leads.get(id) ?? []).flatMap(({ to }) => byId.get(to) ?? []).map(titleOf)
    const focus = active ?? definition.nodes.find((node) => node.kind === 'start')?.id ?? definition.nodes[0]?.id
    const next: typeof kept = new Map()
    const keep = (id: string, key: readonly unknown[], make: () => FlowNode): FlowNode => {
      const known = kept.get(id)
      const made = known !== undefined && known.key.every((one, at) => one === key[at]) ? known.made : make()
      next.set(id, { key, made })
      return made
    }
    const places = definition.groups === undefined ? boxes : placesOf(definition, boxes)
    const clusters = (definition.groups ?? [])
      .filter((group) => group.nodes.some((id) => places.has(id)))
      .map((group) => {
        const errors = group.nodes.reduce((sum, id) => sum + (byNode.get(id) ?? []).filter(isError).length, 0)
        const box = around(group, places)
        const whole = group.collapsed === true && group.nodes.every((id) => chosen.has(id))
        const key = [group, box.x, box.y, box.width, box.height, whole, errors]
        return keep(clusterId(group), key, () => clusterOf(group, box, errors, whole))
      })
    // a parent has to stand before what stands in it
    const sorted = definition.nodes
      .map((node) => ({ node, depth: depthOf(definition, node) }))
      .toSorted((a, b) => a.depth - b.depth)
    const drawn = sorted.map(({ node, depth }) => {
      const box = boxes.get(node.id) ?? { x: 0, y: 0, width: 0, height: 0 }
      const found = byNode.get(node.id) ?? []
      const errors = found.filter(isError).length
      const over = overlay.nodes.get(node.id)
      const unseen = over?.state === undefined && over?.elsewhere !== true
      const untrodden = overlay.ofRun && unseen && over?.change !== 'added' && !isNote(node)
      const to = nextOf(node).join(', ')
      const flags = [chosen.has(node.id), focus === node.id, folded.has(node.id), wired.has(node.id)] as const
      const key = [node, box.x, box.y, box.width, box.height, errors, found.length, over, untrodden, to, ...flags]
      return keep(node.id, key, () => ({
        ...placed(node, box),
        ...(node.within === undefined || depth === 0 ? {} : { parentId: node.within }),
        // between a box and what stands in it run the edges of what stands in it
        zIndex: depth * 2,
        selected: flags[0],
        focusable: flags[1],
        hidden: flags[2],
        // its name needs a role also where the keyboard does not come to it
        ariaRole: 'group',
        ariaLabel: spoken(node, to, found.length, over),
        data: {
          node,
          spots: spotsOf(node, box),
          errors,
          warnings: found.length - errors,
          over,
          untrodden,
          wired: flags[3],
        },
      }))
    })
    kept = next
    return [...clusters, ...drawn]
  }

  const edges = ({ definition, chosen, overlay }: Shown): FlowEdge[] => {
    const folded = foldedIn(definition)
    const bodies = new Map(definition.nodes.filter(isContainer).map((node) => [node.id, bodyPorts(node)]))
    const depths = new Map(definition.nodes.map((node) => [node.id, depthOf(definition, node)]))
    const byId = new Map(definition.nodes.map((node) => [node.id, node]))
    const routes = routesFor(definition, folded)
    const next: typeof keptEdges = new Map()
    for (const edge of definition.edges) {
      const [from, to] = [folded.get(edge.from), folded.get(edge.to)]
      if (from !== undefined && from === to) continue
      const id = edgeId(edge)
      const depth = depths.get(edge.to) ?? 0
      const body = bodies.get(edge.from)?.has(portOf(edge)) ?? false
      const over = overlay.edges.get(id)
      const route = routes.get(id)
      const ends = [byId.get(edge.from), byId.get(edge.to)] as const
      const key = [edge, from, to, chosen.has(id), body, depth, over, route, ...ends]
      const known = keptEdges.get(id)
      next.set(
        id,
        known !== undefined && known.key.every((one, at) => one === key[at])
          ? known
          : {
              key,
              made: {
                ...edgeOf(
                  edge,
                  id,
                  { from, to },
                  { chosen: chosen.has(id), name: edgeName(edge, ...ends), body, over, route },
                ),
                zIndex: Math.max(0, depth * 2 - 1),
              },
            },
      )
    }
    keptEdges = next
    return [...next.values()].map(({ made }) => made)
  }

  return { nodes, edges }
}

const isError = (problem: Problem): boolean => problem.level === 'error'
const bodyPorts = (node: Node): Set<string> =>
  new Set(kinds[node.kind]?.ports(node).flatMap((port) => (port.body ? [port.id] : [])))

const depthOf = (definition: Definition, node: Node): number => {
  let depth = 0
  for (let at = node.within; at !== undefined && depth < 50; depth += 1) {
    const above = definition.nodes.find((one) => one.id === at)
    if (above === undefined) return 0
    at = above.within
  }
  return depth
}
