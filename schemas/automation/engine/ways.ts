import type { Json, Node } from '../definition.ts'
import { waysOf, type Kind } from '../kind.ts'

/** The port by which a node goes on that is passed over. */
export function wayPast(kind: Kind, node: Node): string {
  const ports = waysOf(kind, node)
  return (ports.find((port) => port.id === 'out') ?? ports[0])?.id ?? 'out'
}

/** The ports by which a node goes on that is taken to have given this; by the first rules, as if it were passed over. */
export function waysBy(kind: Kind, node: Node, output: Json, rules: number): readonly string[] {
  const ways = rules < 2 ? [] : (kind.ways?.(node, output) ?? [])
  return ways.length === 0 ? [wayPast(kind, node)] : ways
}
