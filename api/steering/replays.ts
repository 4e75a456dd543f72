import { WorkflowNotFoundError } from '@temporalio/client'
import { withTenant } from '#activities/database.ts'
import { startReplay } from '#activities/steering/start.ts'
import { closeReplay, findReplay, listReplays, requestReplay, toReplay } from '#activities/steering/store-replays.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { Fault, isAway } from '#schemas/errors.ts'
import type { replayRoutes } from '#schemas/steering/replays.ts'

const week = 7 * 86_400_000

export const replayHandlers = ({ db, temporal, log }: ApiDeps): Handlers<typeof replayRoutes> => ({
  'GET /v1/steering/policies/:policy/replays': ({ ctx, params, query }) =>
    withTenant(db, ctx, (tx) => listReplays(tx, ctx, params.policy, query)),
  'POST /v1/steering/policies/:policy/replays': async ({ ctx, params, body, keep }) => {
    const to = body.to === undefined ? new Date() : new Date(body.to)
    const from = body.from === undefined ? new Date(to.getTime() - week) : new Date(body.from)
    const made = await withTenant(db, ctx, async (tx) =>
      keep(tx, await requestReplay(tx, ctx, params.policy, { version: body.version, from, to })),
    )
    try {
      await startReplay({ db, temporal }, { tenant: ctx.tenant, replay: made.id })
    } catch (error) {
      if (!isAway(error)) throw error
      log.warn('Temporal is away; the dispatcher will start this replay', { replay: made.id })
    }
    return made
  },
  'GET /v1/steering/policies/:policy/replays/:replay': ({ ctx, params }) =>
    withTenant(db, ctx, async (tx) => toReplay(await findReplay(tx, ctx, params.policy, params.replay))),
  'POST /v1/steering/policies/:policy/replays/:replay/cancel': async ({ ctx, params }) => {
    const closed = await withTenant(db, ctx, async (tx) => {
      const { state } = await findReplay(tx, ctx, params.policy, params.replay)
      if (state !== 'running') throw new Fault('not_possible', `This replay is ${state} already.`)
      return closeReplay(tx, ctx, params.replay, 'cancelled')
    })
    // it does nothing more as it stands; Temporal is told so that it does not go on
    try {
      await temporal.workflow.getHandle(params.replay).cancel()
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) && !isAway(error)) throw error
    }
    return closed
  },
})
