import { WorkflowNotFoundError } from '@temporalio/client'
import { findMinorNodes } from '#activities/automation/store-versions.ts'
import { withTenant } from '#activities/database.ts'
import { newFold, foldEvents } from '#temporal/fold.ts'
import { endRun } from '#activities/runs/end.ts'
import { seedFrom } from '#activities/runs/rerun.ts'
import { askCancel, findRun, listReruns, listRuns, toRun } from '#activities/runs/store.ts'
import { listTakenOver, requestRerun, versionFor, type RerunHow } from '#activities/runs/store-request.ts'
import { listSteps } from '#activities/runs/store-steps.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { refuseInput } from '#schemas/automation/refuse-input.ts'
import { Fault } from '#schemas/errors.ts'
import { isClosed, type runRoutes } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { eventName, numbered, type HistoryEvent } from '#temporal/history.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { canvasOf } from './runs-canvas.ts'
import { freshener } from './runs-fresh.ts'
import { readableHistory } from './runs-history.ts'
import { starter, startHandlers } from './runs-start.ts'
import { runReader } from './runs-walked.ts'

export function runHandlers(deps: ApiDeps): Handlers<typeof runRoutes> {
  const { db, temporal } = deps
  const startNow = starter(deps)
  const lookAt = freshener(deps)
  const { payloads, historyOf, walked: walkedOf } = runReader(deps)
  const find = (ctx: Context, run: string) => withTenant(db, ctx, async (tx) => toRun(await findRun(tx, ctx, run)))

  const versionOf = (ctx: Context, run: string, version: string) =>
    withTenant(db, ctx, (tx) => versionFor(tx, ctx, run, version))

  return {
    'GET /v1/runs': ({ ctx, query }) => withTenant(db, ctx, (tx) => listRuns(tx, ctx, query)),
    ...startHandlers(deps, startNow),
    'GET /v1/runs/:run': async ({ ctx, params }) => {
      await lookAt(ctx, params.run)
      return withTenant(db, ctx, async (tx) => {
        const row = await findRun(tx, ctx, params.run)
        const { automation_id: automation, version } = row
        const minor = automation === null || version === null ? [] : await findMinorNodes(tx, ctx, automation, version)
        return {
          run: toRun(row),
          steps: await listSteps(tx, ctx, params.run),
          minor,
          takenOver: await listTakenOver(tx, ctx, row),
          reruns: await listReruns(tx, ctx, params.run),
        }
      })
    },
    'GET /v1/runs/:run/steps/:step': async ({ ctx, params }) => {
      const events = await historyOf(ctx, params.run)
      const steps = await withTenant(db, ctx, (tx) => listSteps(tx, ctx, params.run))
      const head = Number(params.step.split(':')[1] ?? params.step)
      const fold = newFold()
      foldEvents(fold, events)
      const folded = fold.steps.get(head)
      const step = steps.find((one) => one.id === `${params.run}:${head}`)
      if (step === undefined || folded === undefined) throw new Fault('not_found')
      const named = [...numbered(events)].filter(({ id }) => folded.events.includes(id))
      return {
        ...step,
        input: await payloads.all(folded.input),
        output: await payloads.all(folded.output),
        failure: folded.failure === null ? step.failure : payloads.failure(folded.failure),
        queue: folded.queue,
        history: named.map(({ id, event }) => ({ id, type: eventName(event), at: eventTime(event) })),
      }
    },
    'GET /v1/runs/:run/history': async ({ ctx, params }) => ({
      run: params.run,
      events: await readableHistory(payloads, await historyOf(ctx, params.run)),
    }),
    'POST /v1/runs/:run/cancel': async ({ ctx, params, body }) => {
      await lookAt(ctx, params.run)
      const asked = await withTenant(db, ctx, (tx) => askCancel(tx, ctx, params.run, body.reason ?? null))
      if (!asked.tellTemporal) return asked.run
      try {
        await endRun(temporal, params.run, asked.run.stuck !== null)
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
        const now = await find(ctx, params.run)
        throw isClosed(now.state)
          ? new Fault('run_closed')
          : new Fault('unavailable', 'This run is being started right now; cancel it again in a moment.')
      }
      return find(ctx, params.run)
    },
    'GET /v1/runs/:run/canvas': async ({ ctx, params }) => canvasOf(await walkedOf(ctx, params.run)),
    'POST /v1/runs/:run/rerun': async ({ ctx, params, body, keep }) => {
      const how: RerunHow = {}
      if (body.version !== 'same') how.automation = await versionOf(ctx, params.run, body.version)
      if (body.from !== 'start') {
        const walked = await walkedOf(ctx, params.run)
        const page = (run: string) => walkedOf(ctx, run)
        how.seed = await seedFrom(walked, body.from, {
          another: body.input !== undefined,
          into: how.automation?.definition,
          page,
        })
      }
      if (body.input !== undefined) {
        how.input = body.input as JsonObject
        refuseInput((how.automation ?? (await versionOf(ctx, params.run, 'same'))).definition, how.input)
      }
      const { run, start } = await withTenant(db, ctx, async (tx) => {
        const made = await requestRerun(tx, ctx, params.run, how)
        await keep(tx, made.run)
        return made
      })
      return startNow(start, run)
    },
  }
}

const eventTime = (event: HistoryEvent): string => {
  const { seconds, nanos } = event.eventTime ?? {}
  return new Date(Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6).toISOString()
}
