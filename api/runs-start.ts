import { findDraft } from '#activities/automation/store-draft.ts'
import { keepTested } from '#activities/automation/store-tested.ts'
import { problemsOf, type PublishedVersion } from '#activities/automation/store-versions.ts'
import { withTenant } from '#activities/database.ts'
import { recordStarted, startRequested } from '#activities/runs/start.ts'
import { headStartMs, requestRuns, startOf, type StartRequest } from '#activities/runs/store-request.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { refuseInput } from '#schemas/automation/refuse-input.ts'
import { planTrial, unknownIn } from '#schemas/automation/trial.ts'
import { Fault, isAway } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import type { Run, runRoutes } from '#schemas/runs.ts'
import { readDocument } from './automation/document.ts'
import { findStartable, titleOf } from './automation/start.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { createAndKeep } from './idempotency.ts'

type StartNow = (request: StartRequest, queued: Run) => Promise<Run>

/** Tells Temporal at once; when it is away the dispatcher does it later, and the request stands either way. */
export const starter =
  (deps: ApiDeps): StartNow =>
  async (request, queued) => {
    const { db, log } = deps
    if (queued.waitsFor !== null) return queued
    try {
      await startRequested(deps, request)
    } catch (error) {
      if (!isAway(error)) throw error
      log.warn('Temporal is away; the dispatcher will start this run', { run: queued.id })
      return queued
    }
    // the answer need not wait for it: should it fail, the dispatcher finds the request and writes it down
    recordStarted(db, request).catch((error: unknown) =>
      log.warn('a start was not recorded yet', { run: queued.id, error }),
    )
    return { ...queued, state: 'running', startedAt: new Date().toISOString() }
  }

type Starting = 'POST /v1/automations/:automation/runs' | 'POST /v1/automations/:automation/test'

export const startHandlers = ({ db }: ApiDeps, startNow: StartNow): Pick<Handlers<typeof runRoutes>, Starting> => ({
  'POST /v1/automations/:automation/runs': async ({ ctx, params, body, keep }) => {
    const input = body.input as JsonObject
    const automation = await withTenant(db, ctx, (tx) => findStartable(tx, ctx, params.automation, body.version))
    refuseInput(automation.definition, input)
    const request = { run: newId('run'), automation, title: titleOf(automation, input), input }
    const queued = await createAndKeep(db, ctx, keep, async (tx) => {
      const [made] = await requestRuns(tx, ctx, [request], headStartMs)
      return made as Run
    })
    return startNow(startOf(ctx, request, queued), queued)
  },
  'POST /v1/automations/:automation/test': async ({ ctx, params, body, keep }) => {
    const input = body.input as JsonObject
    const drawn = body.definition === undefined ? undefined : readDocument(body.definition)
    const { queued, request } = await withTenant(db, ctx, async (tx) => {
      const row = await findDraft(tx, ctx, params.automation)
      if (row.archived_at !== null) throw new Fault('automation_archived')
      const definition = drawn ?? row.draft
      const part = { ...body, pins: body.pins as JsonObject, items: body.items as JsonObject }
      const unknown = unknownIn(definition, part)
      if (unknown !== undefined) throw new Fault('not_found', unknown)
      const { runs, ...trial } = planTrial(definition, part)
      const problems = await problemsOf(tx, ctx, row.id, definition, { testing: true })
      const wrong = problems.filter(({ level, node }) => level === 'error' && node !== undefined && runs.has(node))
      if (wrong[0] !== undefined) throw new Fault('automation_invalid', wrong[0].message, { problems: wrong })
      if (body.only === undefined) refuseInput(definition, input)
      const automation: PublishedVersion = await keepTested(tx, ctx, row, definition)
      const options = { test: true, ...trial }
      const asked = { run: newId('run'), automation, title: titleOf(automation, input), input, options }
      const [made] = (await requestRuns(tx, ctx, [asked], headStartMs)) as [Run]
      await keep(tx, made)
      return { queued: made, request: asked }
    })
    return startNow(startOf(ctx, request, queued), queued)
  },
})
