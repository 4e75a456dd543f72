import type { Definition, Edge, Node } from '#schemas/automation/definition.ts'
import { isObject } from '#schemas/automation/json.ts'
import { mostNodes } from '#schemas/automation/document/shape.ts'
import type { Change } from '#schemas/automation/problem.ts'
import type { Act } from './acts.ts'
import { freshId, rewriteValue, type Rewrite } from './rename.ts'
import { freePlace } from './room.ts'
import { inRows } from './rows.ts'
import { boxesOf, hull, insideOf, placesOf, snap, type Box, type Point } from './shape.ts'

/** Some nodes with what hangs together between them: what lies on the clipboard, as JSON. */
export type Part = { auterity: 'nodes'; nodes: Node[]; edges: Edge[]; groups: { title: string; nodes: string[] }[] }

/** These nodes and all that stands in them. */
export function withHeld(definition: Definition, ids: readonly string[]): Set<string> {
  const all = new Set(ids)
  for (let before = -1; before !== all.size;) {
    before = all.size
    for (const node of definition.nodes) if (node.within !== undefined && all.has(node.within)) all.add(node.id)
  }
  return all
}

/** What keeps no empty group behind where nodes go away. */
export function withoutMembers({ groups = [] }: Definition, nodes: ReadonlySet<string>): Change[] {
  const left = groups.map((group) => ({ ...group, nodes: group.nodes.filter((id) => !nodes.has(id)) }))
  const kept = left.filter((group) => group.nodes.length > 0)
  if (kept.length === groups.length) return []
  return [{ do: 'set', node: null, path: '/groups', value: kept.length === 0 ? undefined : kept }]
}

/** Takes a copy of nodes; those that stood in something else stand on the canvas itself in it. */
export function copyPart(definition: Definition, ids: readonly string[]): Part {
  const all = withHeld(definition, ids)
  const places = placesOf(definition)
  return {
    auterity: 'nodes',
    nodes: definition.nodes.flatMap((node) => {
      if (!all.has(node.id)) return []
      if (node.within !== undefined && all.has(node.within)) return [node]
      const { within: _, ...rest } = node
      const place = places.get(node.id)
      return [place === undefined ? rest : { ...rest, at: { x: place.x, y: place.y } }]
    }),
    edges: definition.edges.filter((edge) => all.has(edge.from) && all.has(edge.to)),
    groups: (definition.groups ?? [])
      .filter((group) => group.nodes.every((id) => all.has(id)))
      .map(({ title, nodes }) => ({ title, nodes })),
  }
}

/** A part out of a text, if it is one. */
export function readPart(text: string): Part | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(value) || value['auterity'] !== 'nodes' || !Array.isArray(value['nodes'])) return undefined
  const nodes = value['nodes'].filter(
    (one): one is Node => isObject(one) && typeof one['id'] === 'string' && typeof one['kind'] === 'string',
  )
  const edges = (Array.isArray(value['edges']) ? value['edges'] : []).filter(
    (one): one is Edge => isObject(one) && typeof one['from'] === 'string' && typeof one['to'] === 'string',
  )
  const groups = (Array.isArray(value['groups']) ? value['groups'] : []).filter(
    (one): one is Part['groups'][number] =>
      isObject(one) && typeof one['title'] === 'string' && Array.isArray(one['nodes']),
  )
  return nodes.length === 0 ? undefined : { auterity: 'nodes', nodes, edges, groups }
}

/** How much room a part takes, from the top left corner of what stands in nothing else of it. */
export function sizeOfPart({ nodes }: { nodes: readonly Node[] }): Box {
  const boxes = boxesOf({ format: 1, name: '', nodes: [...nodes], edges: [] })
  const ids = new Set(nodes.map((node) => node.id))
  const tops = nodes
    .filter(({ within }) => within === undefined || !ids.has(within))
    .flatMap((node) => boxes.get(node.id) ?? [])
  return hull(tops)
}

/**
 * Puts a copy of a part into the document: ids of its own, names inside it that mean its own nodes led to the copies.
 *
 * It stands as it was arranged, and covers nothing as a whole. Of more steps than an automation may have, nothing is put.
 *
 * @param at where its top left corner is wanted, seen from what it stands in; it covers nothing, so it may stand near it
 */
export function pastePart(
  definition: Definition,
  part: Part,
  at: Point,
  within?: string,
): Omit<Act, 'title'> & { ids: string[] } {
  const hasStart = definition.nodes.some((node) => node.kind === 'start')
  const copied = part.nodes.filter((node) => !(hasStart && node.kind === 'start'))
  if (copied.length === 0) return { changes: [], ids: [] }
  const there = definition.nodes.length
  if (there + copied.length > mostNodes) return { changes: [], ids: [], refused: tooMany(there, copied.length) }
  const nodes = inRows(copied)
  const taken = new Set(definition.nodes.map((node) => node.id))
  const renamed = new Map<string, string>()
  for (const node of nodes) {
    const id = freshId(taken, node.id)
    taken.add(id)
    renamed.set(node.id, id)
  }
  const rewrite: Rewrite = (root, name) => {
    const to = name === undefined ? undefined : renamed.get(name)
    return to !== undefined && (root === 'steps' || root === 'errors' || root === 'loops') ? `${root}.${to}` : null
  }
  const tops = nodes.filter((node) => node.within === undefined || !renamed.has(node.within))
  const size = sizeOfPart({ nodes })
  const container = definition.nodes.find((node) => node.id === within)
  const least = container === undefined ? {} : { least: insideOf(container) }
  const place = freePlace(definition, snap(at), size, { within, ...least })
  const changes: Change[] = nodes.map((node) => {
    const inside = node.within === undefined ? undefined : renamed.get(node.within)
    const { within: _, ...rest } = rewriteValue(node, rewrite)
    const { x, y } = node.at ?? { x: 0, y: 0 }
    return {
      do: 'add_node',
      node: {
        ...rest,
        id: renamed.get(node.id) ?? node.id,
        ...(inside === undefined ? (within === undefined ? {} : { within }) : { within: inside }),
        at: inside === undefined ? { x: x + place.x - size.x, y: y + place.y - size.y } : { x, y },
      },
    }
  })
  for (const edge of part.edges) {
    const from = renamed.get(edge.from)
    const to = renamed.get(edge.to)
    if (from !== undefined && to !== undefined) changes.push({ do: 'add_edge', edge: { ...edge, from, to } })
  }
  const groups = part.groups.flatMap((group) => {
    const ids = group.nodes.flatMap((id) => renamed.get(id) ?? [])
    return ids.length === 0 ? [] : [{ title: group.title, nodes: ids }]
  })
  const known = new Set((definition.groups ?? []).map((group) => group.id))
  for (const group of groups) {
    const id = freshId(known, group.title)
    known.add(id)
    changes.push({ do: 'set', node: null, path: '/groups/-', value: { ...group, id } })
  }
  return { changes, arranged: true, ids: tops.flatMap((node) => renamed.get(node.id) ?? []) }
}

const tooMany = (there: number, more: number): string =>
  `An automation has ${mostNodes.toLocaleString('en')} steps at the most. This one has ${there.toLocaleString('en')}, and ${more.toLocaleString('en')} would come.`
