import { titleOf, type Definition, type Json, type JsonObject, type Node } from '../definition.ts'
import { isObject } from '../json.ts'
import type { Kind } from '../kind.ts'
import { turnIn } from '../turns.ts'
import type { NodeChange, StepRef } from './host.ts'
import type { Begun, EngineInput, Seed, Settled } from './input.ts'
import type { NodeState, RegionState } from './state.ts'

export const isBegun = (seed: Seed): seed is Begun => seed !== 'skipped' && 'kept' in seed

/** What is known of a node before it begins. */
export function seedOf({ page, seed, definition }: EngineInput, node: Node): Seed | undefined {
  const known = page !== undefined && page.node === node.id ? page.begun : seed?.nodes[node.id]
  return known === undefined || fits(definition, node.id, known) ? known : undefined
}

/** How a node is through: one that is switched off and gives nothing was done neither now nor in an earlier run. */
export function howSettled(node: Node, output: Json, seeded = false): 'disabled' | 'seeded' | 'completed' {
  if (node.disabled === true && output === null) return 'disabled'
  return seeded ? 'seeded' : 'completed'
}

/** Where a node stands that goes on from its seed. */
export function stateOf(definition: Definition, seed: Seed): NodeState {
  if (seed === 'skipped') return { at: 'skipped' }
  if (!isBegun(seed)) return { at: 'done', ...seed, seeded: true }
  const bodies = Object.entries(seed.bodies).map(([key, nodes]): [string, RegionState] => {
    const known = Object.entries(nodes).filter(([id, one]) => fits(definition, id, one))
    return [key, { nodes: Object.fromEntries(known.map(([id, one]) => [id, stateOf(definition, one)])) }]
  })
  return { at: 'running', kept: ownOf(seed.kept), bodies: Object.fromEntries(bodies) }
}

/** What a node keeps is added to while it is at work, and what it was given stays as it was. */
const ownOf = (kept: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, isObject(value) ? { ...value } : value]))

/** In another version a node may have become another kind; what that one kept is nothing to it. */
const fits = ({ nodes }: Definition, id: string, seed: Seed): boolean =>
  seed === 'skipped' || !isBegun(seed) || nodes.some((node) => node.id === id && node.kind === seed.kind)

/** The iteration of what stands in a body of a node that itself stands in `iteration`: branches are no turns. */
export const innerOf = (kind: Kind | undefined, iteration: string, turn: number | string): string =>
  kind?.turns === true ? turnIn(iteration, turn) : iteration

/** How far the loop or block that is named had come, in one of its turns, when what is known here was taken over. */
export function begunIn(
  kinds: Readonly<Record<string, Kind>>,
  seeds: Readonly<Record<string, Seed>>,
  at: Pick<StepRef, 'node' | 'iteration'>,
  iteration = '0',
): Begun | null {
  for (const [id, seed] of Object.entries(seeds)) {
    if (!isBegun(seed)) continue
    if (id === at.node && iteration === at.iteration) return seed
    for (const [body, inner] of Object.entries(seed.bodies)) {
      const turn = innerOf(kinds[seed.kind], iteration, body.slice(body.lastIndexOf('/') + 1))
      const found = begunIn(kinds, inner, at, turn)
      if (found !== null) return found
    }
  }
  return null
}

type Told = Pick<NodeChange, 'state' | 'ports' | 'output' | 'failing'>

const toldOf = (node: Node, settled: Settled): Told =>
  settled === 'skipped' ? { state: 'skipped' } : { state: howSettled(node, settled.output, true), ...settled }

/** All that is taken over inside of a node that goes on from its seed. */
export function* takenIn(
  definition: Definition,
  kinds: Readonly<Record<string, Kind>>,
  node: Node,
  iteration: string,
  begun: Begun,
): Generator<{ step: StepRef; change: Told }> {
  const byId = new Map(definition.nodes.map((one) => [one.id, one]))
  for (const [key, settled] of Object.entries(begun.over)) {
    const [id = '', turn = '0'] = key.split('#')
    const over = byId.get(id)
    if (over !== undefined)
      yield { step: { node: id, iteration: turn, title: titleOf(over) }, change: toldOf(over, settled) }
  }
  for (const [body, seeds] of Object.entries(begun.bodies)) {
    const inner = innerOf(kinds[node.kind], iteration, body.slice(body.lastIndexOf('/') + 1))
    for (const [id, seed] of Object.entries(seeds)) {
      const known = byId.get(id)
      if (known === undefined || !fits(definition, id, seed)) continue
      if (isBegun(seed)) yield* takenIn(definition, kinds, known, inner, seed)
      else yield { step: { node: id, iteration: inner, title: titleOf(known) }, change: toldOf(known, seed) }
    }
  }
}
