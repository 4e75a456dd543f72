import {
  edgeId,
  portOf,
  titleOf,
  type Definition,
  type Edge,
  type JsonSchema,
  type Node,
  type Value,
} from '#schemas/automation/definition.ts'
import type { Change } from '#schemas/automation/problem.ts'
import { cutOut, type Cut } from './cut.ts'
import { handedIn } from './handed.ts'
import { withoutMembers } from './part.ts'
import { isRead, readsOf, readsOfDocument, rewriteInside } from './reads.ts'
import { freshId, rewriteNodes, rewriteValue, type Rewrite } from './rename.ts'
import { boxesOf, measures, portsOf, snap } from './shape.ts'

/** A selection as an automation of its own, and what puts a call of it in its place. */
export type Subflow = { definition: Definition; replace: (handle: string) => { changes: Change[]; id: string } }

const named = (node: Node | undefined): string => `“${node === undefined ? 'a step' : titleOf(node)}”`

/** Why these steps do the same only where they stand; null where they do it anywhere. */
function rooted(definition: Definition, { all, sure, space, tails }: Cut): string | null {
  const moved = definition.nodes.filter((node) => all.has(node.id))
  const of = (kind: string) => moved.find((node) => node.kind === kind)
  if (of('set') !== undefined) return 'Steps that set variables stay where the variables are.'
  if (of('end') !== undefined) return `${named(of('end'))} ends this automation, so it stays.`
  if (of('compensate') !== undefined)
    return `${named(of('compensate'))} takes back steps of this automation, so it stays.`
  const undone = moved.find((node) => node.undo !== undefined)
  if (undone !== undefined)
    return `${named(undone)} is undone when a later step fails, which an automation of its own does not hear of. It stays.`
  const outside = definition.nodes.filter((node) => !all.has(node.id))
  const inner = new Map(moved.map((node) => [node.id, node]))
  for (const { root, name, asked } of [...readsOf(outside), ...readsOfDocument(definition)]) {
    if (root === 'errors' && inner.has(name ?? ''))
      return `How ${named(inner.get(name ?? ''))} failed is read elsewhere. Choose what reads it too.`
    if (root === 'steps' && name === undefined) return 'An expression elsewhere reads all steps at once.'
    if (root === 'steps' && inner.has(name ?? '') && (asked || !sure.has(name ?? '')))
      return `What ${named(inner.get(name ?? ''))} gave is read elsewhere, and it does not always run. Choose what reads it too.`
  }
  const readsVariables = readsOf(moved).some(({ root }) => root === 'vars')
  const setter = outside.find((node) => node.kind === 'set')
  if (readsVariables && setter !== undefined && !isApart(definition, all, setter))
    return `${named(setter)} may set a variable while these steps run, and they read variables. Choose steps that do not.`
  const block = outside.find((node) => node.id === space)
  const ends = block !== undefined && tails.size > 0 && block.with?.['collect'] === undefined
  if (ends && isRead(definition, block.id) && resultOf(definition, block, { all, sure, tails }) === undefined)
    return `What ${named(block)} gives is what its last step gave. Leave the last step out.`
  return null
}

/** The one step among these that says what each turn of a loop gives, where it is always the same. */
function resultOf(
  definition: Definition,
  block: Node,
  { all, sure, tails }: Pick<Cut, 'all' | 'sure' | 'tails'>,
): string | undefined {
  const [last, ...more] = tails
  if (last === undefined || more.length > 0 || !sure.has(last) || block.kind !== 'loop') return undefined
  const open = definition.nodes.some(
    (node) =>
      node.within === block.id &&
      node.kind !== 'note' &&
      !all.has(node.id) &&
      portsOf(node).some(
        (port) => !port.body && !definition.edges.some((edge) => edge.from === node.id && portOf(edge) === port.id),
      ),
  )
  return open ? undefined : last
}

/** Whether a step surely runs before these begin or after they are through. */
function isApart({ nodes, edges }: Definition, all: ReadonlySet<string>, step: Node): boolean {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const holders = (node: Node | undefined): Node[] =>
    node === undefined ? [] : [node, ...holders(byId.get(node.within ?? ''))]
  const one = nodes.find((node) => all.has(node.id) && !all.has(node.within ?? ''))
  const mine = holders(one)
  for (const theirs of holders(step))
    for (const node of mine)
      if (node.within === theirs.within && node !== theirs) {
        const reach = (from: string, to: string): boolean => {
          const seen = new Set([from])
          for (const id of seen) for (const edge of edges) if (edge.from === id) seen.add(edge.to)
          return seen.has(to)
        }
        return reach(theirs.id, node.id) || reach(node.id, theirs.id)
      }
  return false
}

/** Makes an automation of the chosen steps; a sentence where that would do something else, or cannot be. */
export function asSubflow(definition: Definition, ids: readonly string[], name: string): Subflow | { refused: string } {
  const cut = cutOut(definition, ids)
  if ('refused' in cut) return cut
  const refused = rooted(definition, cut)
  if (refused !== null) return { refused }
  const { space, tops, all, entries, into, out } = cut
  const moved = definition.nodes.filter((node) => all.has(node.id))
  const given = handedIn(definition, moved, all)
  if ('refused' in given) return given
  const inner = new Map(moved.map((node) => [node.id, node]))
  const boxes = boxesOf(definition)
  const corner = {
    x: Math.min(...tops.map((node) => boxes.get(node.id)?.x ?? 0)),
    y: Math.min(...tops.map((node) => boxes.get(node.id)?.y ?? 0)),
  }
  const lowest = Math.max(...tops.map((node) => (boxes.get(node.id)?.y ?? 0) + (boxes.get(node.id)?.height ?? 0)))
  const below = measures.head + measures.gap.y
  const nodes = moved.map((node): Node => {
    const { within, ...rest } = rewriteInside(node, inner, given.rewrite)
    if (within !== undefined && all.has(within)) return { ...rest, within }
    const at = node.at ?? corner
    return { ...rest, at: { x: at.x - corner.x, y: at.y - corner.y + below } }
  })
  const taken = new Set(all)
  const start = freshId(taken, 'start')
  const end = freshId(taken, 'end')
  const edges = definition.edges.filter((edge) => all.has(edge.from) && all.has(edge.to))
  const leaves = tops.flatMap((node): Edge[] =>
    portsOf(node)
      .filter((port) => !port.body && !edges.some((edge) => edge.from === node.id && portOf(edge) === port.id))
      .map((port) => (port.id === 'out' ? { from: node.id, to: end } : { from: node.id, port: port.id, to: end })),
  )
  const outside = definition.nodes.filter((node) => !all.has(node.id))
  const asked = new Set<string>()
  const calls =
    (id: string): Rewrite =>
    (root, inner) => {
      if (root !== 'steps' || inner === undefined || !all.has(inner)) return null
      asked.add(inner)
      return `steps.${id}.output.${inner}`
    }
  // once to learn what is asked for; the name of the call is not known yet
  rewriteNodes(outside, calls('it'))
  rewriteValue(definition.output, calls('it'))
  const block = outside.find((node) => node.id === space)
  const result =
    block?.with?.['collect'] === undefined && block !== undefined && isRead(definition, block.id)
      ? resultOf(definition, block, cut)
      : undefined
  if (result !== undefined) asked.add(result)
  const output: Record<string, Value> = Object.fromEntries([...asked].map((id) => [id, { cel: `steps.${id}` }]))
  const properties: Record<string, JsonSchema> = Object.fromEntries(given.names.map(({ name }) => [name, {}]))
  const groups = (definition.groups ?? []).filter((group) => group.nodes.every((id) => all.has(id)))

  const replace = (handle: string): { changes: Change[]; id: string } => {
    const id = freshId(new Set(outside.map((node) => node.id)), name)
    const node: Node = {
      id,
      kind: 'subflow',
      title: name,
      with: {
        automation: handle,
        input: Object.fromEntries(given.names.map((one) => [one.name, { cel: one.cel }])),
      },
      ...(space === undefined ? {} : { within: space }),
      at: snap(corner),
    }
    const shown = definition.output === undefined ? undefined : rewriteValue(definition.output, calls(id))
    const changes: Change[] = [
      ...rewriteNodes(outside, calls(id)),
      ...(shown === definition.output ? [] : [{ do: 'set' as const, node: null, path: '/output', value: shown }]),
      ...(result === undefined || block === undefined
        ? []
        : [
            {
              do: 'set' as const,
              node: block.id,
              path: '/with/collect',
              value: { cel: `steps.${id}.output.${result}` },
            },
          ]),
      ...withoutMembers(definition, all),
      ...[...all].map((one) => ({ do: 'remove_node' as const, node: one })),
      { do: 'add_node', node },
      ...unique(into.map((edge) => ({ ...edge, to: id }))),
      ...unique(out.map((edge) => ({ from: id, to: edge.to }))),
    ]
    return { changes, id }
  }
  return {
    definition: {
      format: definition.format,
      name,
      ...(given.names.length === 0 ? {} : { input: { type: 'object', properties } }),
      ...(asked.size === 0 ? {} : { output }),
      nodes: [
        { id: start, kind: 'start', at: { x: 0, y: 0 } },
        ...nodes,
        { id: end, kind: 'end', at: { x: 0, y: lowest - corner.y + below + measures.gap.y } },
      ],
      edges: [...entries.map((node) => ({ from: start, to: node.id })), ...edges, ...leaves],
      ...(groups.length === 0 ? {} : { groups }),
    },
    replace,
  }
}

const unique = (edges: readonly Edge[]): Change[] =>
  [...new Map(edges.map((edge) => [edgeId(edge), edge])).values()].map((edge) => ({ do: 'add_edge', edge }))
