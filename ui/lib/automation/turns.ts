import type { Definition } from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import {
  isAmong,
  isIn,
  iterationOf,
  loopsAround,
  turnIn,
  turnsOf,
  turnsSeen,
  type TurnsSeen,
} from '#schemas/automation/turns.ts'
import type { CanvasNode } from '#schemas/runs.ts'
import type { TurnPick } from './overlay.ts'

/** Which turn of each loop is looked at; the newest where none is named. */
export type Turns = ReadonlyMap<string, number>
/** Turns of loops as they were counted elsewhere, by the loop: what its pages worked through. */
export type CountedTurns = ReadonlyMap<string, TurnsSeen>

/** `node#iteration`: a node in one of its turns. */
export const keyOf = ({ node, iteration }: { node: string; iteration: string }): string => `${node}#${iteration}`

/** Takes the turns that lead to a node in one of its iterations. */
export function turnsTo(definition: Definition, node: string, iteration: string, before: Turns): Turns {
  const loops = loopsAround(definition, node)
  const turns = turnsOf(iteration, loops.length)
  return new Map([...before, ...loops.map((loop, at) => [loop.id, turns[at] ?? 0] as const)])
}

/** For every loop that has begun: its turns within the turns chosen around it, and the one that is shown. */
export function picksOf(
  definition: Definition,
  nodes: readonly CanvasNode[],
  chosen: Turns,
  counted: CountedTurns = new Map(),
): Map<string, TurnPick> {
  const around = new Map(definition.nodes.map((node) => [node.id, loopsAround(definition, node.id)]))
  const picks = new Map<string, TurnPick>()
  for (const loop of loopsByDepth(definition)) {
    const within = shownIteration(definition, loop.id, picks)
    const seen = counted.get(loop.id) ?? turnsSeen(definition, loop.id, within, nodes)
    const last = seen.begun.at(-1)?.[1]
    if (last === undefined) continue
    const wish = chosen.get(loop.id)
    const at = wish !== undefined && isAmong(seen.begun, wish) ? wish : last
    const said = nodes.find(
      ({ node, iteration, about }) =>
        about !== null && around.get(node)?.at(-1) === loop && isIn(iteration, turnIn(within, at)),
    )?.about
    picks.set(loop.id, { at, ...seen, ...(said == null ? {} : { about: said }) })
  }
  return picks
}

/** The loops of a drawing, those around others first. */
export const loopsByDepth = (definition: Definition) =>
  definition.nodes
    .filter((node) => kinds[node.kind]?.turns === true)
    .map((loop) => ({ loop, depth: loopsAround(definition, loop.id).length }))
    .toSorted((a, b) => a.depth - b.depth)
    .map(({ loop }) => loop)

/** The iteration in which a node is shown. */
export const shownIteration = (definition: Definition, node: string, picks: ReadonlyMap<string, TurnPick>): string =>
  iterationOf(loopsAround(definition, node).map((loop) => picks.get(loop.id)?.at ?? 0))
