import type { ASTNode } from '@marcbachmann/cel-js'
import { below, boundBy, methodCall, pathOf } from './tree.ts'

/** How many lists an expression goes through within one another, at most. */
export const loopDepth = (tree: ASTNode): number => depthOf(tree, new Set())

/**
 * How many lists are gone through within one another. What lies inside an item of the outer list is gone through once
 * altogether, so it does not count again.
 */
const depthOf = (node: ASTNode, bound: ReadonlySet<string>): number => {
  const called = methodCall(node)
  const name = called === null ? null : boundBy(called)
  if (called === null || name === null) return Math.max(0, ...below(node.args).map((one) => depthOf(one, bound)))
  const inner = new Set([...bound, name])
  const inside = Math.max(...called.parameters.slice(1).map((one) => depthOf(one, inner)))
  const ofAnItem = bound.has(pathOf(called.receiver)?.[0] ?? '')
  return Math.max(depthOf(called.receiver, bound), inside + (ofAnItem ? 0 : 1))
}
