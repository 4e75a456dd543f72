import {
  edgeId,
  mainPort,
  portOf,
  titleOf,
  type Definition,
  type Group,
  type Node,
} from '#schemas/automation/definition.ts'
import type { Change } from '#schemas/automation/problem.ts'
import type { Act } from './acts.ts'
import { cutOut, type Cut } from './cut.ts'
import { isRead, readsFrom, readsOf, readsOfDocument, turnsAround } from './reads.ts'
import { freshId } from './rename.ts'
import { boxesOf, insideOf, measures, snap, type Box, type Point } from './shape.ts'
import { upstream } from './ways.ts'

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom'

type Placed = { node: Node; box: Box }

const placed = (definition: Definition, ids: readonly string[]): Placed[] => {
  const boxes = boxesOf(definition)
  return definition.nodes.flatMap((node) => {
    const box = boxes.get(node.id)
    return ids.includes(node.id) && box !== undefined ? [{ node, box }] : []
  })
}

const moveTo = (id: string, at: Point): Change => ({ do: 'set', node: id, path: '/at', value: snap(at) })

/** Only nodes that stand in the same thing share a line. */
const sameSpace = (all: readonly Placed[]): Placed[] => all.filter(({ node }) => node.within === all[0]?.node.within)

export function align(definition: Definition, ids: readonly string[], how: Alignment): Act {
  const all = sameSpace(placed(definition, ids))
  if (all.length < 2) return { title: 'Align', changes: [] }
  const left = Math.min(...all.map(({ box }) => box.x))
  const right = Math.max(...all.map(({ box }) => box.x + box.width))
  const top = Math.min(...all.map(({ box }) => box.y))
  const bottom = Math.max(...all.map(({ box }) => box.y + box.height))
  const to: Record<Alignment, (box: Box) => Point> = {
    left: ({ y }) => ({ x: left, y }),
    centre: ({ y, width }) => ({ x: (left + right - width) / 2, y }),
    right: ({ y, width }) => ({ x: right - width, y }),
    top: ({ x }) => ({ x, y: top }),
    middle: ({ x, height }) => ({ x, y: (top + bottom - height) / 2 }),
    bottom: ({ x, height }) => ({ x, y: bottom - height }),
  }
  return { title: 'Align', changes: all.map(({ node, box }) => moveTo(node.id, to[how](box))) }
}

/** The same space between each and the next; the outermost two stay. */
export function distribute(definition: Definition, ids: readonly string[], along: 'x' | 'y'): Act {
  const size = along === 'x' ? 'width' : 'height'
  const all = sameSpace(placed(definition, ids)).toSorted((a, b) => a.box[along] - b.box[along])
  const [first, last] = [all[0], all.at(-1)]
  if (all.length < 3 || first === undefined || last === undefined) return { title: 'Distribute', changes: [] }
  const taken = all.reduce((sum, { box }) => sum + box[size], 0)
  const gap = (last.box[along] + last.box[size] - first.box[along] - taken) / (all.length - 1)
  let at = first.box[along]
  const changes = all.map(({ node, box }) => {
    const change = moveTo(node.id, { x: box.x, y: box.y, [along]: at })
    at += box[size] + gap
    return change
  })
  return { title: 'Distribute', changes }
}

export function group(definition: Definition, ids: readonly string[]): Act {
  const nodes = sameSpace(placed(definition, ids)).map(({ node }) => node.id)
  if (nodes.length === 0) return { title: 'Group', changes: [] }
  const rest = (definition.groups ?? []).flatMap((one) => {
    const left = one.nodes.filter((id) => !nodes.includes(id))
    return left.length === 0 ? [] : [left.length === one.nodes.length ? one : { ...one, nodes: left }]
  })
  const made: Group = { id: freshId(new Set(rest.map((one) => one.id)), 'group'), title: 'Group', nodes }
  return { title: 'Group', changes: [{ do: 'set', node: null, path: '/groups', value: [...rest, made] }], ids: nodes }
}

export function ungroup(definition: Definition, ids: readonly string[]): Act {
  const rest = (definition.groups ?? []).filter(
    (one) => !ids.includes(one.id) && !one.nodes.some((id) => ids.includes(id)),
  )
  if (rest.length === (definition.groups ?? []).length) return { title: 'Ungroup', changes: [] }
  return {
    title: 'Ungroup',
    changes: [{ do: 'set', node: null, path: '/groups', value: rest.length === 0 ? undefined : rest }],
  }
}

export function changeGroup(definition: Definition, id: string, change: Partial<Group>): Act {
  const groups = (definition.groups ?? []).map((one) => (one.id === id ? { ...one, ...change } : one))
  const title =
    change.collapsed === undefined ? 'Change the group' : change.collapsed ? 'Fold the group' : 'Unfold the group'
  return { title, changes: [{ do: 'set', node: null, path: '/groups', value: groups }] }
}

/**
 * Puts nodes into a new loop or parallel block that takes their place: what led to them leads to it, what they led to
 * follows it. In a parallel block each path among them is a branch. Refused where that alone would change what runs.
 */
export function wrap(definition: Definition, ids: readonly string[], kind: 'loop' | 'parallel'): Act {
  const title = kind === 'loop' ? 'Wrap in a loop' : 'Wrap in a parallel block'
  const starts = new Set(definition.nodes.filter((node) => node.kind === 'start').map((node) => node.id))
  const cut = cutOut(
    definition,
    ids.filter((id) => !starts.has(id)),
  )
  const refused = 'refused' in cut ? cut.refused : unwrappable(definition, cut, kind)
  if ('refused' in cut || refused !== null) return { title, changes: [], refused: refused ?? '' }
  const { tops, entries, into, out, space } = cut
  const boxes = boxesOf(definition)
  const all = tops.map((node) => ({ node, box: boxes.get(node.id) ?? { x: 0, y: 0 } }))
  const ports = kind === 'loop' ? ['each'] : entries.map((_, at) => `branch_${at + 1}`)
  const corner = { x: Math.min(...all.map(({ box }) => box.x)), y: Math.min(...all.map(({ box }) => box.y)) }
  const container: Node = {
    id: freshId(new Set(definition.nodes.map((node) => node.id)), kind),
    kind,
    with:
      kind === 'loop'
        ? { over: 'items' }
        : { branches: ports.map((port, at) => ({ port, title: `Branch ${at + 1}` })), until: 'all' },
    ...(space === undefined ? {} : { within: space }),
    at: snap({ x: corner.x - measures.box.side, y: corner.y - measures.box.head }),
  }
  const least = insideOf(container)
  const changes: Change[] = [...into, ...out].map((edge) => ({ do: 'remove_edge', edge: edgeId(edge) }))
  changes.push({ do: 'add_node', node: container })
  for (const { node, box } of all) {
    changes.push({ do: 'set', node: node.id, path: '/within', value: container.id })
    changes.push(moveTo(node.id, { x: box.x - corner.x + least.x, y: box.y - corner.y + least.y }))
  }
  for (const [at, { id }] of entries.entries())
    changes.push({
      do: 'add_edge',
      edge: { from: container.id, port: ports[kind === 'loop' ? 0 : at] ?? 'each', to: id },
    })
  const led = new Map(into.map((edge) => [`${edge.from} ${portOf(edge)}`, edge]))
  for (const { from, port } of led.values())
    changes.push({
      do: 'add_edge',
      edge: port === undefined || port === mainPort ? { from, to: container.id } : { from, port, to: container.id },
    })
  for (const to of new Set(out.map((edge) => edge.to)))
    changes.push({ do: 'add_edge', edge: { from: container.id, to } })
  return { title, changes, ids: [container.id] }
}

/** Why what stands around these steps, or in them, would be another thing in a block of their own. */
function unwrappable(definition: Definition, cut: Cut, kind: 'loop' | 'parallel'): string | null {
  const { all, tops, entries, space } = cut
  const byId = new Map(definition.nodes.map((node) => [node.id, node]))
  const named = (id: string) => `“${titleOf(byId.get(id) ?? { id, kind: '' })}”`
  const outside = definition.nodes.filter((node) => !all.has(node.id))
  const read = [...readsOf(outside), ...readsOfDocument(definition)].find(
    ({ root, name }) => (root === 'steps' || root === 'errors') && (name === undefined || all.has(name)),
  )
  if (read !== undefined)
    return `${read.name === undefined ? 'What all steps gave' : `What ${named(read.name)} gave`} is read outside of them, where nobody sees into a block. Choose what reads it too.`
  if (
    space !== undefined &&
    cut.tails.size > 0 &&
    byId.get(space)?.with?.['collect'] === undefined &&
    isRead(definition, space)
  )
    return `What ${named(space)} gives is what its last step gave. Leave the last step out.`
  const moved = definition.nodes.filter((node) => all.has(node.id))
  const hidden = moved.find((node) => readsFrom(moved, [node]).some(({ root }) => root === 'item' || root === 'index'))
  if (kind === 'loop' && hidden !== undefined && turnsAround(hidden, byId))
    return `${named(hidden.id)} reads the entry that the loop around it is at, which a loop of its own would hide.`
  const [met] =
    kind === 'loop'
      ? []
      : tops.filter((node) => entries.filter((one) => upstream(definition.edges, node.id).has(one.id)).length > 1)
  return met === undefined ? null : `Two branches meet in ${named(met.id)}. What follows both stands behind the block.`
}
