import type { Definition, Node } from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import type { CanvasNode } from '#schemas/runs.ts'
import type { TurnPick } from './overlay.ts'
import { above } from './scope.ts'

/** Which turn of each loop is looked at; the newest where none is named. */
export type Turns = ReadonlyMap<string, number>

/** `node#iteration`: a node in one of its turns. */
export const keyOf = ({ node, iteration }: { node: string; iteration: string }): string => `${node}#${iteration}`

/** The loops a node stands in, outermost first. Parallel blocks have no turns. */
export const loopsAround = (definition: Definition, id: string): Node[] =>
  above(definition, id)
    .filter((node) => kinds[node.kind]?.turns === true)
    .toReversed()

/** Turns as the engine writes them, outermost first and counted from 1; `0` outside of all loops. */
export const iterationOf = (turns: readonly number[]): string => (turns.length === 0 ? '0' : turns.join('.'))

/** The turns of an iteration, one for each loop around. */
export const turnsOf = (iteration: string, depth: number): number[] => iteration.split('.').map(Number).slice(0, depth)

/** Takes the turns that lead to a node in one of its iterations. */
export function turnsTo(definition: Definition, node: string, iteration: string, before: Turns): Turns {
  const loops = loopsAround(definition, node)
  const turns = turnsOf(iteration, loops.length)
  return new Map([...before, ...loops.map((loop, at) => [loop.id, turns[at] ?? 0] as const)])
}

/** For every loop that has begun: its turns within the turns chosen around it, and the one that is shown. */
export function picksOf(definition: Definition, nodes: readonly CanvasNode[], chosen: Turns): Map<string, TurnPick> {
  const around = new Map(definition.nodes.map((node) => [node.id, loopsAround(definition, node.id)]))
  const picks = new Map<string, TurnPick>()
  const byDepth = definition.nodes
    .filter((node) => kinds[node.kind]?.turns === true)
    .toSorted((a, b) => (around.get(a.id)?.length ?? 0) - (around.get(b.id)?.length ?? 0))
  for (const loop of byDepth) {
    const outer = around.get(loop.id) ?? []
    const prefix = outer.map((one) => picks.get(one.id)?.at ?? 0)
    const known = new Set<number>()
    const failed = new Set<number>()
    const about = new Map<number, string>()
    for (const { node, iteration, state, about: said } of nodes) {
      const loops = around.get(node) ?? []
      if (!loops.includes(loop)) continue
      const turns = turnsOf(iteration, loops.length)
      if (prefix.some((turn, at) => turns[at] !== turn)) continue
      const turn = turns[outer.length] ?? 0
      known.add(turn)
      if (state === 'failed') failed.add(turn)
      if (said !== null && loops.at(-1) === loop) about.set(turn, said)
    }
    const sorted = [...known].toSorted((a, b) => a - b)
    const last = sorted.at(-1)
    if (last === undefined) continue
    const wish = chosen.get(loop.id)
    const at = wish !== undefined && known.has(wish) ? wish : last
    const said = about.get(at)
    picks.set(loop.id, {
      at,
      known: sorted,
      failed: [...failed].toSorted((a, b) => a - b),
      ...(said === undefined ? {} : { about: said }),
    })
  }
  return picks
}

/** The iteration in which a node is shown. */
export const shownIteration = (definition: Definition, node: string, picks: ReadonlyMap<string, TurnPick>): string =>
  iterationOf(loopsAround(definition, node).map((loop) => picks.get(loop.id)?.at ?? 0))
