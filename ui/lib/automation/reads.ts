import type { Definition, Node } from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { rewriteNodes, rewriteValue, type Rewrite } from './rename.ts'

/** A name that expressions read: `steps.read`, or `steps` as a whole. */
export type Read = { root: string; name: string | undefined; asked: boolean }

const reader = (): { found: Read[]; look: Rewrite } => {
  const found: Read[] = []
  return { found, look: (root, name, asked) => (found.push({ root, name, asked }), null) }
}

/** What the expressions of nodes read. */
export const readsOf = (nodes: readonly Node[]): Read[] => {
  const { found, look } = reader()
  rewriteNodes(nodes, look)
  return found
}

/** What some of these nodes read that none of them gives: names of turns and forms of their own are left out. */
export const readsFrom = (all: readonly Node[], nodes: readonly Node[] = all): Read[] => {
  const { found, look } = reader()
  const byId = new Map(all.map((node) => [node.id, node]))
  for (const node of nodes) rewriteInside(node, byId, look)
  return found
}

/** What the expressions of the automation itself read: its result and its settings. */
export const readsOfDocument = ({ output, settings }: Definition): Read[] => {
  const { found, look } = reader()
  rewriteValue([output, settings], look)
  return found
}

/** Whether anything of the automation sees what a block gives, by its name or through the block around it. */
export function isRead(definition: Definition, id: string): boolean {
  const reads = [...readsOf(definition.nodes), ...readsOfDocument(definition)]
  const byId = new Map(definition.nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  for (let at = byId.get(id); at !== undefined && !seen.has(at.id); at = byId.get(at.within ?? '')) {
    seen.add(at.id)
    const { id: of } = at
    if (at.with?.['over'] === 'while') return true
    if (reads.some(({ root, name }) => root === 'steps' && (name === undefined || name === of))) return true
    if (byId.get(at.within ?? '')?.with?.['collect'] !== undefined) return false
  }
  return false
}

/**
 * The same node with other names in its expressions; not those that its own form gives, nor the entry of a loop around
 * it that is among `byId`.
 */
export function rewriteInside(node: Node, byId: ReadonlyMap<string, Node>, rewrite: Rewrite): Node {
  const turned = turnsAround(node, byId)
  const within =
    (own: Partial<Record<string, unknown>>): Rewrite =>
    (root, name, asked) =>
      Object.hasOwn(own, root) || (turned && (root === 'item' || root === 'index')) ? null : rewrite(root, name, asked)
  const names = kinds[node.kind]?.names ?? {}
  const { with: told, ...rest } = node
  const made = rewriteValue(rest, within({}))
  if (told === undefined) return made
  return {
    ...made,
    with: Object.fromEntries(
      Object.entries(told).map(([field, value]) => [field, rewriteValue(value, within(names[field] ?? {}))]),
    ),
  }
}

/** Whether one of the blocks around a node, of those given, repeats it. */
export const turnsAround = (node: Node, byId: ReadonlyMap<string, Node>): boolean => {
  for (let at = byId.get(node.within ?? ''); at !== undefined; at = byId.get(at.within ?? ''))
    if (kinds[at.kind]?.turns === true) return true
  return false
}
