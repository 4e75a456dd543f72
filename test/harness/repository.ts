import { globSync, readFileSync } from 'node:fs'
import { dirname, extname, join, posix, resolve } from 'node:path'
import { parse as parseSvelte } from 'svelte/compiler'
import { parseSync } from 'vite'

export const root = resolve(import.meta.dirname, '../..')

/** What a build, a run or a tool leaves behind; `.gitignore` says the same. */
const notOurs = [
  /(^|\/)node_modules(\/|$)/,
  /(^|\/)\.git(\/|$)/,
  /^\.auterity/,
  /(^|\/)\.svelte-kit(\/|$)/,
  /^ui\/build(\/|$)/,
]
notOurs.push(/^test\/artefacts(\/|$)/, /^coverage(\/|$)/, /\.log$/, /^\.env$/, /^\.plan\.md$/)

/** Every file of the repository, as a path from its root with forward slashes. */
export const files: readonly string[] = globSync(['**/*', '**/.*', '**/.*/**'], {
  cwd: root,
  withFileTypes: true,
  exclude: (entry) => isForeign(pathOf(entry)),
})
  .filter((entry) => entry.isFile())
  .map(pathOf)
  .filter((path) => !isForeign(path))
  .sort()

function pathOf(entry: { parentPath: string; name: string }): string {
  return join(entry.parentPath, entry.name)
    .slice(root.length + 1)
    .replaceAll('\\', '/')
}

function isForeign(path: string): boolean {
  return notOurs.some((pattern) => pattern.test(path))
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

export const isTest = (path: string): boolean => /\.(test|e2e|bench)\.ts$/.test(path) || path.startsWith('test/')

/** A node of an ESTree; what its type does not have reads as undefined. */
export type Node = { type: string; start: number; end: number; [key: string]: unknown }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

/** All nodes below and with `node`. */
export function* walk(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const one of node) yield* walk(one)
  if (!isNode(node)) return
  yield node
  for (const value of Object.values(node)) if (typeof value === 'object') yield* walk(value)
}

const trees = new Map<string, Node[]>()

/** The syntax tree of a file: its program, or of a Svelte component both scripts and the markup. */
export function treeOf(path: string): Node[] {
  const known = trees.get(path)
  if (known !== undefined) return known
  const source = read(path)
  const tree = extname(path) === '.svelte' ? svelteTree(source) : scriptTree(path, source)
  trees.set(path, tree)
  return tree
}

const scriptTree = (path: string, source: string): Node[] => {
  const { program, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  return [program as unknown as Node]
}

const svelteTree = (source: string): Node[] => {
  const { instance, module, fragment } = parseSvelte(source, { modern: true })
  return [module?.content, instance?.content, fragment].filter((part) => part != null) as unknown as Node[]
}

export const scripts: readonly string[] = files.filter((path) =>
  ['.ts', '.mjs', '.js', '.svelte'].includes(extname(path)),
)

/** One import, export-from, `import()` or `import('…')` type; `target` is a path from the root, or a package's name. */
export type Edge = { from: string; target: string; isPath: boolean; typeOnly: boolean; relative: boolean }

const specifierOf = (node: Node): { name: string; typeOnly: boolean } | undefined => {
  const source = node['source'] as Node | null | undefined
  const name = source?.['value']
  if (typeof name !== 'string') return undefined
  switch (node.type) {
    case 'ImportDeclaration':
      return { name, typeOnly: node['importKind'] === 'type' || everyIsType(node, 'importKind') }
    case 'ExportNamedDeclaration':
      return { name, typeOnly: node['exportKind'] === 'type' || everyIsType(node, 'exportKind') }
    case 'ExportAllDeclaration':
      return { name, typeOnly: node['exportKind'] === 'type' }
    case 'ImportExpression':
      return { name, typeOnly: false }
    case 'TSImportType':
      return { name, typeOnly: true }
    default:
      return undefined
  }
}

const everyIsType = (node: Node, key: string): boolean => {
  const specifiers = node['specifiers'] as Node[]
  return specifiers.length > 0 && specifiers.every((specifier) => specifier[key] === 'type')
}

const packageOf = (name: string): string =>
  name.startsWith('node:') ? name : name.split('/', name.startsWith('@') ? 2 : 1).join('/')

const edges = new Map<string, Edge[]>()

/** Everything that a file names from elsewhere. */
export function edgesOf(from: string): readonly Edge[] {
  const known = edges.get(from) ?? readEdges(from)
  edges.set(from, known)
  return known
}

const readEdges = (from: string): Edge[] => {
  const found: Edge[] = []
  for (const tree of treeOf(from))
    for (const node of walk(tree)) {
      const specifier = specifierOf(node)
      if (specifier === undefined) continue
      const { name, typeOnly } = specifier
      const relative = name.startsWith('.')
      const isPath = relative || name.startsWith('#')
      const target = relative ? posix.join(dirname(from), name) : isPath ? name.slice(1) : packageOf(name)
      found.push({ from, target, isPath, typeOnly, relative })
    }
  return found
}
