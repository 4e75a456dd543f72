import type { ASTNode } from '@marcbachmann/cel-js'
import { methodCall, pathOf } from '../automation/expression/tree.ts'
import type { Scene } from './scene.ts'
import { budgetStruct, plainVariables, structs, type Field, type Struct } from './variables.ts'

/**
 * Plain conditions without the expression language: comparing a name with what is written out, and these put together.
 * They say the same as it does, at a tenth of the time. What is not plain is left to it.
 */
export type Test = (scene: Scene) => boolean

/**
 * `total` conditions always come to yes or no. The others come to no where the request does not say something, for which
 * the expression language fails; where nothing turns the no around, the outcome is the same.
 */
type Plain = { test: Test; total: boolean }

/** A name that is read: what it holds, and whether it may be absent. */
export type Reading = { path: string[]; type: string; optional: boolean; read: (scene: Scene) => unknown }

export const plainCondition = (node: ASTNode): Test | null => plain(node)?.test ?? null

/** The parts that all have to hold, in the order in which they are written. */
export const conjuncts = (node: ASTNode): ASTNode[] =>
  node.op === '&&' ? node.args.flatMap((one) => conjuncts(one)) : [node]

const plain = (node: ASTNode): Plain | null => {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'boolean' ? constant(node.args) : null
    case '&&':
    case '||':
      return joined(node.op, plain(node.args[0]), plain(node.args[1]))
    case '!_':
      return negated(plain(node.args))
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(node.op, node.args[0], node.args[1]) ?? comparison(turned[node.op], node.args[1], node.args[0])
    case 'in':
      return membership(node.args[0], node.args[1])
    case 'rcall':
      return called(node)
    default:
      return flag(node)
  }
}

const constant = (value: boolean): Plain => ({ test: () => value, total: true })

const joined = (op: '&&' | '||', left: Plain | null, right: Plain | null): Plain | null => {
  if (left === null || right === null) return null
  const total = left.total && right.total
  const [a, b] = [left.test, right.test]
  return op === '&&'
    ? { test: (scene) => a(scene) && b(scene), total }
    : { test: (scene) => a(scene) || b(scene), total }
}

const negated = (inner: Plain | null): Plain | null =>
  inner === null || !inner.total ? null : { test: (scene) => !inner.test(scene), total: true }

const flag = (node: ASTNode): Plain | null => {
  const found = reading(node)
  if (found?.type !== 'bool') return null
  return { test: (scene) => found.read(scene) === true, total: !found.optional }
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='
const turned: Record<Comparison, Comparison> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

const comparison = (op: Comparison, left: ASTNode, right: ASTNode): Plain | null => {
  const found = reading(left) ?? length(left)
  const said = literal(right)
  if (found === null || said === undefined) return null
  const total = !found.optional
  const { read } = found
  if (found.type === 'double' && typeof said !== 'string') {
    const number = Number(said)
    const compare = numbers[op]
    return { test: (scene) => compare(read(scene) as number | undefined, number), total }
  }
  if (found.type !== 'string' || typeof said !== 'string') return null
  if (op === '==') return { test: (scene) => read(scene) === said, total }
  const compare = texts[op]
  return { test: (scene) => compare(read(scene) as string | undefined, said), total }
}

const numbers: Record<Comparison, (a: number | undefined, b: number) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== undefined && a !== b,
  '<': (a, b) => a !== undefined && a < b,
  '<=': (a, b) => a !== undefined && a <= b,
  '>': (a, b) => a !== undefined && a > b,
  '>=': (a, b) => a !== undefined && a >= b,
}
const texts: Record<Exclude<Comparison, '=='>, (a: string | undefined, b: string) => boolean> = {
  '!=': (a, b) => a !== undefined && a !== b,
  '<': (a, b) => a !== undefined && a < b,
  '<=': (a, b) => a !== undefined && a <= b,
  '>': (a, b) => a !== undefined && a > b,
  '>=': (a, b) => a !== undefined && a >= b,
}

const membership = (one: ASTNode, list: ASTNode): Plain | null => {
  const among = literalTexts(list)
  const found = reading(one)
  if (among !== null && found?.type === 'string') {
    const set: ReadonlySet<unknown> = new Set(among)
    return { test: (scene) => set.has(found.read(scene)), total: !found.optional }
  }
  const [said, of] = [literal(one), reading(list)]
  if (typeof said !== 'string' || of?.type !== 'list<string>') return null
  return { test: (scene) => (of.read(scene) as readonly string[]).includes(said), total: true }
}

const searches = {
  contains: (text: string, part: string) => text.includes(part),
  startsWith: (text: string, part: string) => text.startsWith(part),
  endsWith: (text: string, part: string) => text.endsWith(part),
} as const

const called = (node: ASTNode): Plain | null => {
  const call = methodCall(node)
  if (call === null || !(call.method in searches)) return null
  const search = searches[call.method as keyof typeof searches]
  const found = reading(call.receiver)
  const [first, ...more] = call.parameters
  const part = first === undefined ? undefined : literal(first)
  if (found?.type !== 'string' || typeof part !== 'string' || more.length > 0) return null
  return {
    test: (scene) => {
      const text = found.read(scene) as string | undefined
      return text !== undefined && search(text, part)
    },
    total: !found.optional,
  }
}

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

/** `size(request.tools)` and `request.tools.size()`. */
const length = (node: ASTNode): Reading | null => {
  const of = sized(node)
  const found = of === null ? null : reading(of)
  if (found?.type !== 'list<string>') return null
  return { ...found, type: 'double', read: (scene) => (found.read(scene) as readonly string[]).length }
}

const sized = (node: ASTNode): ASTNode | null => {
  if (node.op === 'call') {
    const [name, parameters] = node.args
    return name === 'size' && parameters.length === 1 ? (parameters[0] ?? null) : null
  }
  const call = methodCall(node)
  return call?.method === 'size' && call.parameters.length === 0 ? call.receiver : null
}

/** A name that is read as it stands, with its type; null for anything else. */
export function reading(node: ASTNode): Reading | null {
  const path = pathOf(node)
  if (path === null) return null
  const [root = '', name, inner] = path
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

const at = (value: object, name: string): unknown => (value as Record<string, unknown>)[name]

const fieldOf = (struct: Struct | undefined, name: string): Field | undefined =>
  struct !== undefined && Object.hasOwn(struct.fields, name) ? struct.fields[name] : undefined

const header = (path: string[], name: string): Reading => ({
  path,
  type: 'string',
  optional: true,
  read: ({ headers }) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
})
