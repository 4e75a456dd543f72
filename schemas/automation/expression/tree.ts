import type { ASTNode } from '@marcbachmann/cel-js'
import { isObject } from '../json.ts'

/** The calls that bind a name: what they are called with is evaluated for each item of what they are called on. */
export const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

export const isNode = (value: unknown): value is ASTNode => isObject(value) && typeof value['op'] === 'string'

/** The nodes right below one. */
export const below = (args: unknown): ASTNode[] => {
  if (isNode(args)) return [args]
  return Array.isArray(args) ? args.flatMap(below) : []
}

export type MethodCall = { method: string; receiver: ASTNode; parameters: ASTNode[] }

/** A call on something, or null for any other node. */
export const methodCall = (node: ASTNode): MethodCall | null => {
  const args = node.args as unknown
  if (node.op !== 'rcall' || !Array.isArray(args)) return null
  const [method, receiver, parameters] = args as [string, ASTNode, ASTNode[]]
  return { method, receiver, parameters }
}

/** The name that a call binds, or null for a call that binds none. */
export const boundBy = ({ method, parameters }: MethodCall): string | null => {
  const [first] = parameters
  return macros.has(method) && first?.op === 'id' ? first.args : null
}

/** `steps.read.lead` and `steps["read"]` as a path; null for all that is no plain name. */
export const pathOf = (node: ASTNode): string[] | null => {
  const args = node.args as unknown
  if (node.op === 'id') return [String(args)]
  if ((node.op === '.' || node.op === '[]') && Array.isArray(args)) {
    const [of, field] = args as [ASTNode, unknown]
    const above = pathOf(of)
    if (above === null) return null
    if (typeof field === 'string') return [...above, field]
    const literal: unknown = isNode(field) && field.op === 'value' ? field.args : undefined
    if (typeof literal === 'string') return [...above, literal]
  }
  return null
}
