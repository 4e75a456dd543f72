import type { Definition } from '#schemas/automation/definition.ts'
import { isAmong } from '#schemas/automation/turns.ts'
import type { LoopTurn, LoopTurns } from '#schemas/runs-turns.ts'
import { isClosed, type CanvasNode, type Step } from '#schemas/runs.ts'
import { loopsByDepth, picksOf, shownIteration, type CountedTurns, type Turns } from './turns.ts'

/** A loop that is worked through in pages, in the turn of the loops around it that is looked at; `turn` is the one of its own. */
export type PagedLoop = { run: string; loop: string; within: string; turn: number | undefined }

/** What is known of loops in pages, by `keyOfLoop` and `keyOfTurn`. */
export type KnownPages = { loops: ReadonlyMap<string, LoopTurns>; turns: ReadonlyMap<string, LoopTurn> }

export const keyOfLoop = ({ run, loop, within }: PagedLoop): string => `${run} ${loop}#${within}`
export const keyOfTurn = (paged: PagedLoop): string => `${keyOfLoop(paged)} ${paged.turn}`

/** A run with the turns that are looked at of its loops in pages put in their place. */
export type WithPages = {
  nodes: readonly CanvasNode[]
  steps: readonly Step[]
  counted: CountedTurns
  loops: readonly PagedLoop[]
  /** By the loop: the run that works through the turn that is looked at. */
  workers: ReadonlyMap<string, Worker>
}
type Worker = { run: string; closed: boolean }

/**
 * Puts the turns that are looked at into a run, as if it had worked through them itself. A loop in pages may stand in
 * another one: then its pages are those of the run that worked through the turn around it.
 */
export function withPages(
  definition: Definition,
  nodes: readonly CanvasNode[],
  steps: readonly Step[],
  chosen: Turns,
  known: KnownPages,
): WithPages {
  const counted = new Map<string, LoopTurns>()
  const loops: PagedLoop[] = []
  const workers = new Map<string, Worker>()
  let all: Pick<WithPages, 'nodes' | 'steps'> = { nodes, steps }
  for (const { id: loop } of loopsByDepth(definition)) {
    if (!all.steps.some((step) => isPageOf(step, loop))) continue
    const within = shownIteration(definition, loop, picksOf(definition, all.nodes, chosen, counted))
    const page = all.steps.find((step) => isPageOf(step, loop) && step.iteration === within)
    if (page === undefined) continue
    const asked: PagedLoop = { run: page.run, loop, within, turn: undefined }
    const seen = known.loops.get(keyOfLoop(asked))
    if (seen === undefined) {
      loops.push(asked)
      continue
    }
    counted.set(loop, seen)
    const wish = chosen.get(loop)
    const turn = wish !== undefined && isAmong(seen.begun, wish) ? wish : seen.begun.at(-1)?.[1]
    loops.push({ ...asked, turn })
    const shown = known.turns.get(keyOfTurn({ ...asked, turn }))
    if (shown === undefined) continue
    const state = seen.pages.find(({ run }) => run === shown.run)?.state
    workers.set(loop, { run: shown.run, closed: state === undefined || isClosed(state) })
    all = { nodes: [...all.nodes, ...shown.nodes], steps: [...all.steps, ...shown.steps] }
  }
  return { ...all, counted, loops, workers }
}

/** Whether a step began a page of a loop. */
export const isPageOf = ({ kind, node }: Pick<Step, 'kind' | 'node'>, loop: string): boolean =>
  kind === 'child' && node === loop
