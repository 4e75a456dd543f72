import { portOf, type Definition, type Json } from './definition.ts'
import type { EngineInput, Seed } from './engine/engine.ts'
import { leadingTo, outermost, withInner } from './reach.ts'

/** What of an automation a test run goes through. */
export type TrialPart = {
  /** Ends when this node is through. */
  until?: string | undefined
  /** Runs this node alone; what comes before gives its pinned output, or nothing. */
  only?: string | undefined
  /** Outputs by node, in place of executing it; over those pinned in the drawing. */
  pins?: Record<string, Json> | undefined
}

/** How a test run differs from any other: what the engine is told, and the nodes that can run. */
export type Trial = Required<Pick<EngineInput, 'pins'>> & Pick<EngineInput, 'seed' | 'until'> & { runs: Set<string> }

/** Works out a test run of `part`. Names of nodes that are not drawn are taken as if they were not given. */
export function planTrial(definition: Definition, { until, only, pins }: TrialPart): Trial {
  const byId = new Map(definition.nodes.map((node) => [node.id, node]))
  const drawn = definition.nodes.flatMap((node) => (node.pin === undefined ? [] : [[node.id, node.pin] as const]))
  const all = { ...Object.fromEntries(drawn), ...pins }
  const target = byId.get(only ?? until ?? '')
  const place = target === undefined ? undefined : outermost(definition, target.id)
  if (target === undefined || place === undefined) return { pins: all, runs: new Set(byId.keys()) }
  const { [target.id]: _, ...others } = all
  const before = leadingTo(definition, place.id)
  if (only === undefined) return { pins: all, until: target.id, runs: withInner(definition, [...before, place.id]) }
  const seeds = [...before].filter((id) => id !== place.id)
  const nodes = Object.fromEntries(seeds.map((id) => [id, seedOf(definition, id, before, others[id])]))
  return {
    pins: others,
    until: target.id,
    seed: { nodes, vars: {} },
    runs: withInner(definition, [place.id]),
  }
}

/** Goes on by every port that leads to the node that is tested. */
const seedOf = ({ edges }: Definition, id: string, before: ReadonlySet<string>, output: Json = null): Seed => ({
  ports: [...new Set(edges.filter((edge) => edge.from === id && before.has(edge.to)).map(portOf))],
  output,
})
