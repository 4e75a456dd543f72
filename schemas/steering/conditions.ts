import type { ASTNode } from '@marcbachmann/cel-js'
import { boundBy, methodCall, type MethodCall } from '../automation/expression/tree.ts'
import type { Unread } from './facts.ts'
import type { Scene } from './scene.ts'
import { literal, literalTexts, reading, type Reading } from './readings.ts'

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

/** What the loop around a condition calls its entry, if there is one. */
type Item = string | null

export const plainCondition = (node: ASTNode): Test | null => plain(node, null)?.test ?? null

/** The parts that all have to hold, in the order in which they are written. */
export const conjuncts = (node: ASTNode): ASTNode[] =>
  node.op === '&&' ? node.args.flatMap((one) => conjuncts(one)) : [node]

const plain = (node: ASTNode, item: Item): Plain | null => {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'boolean' ? constant(node.args) : null
    case '&&':
    case '||':
      return joined(node.op, plain(node.args[0], item), plain(node.args[1], item))
    case '!_':
      return negated(plain(node.args, item))
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return (
        comparison(node.op, node.args[0], node.args[1], item) ??
        comparison(turned[node.op], node.args[1], node.args[0], item)
      )
    case 'in':
      return membership(node.args[0], node.args[1], item)
    case 'rcall':
      return called(node, item)
    default:
      return flag(node, item)
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

const flag = (node: ASTNode, item: Item): Plain | null => {
  const found = reading(node, item)
  if (found?.type !== 'bool') return null
  return { test: (scene) => found.read(scene) === true, total: !found.optional }
}

/** Asks of the prompt unread first whether a condition may hold: most requests are small, and most rules are about large ones. */
const ifMay =
  (may: (unread: Unread) => boolean, test: Test): Test =>
  (scene) => {
    const { unread } = scene.facts
    return (unread === undefined || may(unread)) && test(scene)
  }

/** What an unread prompt says of how much there is at the most of what is read. */
const mostOf = ({ path: [root, name] }: Reading): 'most' | 'mostTurns' | null => {
  if (root !== 'prompt') return null
  if (name === 'turns') return 'mostTurns'
  return name === 'tokens' || name?.toLowerCase().endsWith('characters') === true ? 'most' : null
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='
const turned: Record<Comparison, Comparison> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

const comparison = (op: Comparison, left: ASTNode, right: ASTNode, item: Item): Plain | null => {
  const found = reading(left, item) ?? length(left, item)
  const said = literal(right)
  if (found === null || said === undefined) return null
  const total = !found.optional
  const { read } = found
  if (found.type === 'double' && typeof said !== 'string') {
    const number = Number(said)
    const compare = numbers[op]
    const test: Test = (scene) => compare(read(scene) as number | undefined, number)
    const most = op === '>' || op === '>=' ? mostOf(found) : null
    return { test: most === null ? test : ifMay((unread) => compare(unread[most], number), test), total }
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

const membership = (one: ASTNode, list: ASTNode, item: Item): Plain | null => {
  const among = literalTexts(list)
  const found = reading(one, item)
  if (among !== null && found?.type === 'string') {
    const set: ReadonlySet<unknown> = new Set(among)
    return { test: (scene) => set.has(found.read(scene)), total: !found.optional }
  }
  const [said, of] = [literal(one), reading(list, item)]
  if (typeof said !== 'string' || of?.type !== 'list<string>') return null
  return { test: (scene) => (of.read(scene) as readonly string[]).includes(said), total: true }
}

const searches = {
  contains: (text: string, part: string) => text.includes(part),
  startsWith: (text: string, part: string) => text.startsWith(part),
  endsWith: (text: string, part: string) => text.endsWith(part),
} as const

const called = (node: ASTNode, item: Item): Plain | null => {
  const call = methodCall(node)
  if (call === null) return null
  if (call.method === 'exists' || call.method === 'all') return looped(call, item)
  if (!Object.hasOwn(searches, call.method)) return null
  const search = searches[call.method as keyof typeof searches]
  const found = reading(call.receiver, item)
  const [first, ...more] = call.parameters
  const part = first === undefined ? undefined : literal(first)
  if (found?.type !== 'string' || typeof part !== 'string' || more.length > 0) return null
  const test: Test = (scene) => {
    const text = found.read(scene) as string | undefined
    return text !== undefined && search(text, part)
  }
  const isSaid = found.path[0] === 'prompt' && (found.path[1] === 'text' || found.path[1] === 'last')
  return { test: isSaid ? ifMay((unread) => unread.mayHold(part), test) : test, total: !found.optional }
}

/** `tags.exists(t, …)` and `tags.all(t, …)`; there are no loops within loops. */
const looped = (call: MethodCall, outer: Item): Plain | null => {
  const [, body, ...more] = call.parameters
  const item = boundBy(call)
  const list = reading(call.receiver)
  if (outer !== null || item === null || body === undefined || more.length > 0) return null
  const inner = list?.type === 'list<string>' ? plain(body, item) : null
  if (list === null || inner === null) return null
  const until = call.method === 'exists'
  return {
    test: (scene) => {
      for (const one of list.read(scene) as readonly string[]) {
        scene.item = one
        if (inner.test(scene) === until) return until
      }
      return !until
    },
    total: inner.total,
  }
}

/** `size(request.tools)` and `request.tools.size()`. */
const length = (node: ASTNode, item: Item): Reading | null => {
  const of = sized(node)
  const found = of === null ? null : reading(of, item)
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
