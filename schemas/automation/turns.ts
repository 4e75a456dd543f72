import type { CanvasNode } from '../runs.ts'
import type { Definition, Node } from './definition.ts'
import { kinds } from './kinds/index.ts'
import { above, inside } from './reach.ts'

/** Turns from the first to the last of a row, both among them; turns are counted from 1. */
export type TurnRange = [number, number]
/** How a turn stands: by what in it wants to be looked at most. */
export const turnStates = ['failed', 'waiting', 'running', 'stopped', 'completed'] as const
export type TurnState = (typeof turnStates)[number]

/** The turns of a loop as they stand, and how often each node in it came to what. */
export type TurnsSeen = {
  begun: TurnRange[]
  failed: TurnRange[]
  counts: Partial<Record<TurnState, number>>
  nodes: Record<string, Partial<Record<CanvasNode['state'], number>>>
}

/** The loops a node stands in, outermost first. Parallel blocks have no turns. */
export const loopsAround = (definition: Definition, id: string): Node[] =>
  above(definition, id)
    .filter((node) => kinds[node.kind]?.turns === true)
    .toReversed()

/** Turns as the engine writes them, outermost first and counted from 1; `0` outside of all loops. */
export const iterationOf = (turns: readonly number[]): string => (turns.length === 0 ? '0' : turns.join('.'))

/** The turns of an iteration, one for each loop around. */
export const turnsOf = (iteration: string, depth: number): number[] => iteration.split('.').map(Number).slice(0, depth)

/** The iteration of what stands in a turn of a loop that itself is in the iteration `within`. */
export const turnIn = (within: string, turn: number | string): string =>
  within === '0' ? `${turn}` : `${within}.${turn}`

/** Whether an iteration is `around` or stands in it. */
export const isIn = (iteration: string, around: string): boolean =>
  iteration === around || iteration.startsWith(`${around}.`)

/** Counts the turns of a loop, in one of its iterations, out of the nodes of a run. */
export function turnsSeen(
  definition: Definition,
  loop: string,
  within: string,
  nodes: readonly Pick<CanvasNode, 'node' | 'iteration' | 'state'>[],
): TurnsSeen {
  const inner = inside(definition, loop)
  const depth = within === '0' ? 0 : within.split('.').length
  const states = new Map<number, TurnState>()
  const seen: TurnsSeen = { begun: [], failed: [], counts: {}, nodes: {} }
  for (const { node, iteration, state } of nodes) {
    if (!inner.has(node) || (depth > 0 && !iteration.startsWith(`${within}.`))) continue
    const turn = turnsOf(iteration, depth + 1)[depth] ?? 0
    const now = stateOf(state)
    const before = states.get(turn) ?? 'completed'
    states.set(turn, turnStates.indexOf(now) < turnStates.indexOf(before) ? now : before)
    const counts = (seen.nodes[node] ??= {})
    counts[state] = (counts[state] ?? 0) + 1
  }
  for (const state of states.values()) seen.counts[state] = (seen.counts[state] ?? 0) + 1
  seen.begun = rangesOf([...states.keys()])
  seen.failed = rangesOf([...states].flatMap(([turn, state]) => (state === 'failed' ? [turn] : [])))
  return seen
}

const stateOf = (state: CanvasNode['state']): TurnState =>
  state === 'skipped' || state === 'seeded' || state === 'disabled' ? 'completed' : state

/** Puts what was counted of parts of a loop together. */
export function joinTurns(parts: readonly TurnsSeen[]): TurnsSeen {
  const nodes: TurnsSeen['nodes'] = {}
  for (const part of parts)
    for (const [id, counts] of Object.entries(part.nodes)) nodes[id] = added(nodes[id] ?? {}, counts)
  return {
    begun: joinRanges(parts.flatMap((part) => part.begun)),
    failed: joinRanges(parts.flatMap((part) => part.failed)),
    counts: parts.reduce((sum, part) => added(sum, part.counts), {}),
    nodes,
  }
}

/** The same, of turns that another run took over. */
export const asTakenOver = (seen: TurnsSeen): TurnsSeen => ({
  ...seen,
  nodes: Object.fromEntries(
    Object.entries(seen.nodes).map(([id, { completed = 0, seeded = 0, ...others }]) => [
      id,
      completed + seeded === 0 ? others : { ...others, seeded: completed + seeded },
    ]),
  ),
})

const added = <K extends string>(a: Partial<Record<K, number>>, b: Partial<Record<K, number>>) => {
  const sum = { ...a }
  for (const [key, count] of Object.entries(b) as [K, number][]) sum[key] = (sum[key] ?? 0) + count
  return sum
}

const rangesOf = (turns: readonly number[]): TurnRange[] => joinRanges(turns.map((turn) => [turn, turn]))

/** Ranges in order, those that meet as one. */
const joinRanges = (ranges: readonly TurnRange[]): TurnRange[] => {
  const joined: TurnRange[] = []
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = joined.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else joined.push([first, last])
  }
  return joined
}

export const countIn = (ranges: readonly TurnRange[]): number =>
  ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)

export const isAmong = (ranges: readonly TurnRange[], turn: number): boolean =>
  ranges.some(([first, last]) => first <= turn && turn <= last)

/** The turn of these that comes next. */
export const nextTurn = (ranges: readonly TurnRange[], turn: number): number | undefined => {
  const range = ranges.find(([, last]) => last > turn)
  return range === undefined ? undefined : Math.max(range[0], turn + 1)
}

/** The turn of these that comes before. */
export const turnBefore = (ranges: readonly TurnRange[], turn: number): number | undefined => {
  const range = ranges.findLast(([first]) => first < turn)
  return range === undefined ? undefined : Math.min(range[1], turn - 1)
}

/** The first so many of these turns. */
export function turnsIn(ranges: readonly TurnRange[], most: number): number[] {
  const turns: number[] = []
  for (const [first, last] of ranges)
    for (let turn = first; turn <= last && turns.length < most; turn++) turns.push(turn)
  return turns
}
