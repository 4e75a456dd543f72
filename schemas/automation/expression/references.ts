import type { ASTNode } from '@marcbachmann/cel-js'
import { parse } from '../expression.ts'
import { below, boundBy, methodCall, pathOf } from './tree.ts'

/** A name an expression reads: its root and the fields below it as far as they are written out. */
export type Reference = { path: string[]; start: number; end: number; guarded: boolean }

/** Every name that an expression reads from its scope; `guarded` where it only asks whether it is there. */
export const references = (expression: string): Reference[] => referencesIn(parse(expression))

export function referencesIn(tree: ASTNode): Reference[] {
  const found: Reference[] = []
  walk(tree, new Set(), false, found)
  return found
}

const walk = (node: ASTNode, bound: ReadonlySet<string>, guarded: boolean, found: Reference[]): void => {
  const path = pathOf(node)
  if (path !== null) {
    if (!bound.has(path[0] as string)) found.push({ path, start: node.start, end: node.end, guarded })
    return
  }
  const called = methodCall(node)
  if (called !== null) {
    walk(called.receiver, bound, guarded, found)
    const name = boundBy(called)
    const inner = name === null ? bound : new Set([...bound, name])
    for (const one of called.parameters.slice(name === null ? 0 : 1))
      walk(one, inner, guarded || called.method === 'orValue', found)
    return
  }
  const args = node.args as unknown
  if (node.op === 'call' && Array.isArray(args)) {
    const [name, parameters] = args as [string, ASTNode[]]
    for (const one of parameters) walk(one, bound, guarded || name === 'has', found)
    return
  }
  for (const one of below(args)) walk(one, bound, guarded || node.op === '.?' || node.op === '[?]', found)
}
