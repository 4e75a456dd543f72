import type { Definition, Node } from '#schemas/automation/definition.ts'
import { countIn, loopsAround, turnIn } from '#schemas/automation/turns.ts'
import { shownIteration } from '#ui/lib/automation/turns.ts'
import type { SeenNode, Walked } from '#ui/lib/automation/walked.ts'

/** How many steps stand how: of a loop in pages in all its turns, though only one is looked at. What is switched off is none of them. */
export function countsOf(ran: Definition, walked: Walked): { state: SeenNode['state']; count: number }[] {
  const counts = new Map<SeenNode['state'], number>()
  const add = (state: SeenNode['state'], count: number) => {
    if (state !== 'disabled') counts.set(state, (counts.get(state) ?? 0) + count)
  }
  for (const { node, state } of walked.all.values()) if (!isCounted(ran, walked, node)) add(state, 1)
  for (const { nodes } of walked.counted.values())
    for (const times of Object.values(nodes))
      for (const [state, count] of Object.entries(times)) add(state as SeenNode['state'], count)
  return [...counts].map(([state, count]) => ({ state, count }))
}

/** Whether a node stands in a loop whose turns were counted elsewhere. */
export const isCounted = (ran: Definition, { counted }: Walked, node: string): boolean =>
  loopsAround(ran, node).some(({ id }) => counted.has(id))

/** The loops in pages in which turns failed, and where to look first. */
export const failedTurns = (
  ran: Definition,
  { counted, picks }: Walked,
): { loop: Node; count: number; first: { node: string; iteration: string } }[] =>
  ran.nodes.flatMap((loop) => {
    const seen = counted.get(loop.id)
    const turn = seen?.failed[0]?.[0]
    const node = Object.entries(seen?.nodes ?? {}).find(([, times]) => times.failed !== undefined)?.[0]
    if (seen === undefined || turn === undefined || node === undefined) return []
    const iteration = turnIn(shownIteration(ran, loop.id, picks), turn)
    return [{ loop, count: countIn(seen.failed), first: { node, iteration } }]
  })
