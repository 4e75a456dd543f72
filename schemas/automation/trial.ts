import { portOf, type Definition, type Json, type JsonObject, type Node } from './definition.ts'
import type { EngineInput, Seed } from './engine/input.ts'
import { leadingTo, outermost, withInner } from './reach.ts'

/** What of an automation a test run goes through. */
export type TrialPart = {
  /** Ends when this node is through. */
  until?: string | undefined
  /** Runs this node alone; what comes before gives its pinned output, or nothing. */
  only?: string | undefined
  /** Outputs by node, in place of executing it; over those pinned in the drawing. */
  pins?: Record<string, Json> | undefined
  /** By loop around the one node: the item of the single turn that it makes. */
  items?: JsonObject | undefined
}

/** How a test run differs from any other: what the engine is told, and the nodes that can run. */
export type Trial = Required<Pick<EngineInput, 'pins'>> &
  Pick<EngineInput, 'seed' | 'items' | 'until'> & { runs: Set<string> }

/** What a test run names that is not drawn, in a sentence; nothing where all of it is. */
export function unknownIn(
  { nodes }: Definition,
  { until, only, pins = {}, items = {} }: TrialPart,
): string | undefined {
  const named = [until, only, ...Object.keys(pins), ...Object.keys(items)]
  const unknown = named.find((id) => id !== undefined && !nodes.some((node) => node.id === id))
  return unknown === undefined ? undefined : `There is no node “${unknown}” in this automation.`
}

/** Works out a test run of `part`, of which `unknownIn` has found nothing that is not drawn. */
export function planTrial(definition: Definition, { until, only, pins, items = {} }: TrialPart): Trial {
  const byId = new Map(definition.nodes.map((node) => [node.id, node]))
  const drawn = definition.nodes.flatMap((node) => (node.pin === undefined ? [] : [[node.id, node.pin] as const]))
  const all = { ...Object.fromEntries(drawn), ...pins }
  const target = byId.get(only ?? until ?? '')
  const place = target === undefined ? undefined : outermost(definition, target.id)
  if (target === undefined || place === undefined) return { pins: all, runs: new Set(byId.keys()) }
  if (only === undefined) {
    const before = leadingTo(definition, place.id)
    return { pins: all, until: target.id, runs: withInner(definition, [...before, place.id]) }
  }
  const around = holdersOf(byId, target)
  const runs = withInner(definition, [target.id])
  const nodes: Record<string, Seed> = Object.assign({}, ...around.map((at) => seedsAround(definition, at, all)))
  const open = new Set(around.map(({ id }) => id))
  return {
    pins: Object.fromEntries(Object.entries(all).filter(([id]) => !open.has(id))),
    until: target.id,
    seed: { nodes, vars: {} },
    items: Object.fromEntries(Object.entries(items).filter(([id]) => id !== target.id && open.has(id))),
    runs: new Set([...open, ...runs]),
  }
}

/** A node and what it stands in, from the inside out. */
const holdersOf = (byId: ReadonlyMap<string, Node>, node: Node): Node[] => {
  const around = byId.get(node.within ?? '')
  return [node, ...(around === undefined ? [] : holdersOf(byId, around))]
}

/** What stands beside a node: what leads to it goes on by every port that does, and nothing else begins. */
const seedsAround = (definition: Definition, at: Node, outputs: Record<string, Json>): Record<string, Seed> => {
  const before = leadingTo(definition, at.id)
  const beside = definition.nodes.filter((node) => node.within === at.within && node.id !== at.id)
  const seeds = beside.map(({ id }): [string, Seed] => [
    id,
    before.has(id) ? { ports: portsTo(definition, id, before), output: outputs[id] ?? null } : 'skipped',
  ])
  return Object.fromEntries(seeds)
}

const portsTo = ({ edges }: Definition, id: string, before: ReadonlySet<string>): string[] => [
  ...new Set(edges.filter((edge) => edge.from === id && before.has(edge.to)).map(portOf)),
]
