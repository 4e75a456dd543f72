import {
  edgeId,
  portOf,
  type Definition,
  type Edge,
  type JsonSchema,
  type Node,
  type Value,
} from '#schemas/automation/definition.ts'
import type { Change } from '#schemas/automation/problem.ts'
import { withHeld } from './part.ts'
import { freshId, rewriteNodes, rewriteValue, type Rewrite } from './rename.ts'
import { boxesOf, measures, portsOf, snap } from './shape.ts'

/** A selection as an automation of its own, and what puts a call of it in its place. */
export type Subflow = { definition: Definition; replace: (handle: string) => { changes: Change[]; id: string } }

/** Names that an expression takes from around the selection, as fields of the input of what it becomes. */
const parameters = (inside: ReadonlySet<string>) => {
  const given = new Map<string, { name: string; cel: string }>()
  const taken = new Set<string>()
  const parameter = (cel: string, wanted: string): string => {
    const known = given.get(cel)
    if (known !== undefined) return known.name
    const name = freshId(taken, wanted)
    taken.add(name)
    given.set(cel, { name, cel })
    return name
  }
  const rewrite: Rewrite = (root, name) => {
    if (root === 'steps' || root === 'errors' || root === 'loops') {
      if (name === undefined || inside.has(name)) return null
      return `input.${parameter(`${root}.${name}`, name)}`
    }
    if (root === 'vars' || root === 'input') {
      if (name === undefined) return `input.${parameter(root, root === 'input' ? 'given' : 'vars')}`
      return `input.${parameter(`${root}.${name}`, name)}`
    }
    if (root === 'item' || root === 'index' || root === 'event')
      return `input.${parameter(root, root)}${name === undefined ? '' : `.${name}`}`
    return null
  }
  return { given, rewrite }
}

/** Makes an automation of the chosen steps; a sentence where that cannot be. */
export function asSubflow(definition: Definition, ids: readonly string[], name: string): Subflow | { refused: string } {
  const tops = definition.nodes.filter((node) => ids.includes(node.id))
  const space = tops[0]?.within
  if (tops.length === 0) return { refused: 'Choose the steps first.' }
  if (tops.some((node) => node.within !== space))
    return { refused: 'The steps have to stand in the same loop or block.' }
  if (tops.some((node) => node.kind === 'start')) return { refused: 'The start stays where it is.' }
  const all = withHeld(definition, ids)
  const moved = definition.nodes.filter((node) => all.has(node.id))
  if (moved.some((node) => node.kind === 'set'))
    return { refused: 'Steps that set variables stay where the variables are.' }
  const into = definition.edges.filter((edge) => !all.has(edge.from) && all.has(edge.to))
  const out = definition.edges.filter((edge) => all.has(edge.from) && !all.has(edge.to))
  const { given, rewrite } = parameters(all)
  const boxes = boxesOf(definition)
  const corner = {
    x: Math.min(...tops.map((node) => boxes.get(node.id)?.x ?? 0)),
    y: Math.min(...tops.map((node) => boxes.get(node.id)?.y ?? 0)),
  }
  const lowest = Math.max(...tops.map((node) => (boxes.get(node.id)?.y ?? 0) + (boxes.get(node.id)?.height ?? 0)))
  const below = measures.head + measures.gap.y
  const nodes = moved.map((node): Node => {
    const { within, ...rest } = rewriteValue(node, rewrite)
    if (within !== undefined && all.has(within)) return { ...rest, within }
    const at = node.at ?? corner
    return { ...rest, at: { x: at.x - corner.x, y: at.y - corner.y + below } }
  })
  const taken = new Set(all)
  const start = freshId(taken, 'start')
  const end = freshId(taken, 'end')
  const edges = definition.edges.filter((edge) => all.has(edge.from) && all.has(edge.to))
  const entries = tops.filter((node) => node.kind !== 'note' && !edges.some((edge) => edge.to === node.id))
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
  const output: Record<string, Value> = Object.fromEntries([...asked].map((id) => [id, { cel: `steps.${id}` }]))
  const properties: Record<string, JsonSchema> = Object.fromEntries([...given.values()].map((one) => [one.name, {}]))

  const replace = (handle: string): { changes: Change[]; id: string } => {
    const id = freshId(new Set(outside.map((node) => node.id)), name)
    const node: Node = {
      id,
      kind: 'subflow',
      title: name,
      with: {
        automation: handle,
        input: Object.fromEntries([...given.values()].map((one) => [one.name, { cel: one.cel }])),
      },
      ...(space === undefined ? {} : { within: space }),
      at: snap(corner),
    }
    const shown = definition.output === undefined ? undefined : rewriteValue(definition.output, calls(id))
    const changes: Change[] = [
      ...rewriteNodes(outside, calls(id)),
      ...(shown === definition.output ? [] : [{ do: 'set' as const, node: null, path: '/output', value: shown }]),
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
      ...(given.size === 0 ? {} : { input: { type: 'object', properties } }),
      ...(asked.size === 0 ? {} : { output }),
      nodes: [
        { id: start, kind: 'start', at: { x: 0, y: 0 } },
        ...nodes,
        { id: end, kind: 'end', at: { x: 0, y: lowest - corner.y + below + measures.gap.y } },
      ],
      edges: [...entries.map((node) => ({ from: start, to: node.id })), ...edges, ...leaves],
    },
    replace,
  }
}

const unique = (edges: readonly Edge[]): Change[] =>
  [...new Map(edges.map((edge) => [edgeId(edge), edge])).values()].map((edge) => ({ do: 'add_edge', edge }))
