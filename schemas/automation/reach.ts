import type { Definition, Node } from './definition.ts'

/** The node outside of all loops and blocks that a node stands in, or itself. */
export const outermost = (definition: Definition, id: string): Node | undefined => {
  let node = definition.nodes.find((one) => one.id === id)
  while (node?.within !== undefined) {
    const container: string = node.within
    node = definition.nodes.find((one) => one.id === container)
  }
  return node
}

/** The loops and parallel blocks a node stands in, the innermost first. */
export function above(definition: Definition, id: string): Node[] {
  const found: Node[] = []
  for (let at = definition.nodes.find((node) => node.id === id)?.within; at !== undefined;) {
    const node = definition.nodes.find((one) => one.id === at)
    if (node === undefined || found.includes(node)) break
    found.push(node)
    at = node.within
  }
  return found
}

/** All that can come after a node, itself among it. */
export const after = ({ edges }: Definition, id: string): Set<string> =>
  reach(id, (at) => edges.filter(({ from }) => from === at).map(({ to }) => to))

/**
 * What runs again when a run begins once more at a node: that and all behind it, and the same of each step that was
 * undone since. What stands in a loop or a block runs again with the whole of it.
 */
export const anewFrom = (definition: Definition, node: string, undone: Iterable<string> = []): Set<string> =>
  new Set([node, ...undone].flatMap((id) => [...after(definition, outermost(definition, id)?.id ?? id)]))

/** All from which a node can be come to by edges, itself among it. */
export const leadingTo = ({ edges }: Definition, id: string): Set<string> =>
  reach(id, (at) => edges.filter(({ to }) => to === at).map(({ from }) => from))

/** These nodes and all that stands in them, however deep. */
export const withInner = ({ nodes }: Definition, ids: Iterable<string>): Set<string> =>
  new Set(
    [...ids].flatMap((id) => [
      ...reach(id, (at) => nodes.filter(({ within }) => within === at).map((inner) => inner.id)),
    ]),
  )

/** All that stands in a loop or a block, however deep. */
export const inside = (definition: Definition, id: string): Set<string> => {
  const found = withInner(definition, [id])
  found.delete(id)
  return found
}

const reach = (id: string, next: (at: string) => string[]): Set<string> => {
  const found = new Set<string>()
  const waiting = [id]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue
    found.add(at)
    waiting.push(...next(at))
  }
  return found
}
