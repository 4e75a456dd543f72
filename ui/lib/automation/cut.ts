import { portOf, titleOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { withHeld } from './part.ts'
import { portsOf, wayOut } from './shape.ts'
import { upstream, walksThrough } from './ways.ts'

/** Steps that can stand behind one node in their place: what leads to them leads to it, what follows them follows it. */
export type Cut = {
  /** What they stand in. */
  space: string | undefined
  /** The steps themselves, and with all that stands in them. */
  tops: readonly Node[]
  all: ReadonlySet<string>
  /** Where they begin. */
  entries: readonly Node[]
  into: readonly Edge[]
  out: readonly Edge[]
  /** Those that run whenever the part does, and those that may be the last. */
  sure: ReadonlySet<string>
  tails: ReadonlySet<string>
}

const named = (node: Node | undefined): string => (node === undefined ? 'a step' : `“${titleOf(node)}”`)

/**
 * The chosen steps as one part, or a sentence where a single node in their place would change what the automation does:
 * it begins once and for all of them, it has one way on, and what follows waits for all of it.
 */
export function cutOut(definition: Definition, ids: readonly string[]): Cut | { refused: string } {
  const byId = new Map(definition.nodes.map((node) => [node.id, node]))
  const all = withHeld(definition, ids)
  const tops = definition.nodes.filter((node) => ids.includes(node.id) && !all.has(node.within ?? ''))
  const space = tops[0]?.within
  if (!tops.some((node) => node.kind !== 'note')) return { refused: 'Choose the steps first.' }
  if (tops.some((node) => node.within !== space))
    return { refused: 'The steps have to stand in the same loop or block.' }
  if (tops.some((node) => node.kind === 'start')) return { refused: 'The start stays where it is.' }
  const own = new Set(tops.map((node) => node.id))
  const into = definition.edges.filter((edge) => !all.has(edge.from) && own.has(edge.to))
  const out = definition.edges.filter((edge) => own.has(edge.from) && !all.has(edge.to))
  const among = definition.edges.filter((edge) => own.has(edge.from) && own.has(edge.to))

  const sources = Map.groupBy(into, (edge) => edge.to)
  const first = into[0] === undefined ? [] : (sources.get(into[0].to) ?? [])
  const same = (edges: readonly Edge[]) =>
    edges.length === first.length &&
    first.every((one) => edges.some((edge) => edge.from === one.from && portOf(edge) === portOf(one)))
  for (const [to, edges] of sources)
    if (!same(edges))
      return {
        refused: `${named(byId.get(into[0]?.to ?? ''))} and ${named(byId.get(to))} begin after different steps. Choose steps that begin together.`,
      }
  const entries = tops.filter((node) =>
    into.length === 0 ? node.kind !== 'note' && !among.some((edge) => edge.to === node.id) : sources.has(node.id),
  )

  const steps = tops.filter((node) => node.kind !== 'note')
  const walks = walksThrough(steps, [...among, ...out], new Set(entries.map((node) => node.id)))
  if (walks === undefined) return { refused: 'Too many ways lead through these steps. Choose fewer.' }
  const targets = new Set(out.map((edge) => edge.to))
  for (const to of targets) if (upstreamMeets(definition.edges, into, to)) return { refused: circle(byId.get(to)) }
  const failing = out.find((edge) => portOf(edge) === 'error' || portOf(edge).startsWith('error:'))
  if (failing !== undefined) {
    const node = named(byId.get(failing.from))
    return {
      refused: `${node} leads to ${named(byId.get(failing.to))} when it fails. Choose that too, or leave ${node} out.`,
    }
  }
  for (const { ran, alive } of walks) {
    const left = out.filter((edge) => alive.has(edge))
    const missed = out.find((edge) => !left.some((one) => one.to === edge.to))
    if (missed !== undefined) return { refused: oneWay(missed, left[0], byId) }
    for (const to of targets) {
      const waits = upstream([...among, ...out], to)
      const late = steps.find((node) => ran.has(node.id) && node.kind !== 'end' && !waits.has(node.id))
      if (late !== undefined)
        return {
          refused: `${named(byId.get(to))} does not wait for ${named(late)}, and would then. Leave ${named(late)} out, or choose what follows too.`,
        }
    }
  }
  return {
    space,
    tops,
    all,
    entries,
    into,
    out,
    sure: new Set(steps.map((node) => node.id).filter((id) => walks.every(({ ran }) => ran.has(id)))),
    tails: new Set(walks.flatMap(({ tails }) => [...tails])),
  }
}

/** Whether what follows the part also leads to it. */
const upstreamMeets = (edges: readonly Edge[], into: readonly Edge[], to: string): boolean =>
  into.some((edge) => upstream(edges, edge.from).has(to))

const circle = (node: Node | undefined): string => `${named(node)} stands between these steps. Choose it too.`

/** Why a part with several ways on cannot stand behind a node that has one. */
const oneWay = (missed: Edge, taken: Edge | undefined, byId: ReadonlyMap<string, Node>): string => {
  const of = (edge: Edge): string => {
    const node = byId.get(edge.from)
    const port = portOf(edge)
    const only = node !== undefined && portsOf(node).filter((one) => !one.body).length === 1 && port === 'out'
    return only || node === undefined ? named(node) : `“${wayOut(node, port)}” of ${named(node)}`
  }
  const leads = `${of(missed)} leads to ${named(byId.get(missed.to))}`
  if (taken === undefined)
    return `${leads}, which is not always gone. What stands in their place always goes on: choose what follows too.`
  return `${leads}, ${of(taken)} to ${named(byId.get(taken.to))}. What stands in their place has one way on: choose what follows too, or leave one out.`
}
