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

/** All that can come after a node, itself among it. */
export const after = (definition: Definition, from: string): Set<string> => {
  const found = new Set<string>()
  const waiting = [from]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue
    found.add(id)
    for (const edge of definition.edges) if (edge.from === id) waiting.push(edge.to)
  }
  return found
}
