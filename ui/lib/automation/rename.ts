import type { Definition, Node, Value } from '#schemas/automation/definition.ts'
import { name as validName } from '#schemas/automation/definition.ts'
import { references } from '#schemas/automation/expression/references.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { isObject } from '#schemas/automation/json.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Change } from '#schemas/automation/problem.ts'
import { isCel, isText, textParts } from '#schemas/automation/value.ts'

/**
 * What a name in an expression becomes: the text to stand in place of its first two parts, or null to leave it. `asked`
 * where the expression only asks whether it is there.
 */
export type Rewrite = (root: string, name: string | undefined, asked: boolean) => string | null

/** An expression with names replaced; as it was where it cannot be read. */
export function rewriteExpression(expression: string, rewrite: Rewrite): string {
  let found
  try {
    found = references(expression)
  } catch (error) {
    if (error instanceof Failure) return expression
    throw error
  }
  let text = expression
  for (const { path, start, end, guarded } of found.toSorted((a, b) => b.start - a.start)) {
    const [root, name] = path
    const to = root === undefined ? null : rewrite(root, name, guarded && path.length <= 2)
    if (to === null || root === undefined) continue
    const source = text.slice(start, end)
    const head = name === undefined ? root.length : headLength(source, root, name)
    if (head !== undefined) text = text.slice(0, start) + to + text.slice(start + head)
  }
  return text
}

/** How much of `steps.read.lead` is `steps.read`, or of `steps["read"].lead`. */
const headLength = (source: string, root: string, name: string): number | undefined =>
  new RegExp(`^${root}\\s*(?:\\.\\s*\\??\\s*${name}\\b|\\[\\s*(["'])${name}\\1\\s*\\])`).exec(source)?.[0].length

/** The same for a field: expressions and templates in it at any depth. The same object where nothing is replaced. */
export function rewriteValue<T>(value: T, rewrite: Rewrite): T {
  const made = rewritten(value, rewrite)
  return made as T
}

const rewritten = (value: unknown, rewrite: Rewrite): unknown => {
  if (isCel(value)) {
    const cel = rewriteExpression(value.cel, rewrite)
    return cel === value.cel ? value : { cel }
  }
  if (isText(value)) {
    const text = rewriteText(value.text, rewrite)
    return text === value.text ? value : { text }
  }
  if (Array.isArray(value)) {
    const list = value.map((one) => rewritten(one, rewrite))
    return list.some((one, at) => one !== value[at]) ? list : value
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, one]) => [key, rewritten(one, rewrite)] as const)
  return entries.some(([key, one]) => one !== value[key]) ? Object.fromEntries(entries) : value
}

const rewriteText = (text: string, rewrite: Rewrite): string => {
  try {
    return textParts(text)
      .map((part) => ('literal' in part ? part.literal : `{{ ${rewriteExpression(part.cel, rewrite)} }}`))
      .join('')
  } catch (error) {
    if (error instanceof Failure) return text
    throw error
  }
}

/** The fields of a node that may hold expressions. */
const fields = ['with', 'timeout', 'cache', 'undo'] as const

/** What rewrites the expressions of these nodes. */
export const rewriteNodes = (nodes: readonly Node[], rewrite: Rewrite): Change[] =>
  nodes.flatMap((node) =>
    fields.flatMap((field) => {
      const value = rewriteValue(node[field], rewrite)
      return value === node[field] ? [] : [{ do: 'set' as const, node: node.id, path: `/${field}`, value }]
    }),
  )

/** Names by which expressions call a node: what it gave, how it failed, its turns. */
const byNode = new Set(['steps', 'errors', 'loops'])

/** Gives a node another id, in its edges, in groups, in what it holds, and in every expression. */
export function renameNode(definition: Definition, from: string, to: string): Change[] {
  if (from === to || !validName.test(to) || definition.nodes.some((node) => node.id === to)) return []
  const rewrite: Rewrite = (root, name) => (byNode.has(root) && name === from ? `${root}.${to}` : null)
  const changes: Change[] = rewriteNodes(definition.nodes, rewrite)
  for (const field of ['output', 'settings'] as const) {
    const value = rewriteValue(definition[field], rewrite)
    if (value !== definition[field]) changes.push({ do: 'set', node: null, path: `/${field}`, value })
  }
  for (const node of definition.nodes) changes.push(...renamedIn(node, from, to))
  for (const [at, group] of definition.groups?.entries() ?? [])
    if (group.nodes.includes(from))
      changes.push({
        do: 'set',
        node: null,
        path: `/groups/${at}/nodes`,
        value: group.nodes.map((id) => (id === from ? to : id)),
      })
  changes.push({
    do: 'set',
    node: null,
    path: '/edges',
    value: definition.edges.map((edge) => ({
      ...edge,
      from: edge.from === from ? to : edge.from,
      to: edge.to === from ? to : edge.to,
    })),
  })
  changes.push({ do: 'set', node: from, path: '/id', value: to })
  return changes
}

const renamedIn = (node: Node, from: string, to: string): Change[] => {
  const changes: Change[] = []
  if (node.within === from) changes.push({ do: 'set', node: node.id, path: '/within', value: to })
  const properties = kinds[node.kind]?.form.properties ?? {}
  for (const [field, schema] of Object.entries(properties)) {
    const value: Value | undefined = node.with?.[field]
    if (schema['x-show'] === 'nodes' && Array.isArray(value) && value.includes(from))
      changes.push({
        do: 'set',
        node: node.id,
        path: `/with/${field}`,
        value: value.map((id) => (id === from ? to : id)),
      })
  }
  return changes
}

/** An id that is not taken yet, like `wanted`. */
export function freshId(taken: ReadonlySet<string>, wanted: string): string {
  const words = wanted
    .normalize('NFKD')
    .replaceAll(/[^a-zA-Z0-9]+/g, ' ')
    .trim()
    .toLowerCase()
    .split(' ')
  const plain =
    words
      .join('_')
      .replace(/^[^a-z]+/, '')
      .slice(0, 56) || 'step'
  if (!taken.has(plain)) return plain
  const stem = plain.replace(/_?\d+$/, '')
  for (let n = 2; ; n++) if (!taken.has(`${stem}_${n}`)) return `${stem}_${n}`
}
