import type { Definition, Edge, Node } from './definition.ts'
import { edgeId } from './definition.ts'
import { isObject } from './json.ts'
import type { Change } from './problem.ts'

/** The document after a change. What the change does not touch stays the same object; what it names in vain is left. */
export function apply(definition: Definition, change: Change): Definition {
  switch (change.do) {
    case 'add_node':
      return { ...definition, nodes: [...definition.nodes, change.node] }
    case 'remove_node':
      return removeNode(definition, change.node)
    case 'add_edge':
      return hasEdge(definition, change.edge)
        ? definition
        : { ...definition, edges: [...definition.edges, change.edge] }
    case 'remove_edge':
      return { ...definition, edges: definition.edges.filter((edge) => edgeId(edge) !== change.edge) }
    case 'set':
      return change.node === null
        ? (setAt(definition, pointer(change.path), change.value) as Definition)
        : {
            ...definition,
            nodes: definition.nodes.map((node) =>
              node.id === change.node ? (setAt(node, pointer(change.path), change.value) as Node) : node,
            ),
          }
  }
}

export const applyAll = (definition: Definition, changes: readonly Change[]): Definition =>
  changes.reduce(apply, definition)

const hasEdge = (definition: Definition, edge: Edge): boolean =>
  definition.edges.some((one) => edgeId(one) === edgeId(edge))

/** A node goes with its edges and its place in groups. */
const removeNode = (definition: Definition, id: string): Definition => ({
  ...definition,
  nodes: definition.nodes.filter((node) => node.id !== id),
  edges: definition.edges.filter((edge) => edge.from !== id && edge.to !== id),
  ...(definition.groups === undefined
    ? {}
    : {
        groups: definition.groups.flatMap((group) => {
          if (!group.nodes.includes(id)) return [group]
          const nodes = group.nodes.filter((node) => node !== id)
          return nodes.length === 0 ? [] : [{ ...group, nodes }]
        }),
      }),
})

/** The steps of a JSON pointer (RFC 6901). */
export const pointer = (path: string): string[] =>
  path === ''
    ? []
    : path
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

export const pointerTo = (...steps: (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** What stands at a JSON pointer. */
export const valueAt = (value: unknown, path: string): unknown =>
  pointer(path).reduce<unknown>(
    (at, step) => (Array.isArray(at) ? at[Number(step)] : isObject(at) ? at[step] : undefined),
    value,
  )

/** `undefined` takes away what stands there; `-` is behind the last of a list. */
const setAt = (value: unknown, steps: readonly string[], to: unknown): unknown => {
  const [step, ...rest] = steps
  if (step === undefined) return to
  if (Array.isArray(value) || (value === undefined && step === '-')) {
    const list: unknown[] = Array.isArray(value) ? [...value] : []
    const at = step === '-' ? list.length : Number(step)
    if (!Number.isInteger(at) || at < 0 || at > list.length) return list
    const made = setAt(list[at], rest, to)
    if (made === undefined) list.splice(at, 1)
    else list[at] = made
    return list
  }
  const object = isObject(value) ? value : {}
  const made = setAt(object[step], rest, to)
  if (made !== undefined) return { ...object, [step]: made }
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== step))
}
