import type { Definition } from '#schemas/automation/definition.ts'
import { after, outermost } from '#schemas/automation/reach.ts'
import type { CanvasNode } from '#schemas/runs.ts'

/** Where a run that is run again from a node begins, and the nodes whose outputs are taken over. */
export function takenOver(
  definition: Definition,
  nodes: readonly CanvasNode[],
  from: string,
): { begins: string; taken: string[] } {
  const begins = outermost(definition, from)?.id ?? from
  const anew = after(definition, begins)
  const settled = new Set(nodes.filter((one) => one.iteration === '0' && one.ports.length > 0).map((one) => one.node))
  const taken = definition.nodes.filter(
    (node) => node.within === undefined && node.kind !== 'start' && settled.has(node.id) && !anew.has(node.id),
  )
  return { begins, taken: taken.map((node) => node.id) }
}

/** Where a run failed: the node outside of loops around the last one that failed for good. */
export function failedNode(definition: Definition, nodes: readonly CanvasNode[]): string | undefined {
  const failed = nodes.findLast((one) => one.state === 'failed' && one.ports.length === 0)
  return failed === undefined ? undefined : outermost(definition, failed.node)?.id
}
