import { edgeId, portOf, titleOf, type Definition, type Node } from '#schemas/automation/definition.ts'
import { refusal } from './acts.ts'
import { placesOf, sizeOf, spotsOf, wayOut, type Box } from './shape.ts'

/** One way that a step goes on or may go on; `edge`: it does already, by this connection. */
export type Connection = { port: string; way: string; to: string; title: string; edge: string | undefined }

/** What a step leads to, then what it may lead to: each way out in turn, and of each the nearest steps first. */
export function connectionsOf(definition: Definition, id: string): Connection[] {
  const node = definition.nodes.find((one) => one.id === id)
  if (node === undefined) return []
  const titles = new Map(definition.nodes.map((one) => [one.id, titleOf(one)]))
  const there = definition.edges
    .filter((edge) => edge.from === id)
    .map((edge) => ({
      port: portOf(edge),
      way: wayOut(node, portOf(edge)),
      to: edge.to,
      title: titles.get(edge.to) ?? edge.to,
      edge: edgeId(edge),
    }))
  const taken = new Set(there.map(({ port }) => port))
  const others = nearest(definition, node)
  const free = spotsOf(node, sizeOf(node)).toSorted((a, b) => Number(taken.has(a.id)) - Number(taken.has(b.id)))
  const open = free.flatMap((spot) =>
    others
      .filter((one) => refusal(definition, id, spot.id, one.id) === null)
      .map((one) => ({ port: spot.id, way: spot.title, to: one.id, title: titleOf(one), edge: undefined })),
  )
  return [...there, ...open]
}

/** Those in which every word that is searched stands. */
export function fitting(all: readonly Connection[], text: string): Connection[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter(({ way, title, to }) => words.every((word) => `${way} ${title} ${to}`.toLowerCase().includes(word)))
}

const nearest = (definition: Definition, from: Node): Node[] => {
  const places = placesOf(definition)
  const here = places.get(from.id)
  const far = ({ id }: Node): number => distance(here, places.get(id))
  return definition.nodes.filter(({ id }) => id !== from.id).toSorted((a, b) => far(a) - far(b))
}

const distance = (a: Box | undefined, b: Box | undefined): number =>
  a === undefined || b === undefined ? Number.POSITIVE_INFINITY : Math.hypot(a.x - b.x, a.y - b.y)
