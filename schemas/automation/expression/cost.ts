import type { ASTNode } from '@marcbachmann/cel-js'
import { Failure } from '../failure.ts'
import { isObject } from '../json.ts'
import { below, boundBy, methodCall, pathOf } from './tree.ts'

/**
 * How often the inside of an expression may be evaluated. An expression is evaluated within one workflow task, which
 * has to answer within seconds, and nothing ends it half-way.
 */
export const mostRounds = 4_000_000

/** What refuses data over which this expression would go too often: lists gone through within lists multiply. */
export const endsInTime = (tree: ASTNode): ((names: object) => void) => {
  const deep = loopDepth(tree)
  if (deep < 2) return () => {}
  return (names) => {
    const items = itemsIn(names)
    if (items ** deep <= mostRounds) return
    throw new Failure(
      'expression_failed',
      `The expression goes through lists within lists, ${deep} deep, and the data holds ${items} items: that is more than ${mostRounds} rounds. Go through them in a loop or a code step.`,
    )
  }
}

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

/** Entries of all lists and objects in a value, those within others too. */
const itemsIn = (value: unknown): number => {
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  return inside.reduce<number>((sum, one) => sum + itemsIn(one), Array.isArray(value) ? value.length : 0)
}
