import type { Node } from '#schemas/automation/definition.ts'
import { canGoOn, type Kind } from '#schemas/automation/kind.ts'

/** What the form of a node offers for when things go wrong: what its kind heeds, and what is set though it does not. */
export const policiesOf = (
  kind: Kind,
  node: Node,
): { retry: boolean; cache: boolean; goOn: boolean; undo: boolean } => ({
  retry: kind.can?.retry === true || node.retry !== undefined,
  cache: kind.can?.cache === true || node.cache !== undefined,
  goOn: canGoOn(kind, node) || node.continueOnError === true,
  undo: !kind.pure,
})
