import { edgeId, portOf, titleOf, type Definition } from '#schemas/automation/definition.ts'
import type { Difference } from '#schemas/automation/diff.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'

/** A connection that only one of two documents has, by the names of its steps, and of its way out where that is one of several. */
export type Rewired = { id: string; change: 'added' | 'removed'; from: string; by: string | undefined; to: string }

/** The connections that differ, by name. Those of a step that is new or gone go without saying. */
export function rewiredOf(differences: readonly Difference[], a: Definition, b: Definition): Rewired[] {
  const steps = new Set(
    differences.flatMap(({ of, id, change }) =>
      of === 'node' && (change === 'added' || change === 'removed') ? [id] : [],
    ),
  )
  return differences.flatMap(({ of, id, change }): Rewired[] => {
    if (of !== 'edge' || (change !== 'added' && change !== 'removed')) return []
    const document = change === 'added' ? b : a
    const edge = document.edges.find((one) => edgeId(one) === id)
    if (edge === undefined || steps.has(edge.from) || steps.has(edge.to)) return []
    const nodeOf = (name: string) => document.nodes.find((node) => node.id === name)
    const [from, to] = [nodeOf(edge.from), nodeOf(edge.to)]
    const ports = (from && kinds[from.kind]?.ports(from)) ?? []
    const by = ports.length > 1 ? (ports.find((port) => port.id === portOf(edge))?.title ?? portOf(edge)) : undefined
    return [{ id, change, by, from: from ? titleOf(from) : edge.from, to: to ? titleOf(to) : edge.to }]
  })
}
