import { basename } from 'node:path'
import { isTest, type Node, read, scripts, treeOf, walk } from './repository.ts'

/** Set by the operating system or by whoever calls us, not by the reader of .env.example. */
const notConfiguration = ['PATH', 'HOME', 'TMPDIR', 'XDG_CACHE_HOME', 'CI', 'NODE_ENV', 'DEBIAN_FRONTEND']

const isName = (name: unknown): name is string => typeof name === 'string' && /^[A-Z][A-Z0-9_]+$/.test(name)

const keysOf = (node: Node): unknown[] =>
  ((node['properties'] ?? []) as Node[]).map((property) => {
    const key = property['key'] as Node | undefined
    return key?.['name'] ?? key?.['value']
  })

/** The keys of `z.object({…})` and `.extend({…})`. */
const shapeKeys = (node: Node): unknown[] => {
  const callee = node['callee'] as Node | undefined
  const method = (callee?.['property'] as Node | undefined)?.['name']
  if (node.type !== 'CallExpression' || (method !== 'object' && method !== 'extend')) return []
  return (node['arguments'] as Node[]).flatMap(keysOf)
}

const isEnvironment = (node: Node | null | undefined): boolean =>
  node?.['name'] === 'env' ||
  (node?.type === 'MemberExpression' &&
    (node['object'] as Node)['name'] === 'process' &&
    (node['property'] as Node)['name'] === 'env')

/** `env.NAME`, `process.env['NAME']`, `const { NAME } = process.env`. */
const directReads = (node: Node): unknown[] => {
  if (node.type === 'MemberExpression' && isEnvironment(node['object'] as Node)) {
    const property = node['property'] as Node
    return [property['name'] ?? property['value']]
  }
  if (node.type === 'VariableDeclarator' && isEnvironment(node['init'] as Node | null))
    return keysOf(node['id'] as Node)
  return []
}

/** Every variable that a process reads: those of the configurations, and those read in passing. */
export function readVariables(): string[] {
  const found = new Set<unknown>()
  for (const path of scripts) {
    if (isTest(path) || path.endsWith('bootstrap.mjs')) continue
    const isConfig = basename(path) === 'config.ts'
    for (const node of walk(treeOf(path)))
      for (const name of [...(isConfig ? shapeKeys(node) : []), ...directReads(node)]) found.add(name)
  }
  return [...found]
    .filter(isName)
    .filter((name) => !notConfiguration.includes(name))
    .sort()
}

/** The variables of .env.example, each with the comment line above it. */
export function documentedVariables(): Map<string, string | undefined> {
  const lines = read('.env.example').split('\n')
  const found = new Map<string, string | undefined>()
  for (const [index, line] of lines.entries()) {
    const name = /^#?([A-Z][A-Z0-9_]+)=/.exec(line)?.[1]
    const above = lines[index - 1] ?? ''
    if (name !== undefined) found.set(name, above.startsWith('# ') ? above : undefined)
  }
  return found
}
