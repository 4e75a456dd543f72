import type { ASTNode } from '@marcbachmann/cel-js'
import { methodCall, pathOf } from '../automation/expression/tree.ts'
import type { Scene } from './scene.ts'
import { budgetStruct, plainVariables, structs, type Field, type Struct } from './variables.ts'

/** A name that is read: what it holds, and whether it may be absent. */
export type Reading = { path: string[]; type: string; optional: boolean; read: (scene: Scene) => unknown }

/** A name that is read as it stands, with its type; null for anything else. `item` is what a loop calls its entry. */
export function reading(node: ASTNode, item: string | null = null): Reading | null {
  const path = pathOf(node)
  if (path === null) return zoned(node)
  const [root = '', name, inner] = path
  if (root === item)
    return path.length > 1 ? null : { path, type: 'string', optional: false, read: (scene) => scene.item }
  if (path.length === 1) {
    if (root !== 'tags') return null
    return { path, type: plainVariables.tags.type, optional: false, read: (scene) => scene.tags }
  }
  if (name === undefined || path.length > 3) return null
  if (root === 'headers') return inner === undefined ? header(path, name) : null
  const field = fieldOf((structs as Record<string, Struct>)[root], name)
  if (field === undefined) return null
  const of = root as keyof typeof structs
  if (inner === undefined) {
    if (field.type === 'Budget') return null
    return { path, type: field.type, optional: field.optional === true, read: (scene) => at(scene[of], name) }
  }
  const below = field.type === 'Budget' ? fieldOf(budgetStruct, inner) : undefined
  if (below === undefined) return null
  return { path, type: below.type, optional: false, read: (scene) => at(at(scene[of], name) as object, inner) }
}

/** `now.zoned("Europe/Berlin").hour`. */
const zoned = (node: ASTNode): Reading | null => {
  if (node.op !== '.') return null
  const [of, name] = node.args
  const call = methodCall(of)
  const [parameter, ...more] = call?.parameters ?? []
  const field = fieldOf(structs.now, name)
  if (call?.method !== 'zoned' || field === undefined || parameter === undefined || more.length > 0) return null
  const zone = literal(parameter)
  if (pathOf(call.receiver)?.join('.') !== 'now' || typeof zone !== 'string') return null
  return {
    path: ['now', zone, name],
    type: field.type,
    optional: false,
    read: (scene) => at(scene.clockIn(zone), name),
  }
}

const at = (value: object, name: string): unknown => (value as Record<string, unknown>)[name]

const fieldOf = (struct: Struct | undefined, name: string): Field | undefined =>
  struct !== undefined && Object.hasOwn(struct.fields, name) ? struct.fields[name] : undefined

const header = (path: string[], name: string): Reading => ({
  path,
  type: 'string',
  optional: true,
  read: ({ headers }) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
})

export const literal = (node: ASTNode): string | number | bigint | undefined => {
  const value: unknown = node.op === 'value' ? node.args : undefined
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}

/** A list of texts that is written out, or null. */
export const literalTexts = (node: ASTNode): string[] | null => {
  if (node.op !== 'list') return null
  const said = node.args.map(literal)
  return said.every((one) => typeof one === 'string') ? said : null
}
