import type { Node } from '#schemas/automation/definition.ts'
import { waysOf, type Port } from '#schemas/automation/kind.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import type { SeenNode } from '#ui/lib/automation/walked.ts'

const never = new Set(['start', 'end', 'note'])

/**
 * The ways by which a run may go on past a step: none to choose from where it has one. Nothing where it cannot be
 * skipped: it is through, or it is an approval that nobody was asked yet, or that others decide.
 */
export function skipsBy(
  node: Node,
  fared: Pick<SeenNode, 'state' | 'endedAt'> | undefined,
  mayDecide: boolean,
): Port[] | undefined {
  if (never.has(node.kind) || (fared !== undefined && (fared.endedAt !== null || fared.state === 'skipped')))
    return undefined
  if (node.kind === 'approval' && (fared === undefined || !mayDecide)) return undefined
  const kind = kinds[node.kind]
  const ways = kind === undefined ? [] : waysOf(kind, node)
  return ways.some(({ id }) => id === 'out') ? [] : ways
}
