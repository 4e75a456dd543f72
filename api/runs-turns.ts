import { withTenant } from '#activities/database.ts'
import { stepsOfTurn } from '#activities/runs/store-steps.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { inside } from '#schemas/automation/reach.ts'
import { isIn, joinTurns, turnIn, turnsSeen } from '#schemas/automation/turns.ts'
import { Fault } from '#schemas/errors.ts'
import { isClosed, type CanvasNode } from '#schemas/runs.ts'
import type { turnRoutes } from '#schemas/runs-turns.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { canvasOf } from './runs-canvas.ts'
import { freshener } from './runs-fresh.ts'
import { PageCounts } from './runs-pages.ts'
import { runReader } from './runs-walked.ts'

/** The turns of loops, whether a run works through them itself or in pages. */
export function turnHandlers(deps: ApiDeps): Handlers<typeof turnRoutes> {
  const { db } = deps
  const reader = runReader(deps)
  const pages = new PageCounts(db, reader)
  const lookAt = freshener(deps)
  return {
    'GET /v1/runs/:run/loops/:loop': async ({ ctx, params: { run, loop }, query: { within } }) => {
      await lookAt(ctx, run)
      const all = await pages.of(ctx, run, loop, within)
      if (all.length === 0) {
        const walked = await reader.walked(ctx, run)
        refuseUnknown(walked.definition, loop)
        const seen = turnsSeen(walked.definition, loop, within, canvasOf(walked).nodes)
        return { ...seen, pages: [], counted: true }
      }
      return {
        ...joinTurns(all.flatMap(({ seen }) => seen ?? [])),
        pages: all.map(({ seen: _seen, ...page }) => page),
        counted: all.every(({ seen }) => seen !== null),
      }
    },
    'GET /v1/runs/:run/loops/:loop/turns/:turn': async ({ ctx, params: { run, loop, turn }, query: { within } }) => {
      await lookAt(ctx, run)
      const at = Number(turn)
      const all = await pages.list(ctx, run, loop, within)
      const page = all.find(({ first, last }) => first <= at && at <= last)
      if (all.length > 0 && page === undefined) throw new Fault('not_found', 'This turn has not begun.')
      const worker = page?.run ?? run
      if (page !== undefined && !isClosed(page.state)) await lookAt(ctx, worker)
      const walked = await reader.walked(ctx, worker)
      refuseUnknown(walked.definition, loop)
      const inner = inside(walked.definition, loop)
      const iteration = turnIn(within, at)
      const here = (one: { node: string; iteration: string }) => inner.has(one.node) && isIn(one.iteration, iteration)
      const there = canvasOf(walked).nodes.filter(here)
      const nodes = page?.takenOver === true ? there.map(taken) : there
      if (nodes.length === 0) throw new Fault('not_found', 'This turn has not begun.')
      const steps = await withTenant(db, ctx, (tx) => stepsOfTurn(tx, ctx, worker, iteration))
      return { run: worker, nodes, steps: steps.filter(here) }
    },
  }
}

const taken = (node: CanvasNode): CanvasNode => (node.state === 'completed' ? { ...node, state: 'seeded' } : node)

const refuseUnknown = ({ nodes }: Definition, loop: string): void => {
  if (!nodes.some(({ id, kind }) => id === loop && kinds[kind]?.turns === true))
    throw new Fault('not_found', `There is no loop “${loop}” in this run.`)
}
