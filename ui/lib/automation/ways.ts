import { mainPort, portOf, type Edge, type Node } from '#schemas/automation/definition.ts'
import { portsOf } from './shape.ts'

/** One way through some steps: which of them run, by which of their edges it goes on, and which end it. */
export type Walk = { ran: ReadonlySet<string>; alive: ReadonlySet<Edge>; tails: ReadonlySet<string> }

/** More ways than this are not told apart. */
const most = 4096

/**
 * Every way through steps that stand in the same thing, where all of `entries` begin. A step that fails with nothing to
 * take it ends the run, wherever it stands, and is no way through. Nothing where there are too many.
 */
export function walksThrough(
  nodes: readonly Node[],
  edges: readonly Edge[],
  entries: ReadonlySet<string>,
): Walk[] | undefined {
  const order = inOrder(nodes, edges)
  if (order === undefined) return undefined
  const from = Map.groupBy(edges, (edge) => edge.from)
  const into = Map.groupBy(edges, (edge) => edge.to)
  let open: { ran: Set<string>; alive: Set<Edge>; tails: Set<string> }[] = [
    { ran: new Set(), alive: new Set(), tails: new Set() },
  ]
  for (const node of order) {
    const out = from.get(node.id) ?? []
    const waysOut = waysOf(node, out)
    if (waysOut === undefined) return undefined
    open = open.flatMap((walk) => {
      const begins = entries.has(node.id) || (into.get(node.id) ?? []).some((edge) => walk.alive.has(edge))
      if (!begins) return [walk]
      return waysOut.map((ports) => {
        const on = out.filter((edge) => ports.includes(portOf(edge)))
        return {
          ran: new Set([...walk.ran, node.id]),
          alive: new Set([...walk.alive, ...on]),
          tails: on.length === 0 ? new Set([...walk.tails, node.id]) : walk.tails,
        }
      })
    })
    if (open.length > most) return undefined
  }
  return open
}

/** The sets of ports by which a node may go on. */
function waysOf(node: Node, out: readonly Edge[]): string[][] | undefined {
  const ports = portsOf(node)
    .filter((port) => !port.body)
    .map((port) => port.id)
  const way = ports.find((port) => port === mainPort) ?? ports[0]
  if (node.disabled === true) return [[way ?? mainPort]]
  const ways = node.kind === 'raise' ? [] : ports.length === 0 ? [[]] : someOf(node, ports)
  const errors = new Set(out.map(portOf).filter((port) => port === 'error' || port.startsWith('error:')))
  const all = ways && [...ways, ...[...errors].map((port) => [port])]
  return node.continueOnError === true ? all?.concat([[way ?? mainPort]]) : all
}

const someOf = (node: Node, ports: readonly string[]): string[][] | undefined => {
  if (node.with?.['match'] !== 'all') return ports.map((port) => [port])
  const cases = ports.filter((port) => port !== 'else')
  if (2 ** cases.length > most) return undefined
  const sets = cases.reduce<string[][]>((known, port) => [...known, ...known.map((set) => [...set, port])], [[]])
  return sets.map((set) => (set.length === 0 ? ['else'] : set))
}

/** Each behind all that lead to it; nothing where they go in a circle. */
const inOrder = (nodes: readonly Node[], edges: readonly Edge[]): Node[] | undefined => {
  const inside = new Set(nodes.map((node) => node.id))
  const among = edges.filter((edge) => inside.has(edge.from) && inside.has(edge.to))
  const into = Map.groupBy(among, (edge) => edge.to)
  const done = new Set<string>()
  const order: Node[] = []
  for (let before = -1; before !== order.length;) {
    before = order.length
    for (const node of nodes)
      if (!done.has(node.id) && (into.get(node.id) ?? []).every((edge) => done.has(edge.from))) {
        done.add(node.id)
        order.push(node)
      }
  }
  return order.length === nodes.length ? order : undefined
}

/** All that lead to a node, itself too. */
export function upstream(edges: readonly Edge[], to: string): Set<string> {
  const into = Map.groupBy(edges, (edge) => edge.to)
  const seen = new Set([to])
  for (const id of seen) for (const edge of into.get(id) ?? []) seen.add(edge.from)
  return seen
}
