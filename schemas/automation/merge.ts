import { edgeId, type Definition, type Edge } from './definition.ts'
import { isObject, same } from './json.ts'
import { pointer } from './pointer.ts'

/**
 * The same field, edited on both sides. `path` is a JSON pointer into the node, or into the document where there is none;
 * an empty one of a node is the node itself, removed on the side that has no value.
 */
export type Conflict = { node: string | null; path: string; base?: unknown; mine?: unknown; theirs?: unknown }

export type Merged = { definition: Definition; conflicts: Conflict[] }

/**
 * What two people made of the same draft, put together node by node and field by field. Where both edited the same field
 * it holds what `theirs` says (that is saved already) and the conflict keeps what `mine` said; a node that one removed and
 * the other edited stays.
 */
export function merge(base: Definition, mine: Definition, theirs: Definition): Merged {
  const conflicts: Conflict[] = []
  const definition = both({ node: null, path: [], conflicts }, base, mine, theirs) as Definition
  return { definition: withEdgesOfKept(definition, conflicts, { base, mine, theirs }), conflicts }
}

type Place = { node: string | null; path: readonly string[]; conflicts: Conflict[] }

/** Lists whose entries are told apart by a name of their own; all others are one field. */
const keyed: Record<string, (one: never) => string> = {
  '/nodes': (one: { id: string }) => one.id,
  '/edges': (one: Edge) => edgeId(one),
  '/variables': (one: { name: string }) => one.name,
  '/groups': (one: { id: string }) => one.id,
}

const both = (place: Place, base: unknown, mine: unknown, theirs: unknown): unknown => {
  if (same(base, theirs)) return mine
  if (same(base, mine) || same(mine, theirs)) return theirs
  const keyOf = place.node === null ? keyed[pointer(place.path)] : undefined
  if (keyOf !== undefined && Array.isArray(mine) && Array.isArray(theirs))
    return lists(place, keyOf as (one: unknown) => string, Array.isArray(base) ? base : [], mine, theirs)
  if (isObject(mine) && isObject(theirs) && !isExpression(mine) && !isExpression(theirs))
    return objects(place, isObject(base) && !isExpression(base) ? base : {}, mine, theirs)
  place.conflicts.push({
    node: place.node,
    path: pointer(place.path),
    ...Object.fromEntries(Object.entries({ base, mine, theirs }).filter(([, value]) => value !== undefined)),
  })
  // what one removed and the other edited stays, as edited
  return theirs ?? mine
}

const isExpression = (value: Record<string, unknown>): boolean =>
  Object.keys(value).length === 1 && (typeof value['cel'] === 'string' || typeof value['text'] === 'string')

const objects = (
  place: Place,
  base: Record<string, unknown>,
  mine: Record<string, unknown>,
  theirs: Record<string, unknown>,
): Record<string, unknown> =>
  Object.fromEntries(
    [...new Set([...Object.keys(theirs), ...Object.keys(mine)])].flatMap((key) => {
      const merged = both({ ...place, path: [...place.path, key] }, base[key], mine[key], theirs[key])
      return merged === undefined ? [] : [[key, merged]]
    }),
  )

/** In the order of theirs, behind them what only mine has. */
const lists = (
  place: Place,
  keyOf: (one: unknown) => string,
  base: readonly unknown[],
  mine: readonly unknown[],
  theirs: readonly unknown[],
): unknown[] => {
  const [from, my, their] = [base, mine, theirs].map((list) => new Map(list.map((one) => [keyOf(one), one])))
  const ofNodes = pointer(place.path) === '/nodes'
  return [...new Set([...(their?.keys() ?? []), ...(my?.keys() ?? [])])].flatMap((key) => {
    const inside = ofNodes ? { ...place, node: key, path: [] } : { ...place, path: [...place.path, key] }
    const merged = both(inside, from?.get(key), my?.get(key), their?.get(key))
    return merged === undefined ? [] : [merged]
  })
}

/**
 * A node that stays although one side removed it keeps the edges that the other side still has; what the remover drew in
 * its place, past it, goes.
 */
const withEdgesOfKept = (
  definition: Definition,
  conflicts: readonly Conflict[],
  { base, mine, theirs }: { base: Definition; mine: Definition; theirs: Definition },
): Definition => {
  const kept = conflicts.filter((one) => one.path === '' && one.node !== null)
  if (kept.length === 0) return definition
  const there = new Set(definition.nodes.map((node) => node.id))
  const edges = new Map(definition.edges.map((edge) => [edgeId(edge), edge]))
  for (const { node, mine: edited } of kept) {
    const [remover, editor] = edited === undefined ? [mine, theirs] : [theirs, mine]
    for (const edge of pastNode(node, base, remover)) edges.delete(edgeId(edge))
    for (const edge of editor.edges)
      if ((edge.from === node || edge.to === node) && there.has(edge.from) && there.has(edge.to))
        edges.set(edgeId(edge), edges.get(edgeId(edge)) ?? edge)
  }
  return { ...definition, edges: [...edges.values()] }
}

/** The edges that somebody who removed a node drew from what led to it to what it led to. */
const pastNode = (node: string | null, base: Definition, remover: Definition): Edge[] => {
  const before = new Set(base.edges.map(edgeId))
  const into = base.edges.filter(({ to }) => to === node)
  const after = new Set(base.edges.filter(({ from }) => from === node).map(({ to }) => to))
  return remover.edges.filter(
    (edge) =>
      !before.has(edgeId(edge)) &&
      after.has(edge.to) &&
      into.some(({ from, port }) => from === edge.from && port === edge.port),
  )
}
