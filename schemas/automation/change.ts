import { edgeId, type Definition, type Edge, type Group, type Node } from './definition.ts'
import { isObject } from './json.ts'
import { pointer, prototypeKeys, segments } from './pointer.ts'
import type { Change } from './problem.ts'

export { merge, type Conflict, type Merged } from './merge.ts'

/**
 * The definition after a change; the one given stays as it was, and what the change does not touch is shared. A change of
 * what is not there (any more) changes nothing. With a node go its edges and its place in groups.
 */
export function apply(definition: Definition, change: Change): Definition {
  switch (change.do) {
    case 'add_node':
      return { ...definition, nodes: inserted(definition.nodes, change.node, change.at) }
    case 'add_edge':
      return { ...definition, edges: inserted(definition.edges, change.edge, change.at) }
    case 'remove_edge':
      return { ...definition, edges: definition.edges.filter((edge) => edgeId(edge) !== change.edge) }
    case 'remove_node':
      return withoutNode(definition, change.node)
  }
  return set(definition, change)
}

/** One change after the other. */
export const applyAll = (definition: Definition, changes: readonly Change[]): Definition =>
  changes.reduce(apply, definition)

/** What takes `change` back where it was made of `definition`: to be applied in order. */
export function invert(definition: Definition, change: Change): Change[] {
  switch (change.do) {
    case 'add_node':
      return restore(definition, ['nodes'])
    case 'add_edge':
      return restore(definition, ['edges'])
    case 'remove_edge':
      return definition.edges.flatMap((edge, at) =>
        edgeId(edge) === change.edge ? [{ do: 'add_edge' as const, edge, at }] : [],
      )
    case 'remove_node':
      return addedBack(definition, change.node)
  }
  return unset(definition, change)
}

const inserted = <T>(list: readonly T[], one: T, at = list.length): T[] => list.toSpliced(at, 0, one)

const touches = (edge: Edge, node: string): boolean => edge.from === node || edge.to === node

const withoutNode = (definition: Definition, id: string): Definition => ({
  ...definition,
  nodes: definition.nodes.filter((node) => node.id !== id),
  edges: definition.edges.filter((edge) => !touches(edge, id)),
  ...(definition.groups === undefined ? {} : { groups: definition.groups.map((group) => leave(group, id)) }),
})

const leave = (group: Group, id: string): Group =>
  group.nodes.includes(id) ? { ...group, nodes: group.nodes.filter((one) => one !== id) } : group

const addedBack = (definition: Definition, id: string): Change[] => {
  const { nodes, edges, groups } = definition
  const grouped = groups?.some((group) => group.nodes.includes(id)) === true
  return [
    ...nodes.flatMap((node, at) => (node.id === id ? [{ do: 'add_node' as const, node, at }] : [])),
    ...edges.flatMap((edge, at) => (touches(edge, id) ? [{ do: 'add_edge' as const, edge, at }] : [])),
    ...(grouped ? restore(definition, ['groups']) : []),
  ]
}

type Set = Extract<Change, { do: 'set' }>

const set = (definition: Definition, { node, path, value }: Set): Definition => {
  const parts = segments(path)
  if (parts.some((part) => prototypeKeys.has(part)) || (parts.length === 0 && value === undefined)) return definition
  if (node === null) return put(definition, parts, value) as Definition
  const at = definition.nodes.findIndex((one) => one.id === node)
  if (at === -1) return definition
  return { ...definition, nodes: definition.nodes.with(at, put(definition.nodes[at], parts, value) as Node) }
}

/** `whole` with `value` at that place; what is missing on the way there is made, what is no container is left. */
const put = (whole: unknown, parts: readonly string[], value: unknown): unknown => {
  const [key, ...rest] = parts
  if (key === undefined) return value
  if (Array.isArray(whole)) {
    const at = key === '-' ? whole.length : /^\d+$/.test(key) ? Number(key) : whole.length + 1
    if (at > whole.length) return whole
    if (rest.length === 0 && value === undefined) return whole.toSpliced(at, 1)
    return whole.toSpliced(at, 1, put(whole[at], rest, value))
  }
  if (whole !== undefined && !isObject(whole)) return whole
  const old = whole?.[key]
  if (value === undefined && old === undefined) return whole
  if (rest.length === 0 && value === undefined)
    return Object.fromEntries(Object.entries(whole ?? {}).filter(([name]) => name !== key))
  // a list that is to be added to and is not there yet begins here
  const below = old === undefined && rest[0] === '-' ? [] : old
  return { ...whole, [key]: put(below, rest, value) }
}

/** A value with another one at a JSON pointer in it; none takes away what is there. */
export const withAt = (whole: unknown, path: string, value: unknown): unknown => put(whole, segments(path), value)

/** Sets a part of the document, or of a node, to what it is now. */
const restore = (definition: Definition, parts: readonly string[], node: string | null = null): Change[] => {
  const holder = node === null ? definition : definition.nodes.find((one) => one.id === node)
  const value = valueAt(holder, parts)
  return [{ do: 'set', node, path: pointer(parts), ...(value === undefined ? {} : { value }) }]
}

export const valueAt = (whole: unknown, parts: readonly string[]): unknown =>
  parts.reduce<unknown>(
    (held, key) =>
      (isObject(held) || Array.isArray(held)) && Object.hasOwn(held, key)
        ? (held as Record<string, unknown>)[key]
        : undefined,
    whole,
  )

const unset = (definition: Definition, change: Set): Change[] => {
  const parts = segments(change.path)
  const { node } = change
  if (set(definition, change) === definition) return []
  const at = definition.nodes.findIndex((one) => one.id === node)
  const holder: unknown = node === null ? definition : definition.nodes[at]
  // a node that gets another id is found again by its place
  if (node !== null && (parts.length === 0 || parts[0] === 'id'))
    return restore(definition, ['nodes', String(at), ...parts])
  // lists are put back whole: what is taken from one could not be put back in its place
  const list = parts.findIndex((_part, n) => Array.isArray(valueAt(holder, parts.slice(0, n))))
  const missing = parts.findIndex((_part, n) => valueAt(holder, parts.slice(0, n + 1)) === undefined)
  const ends = [list, missing + 1, parts.length].filter((n, which) => (which === 0 ? n >= 0 : n > 0))
  return restore(definition, parts.slice(0, Math.min(...ends)), node)
}
