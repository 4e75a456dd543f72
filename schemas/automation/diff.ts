import { edgeId, type Definition } from './definition.ts'
import { isObject, same } from './json.ts'
import { pointer } from './pointer.ts'

/** What a field held on either side; a side without a value did not have it. `path` is a JSON pointer. */
export type FieldDifference = { path: string; from?: unknown; to?: unknown }

/**
 * One thing that differs: a node or an edge by its id, anything else of the document by its JSON pointer (`setting`).
 * `moved` means that a node stands elsewhere on the canvas and is the same otherwise.
 */
export type Difference = {
  of: 'node' | 'edge' | 'setting'
  id: string
  change: 'added' | 'removed' | 'changed' | 'moved'
  fields: FieldDifference[]
}

/** What one has to look at to know how `b` differs from `a`; nothing where they mean the same. */
export function diff(a: Definition, b: Definition): Difference[] {
  const { nodes: aNodes, edges: aEdges, ...aRest } = a
  const { nodes: bNodes, edges: bEdges, ...bRest } = b
  return [
    ...entries(
      'node',
      byKey(aNodes, (node) => node.id),
      byKey(bNodes, (node) => node.id),
    ),
    ...entries('edge', byKey(aEdges, edgeId), byKey(bEdges, edgeId)),
    ...fields([], aRest, bRest).map(settingDifference),
  ]
}

/** Edges that leave by the main port are the same whether they say so or not, and so have one id. */
const byKey = <T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T> =>
  new Map(list.map((one) => [keyOf(one), one]))

const entries = <T>(of: 'node' | 'edge', a: Map<string, T>, b: Map<string, T>): Difference[] =>
  [...new Set([...a.keys(), ...b.keys()])].flatMap((id): Difference[] => {
    const [from, to] = [a.get(id), b.get(id)]
    if (from === undefined) return [{ of, id, change: 'added', fields: [] }]
    if (to === undefined) return [{ of, id, change: 'removed', fields: [] }]
    const found = of === 'edge' ? [] : fields([], from, to)
    if (found.length === 0) return []
    const change = found.every(({ path }) => path.startsWith('/at')) ? 'moved' : 'changed'
    return [{ of, id, change, fields: found }]
  })

const settingDifference = (field: FieldDifference): Difference => {
  const change = !('from' in field) ? 'added' : !('to' in field) ? 'removed' : 'changed'
  return { of: 'setting', id: field.path, change, fields: [field] }
}

/** Field by field as deep as both sides are objects; lists and expressions are one value. */
export const fields = (path: readonly string[], a: unknown, b: unknown): FieldDifference[] => {
  if (same(a, b)) return []
  if (isObject(a) && isObject(b) && !isExpression(a) && !isExpression(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => fields([...path, key], a[key], b[key]))
  return [{ path: pointer(path), ...(a === undefined ? {} : { from: a }), ...(b === undefined ? {} : { to: b }) }]
}

const isExpression = (value: Record<string, unknown>): boolean =>
  Object.keys(value).length === 1 && (typeof value['cel'] === 'string' || typeof value['text'] === 'string')
