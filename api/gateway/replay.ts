import { append } from '#activities/audit/store.ts'
import { withTenant } from '#activities/database.ts'
import { askedOf } from '#activities/gateway/relay/again.ts'
import { readAsked } from '#activities/gateway/relay/asked.ts'
import type { Sink } from '#activities/gateway/relay/sink.ts'
import { readAskedWhole } from '#activities/gateway/store-bodies.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { Fault } from '#schemas/errors.ts'
import { modelRequestReplayed, type replayRoutes } from '#schemas/gateway/replays.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { callerOf } from './person.ts'

/** What was said is for those who may read it, whatever else they may do. */
export const mayRead = ({ scopes }: Context): void => {
  if (!scopes.includes('bodies:read')) throw new Fault('forbidden', 'This needs the scope bodies:read.')
}

/** Nobody waits for the answer: it is written down and recorded on its way. */
const nobody: Sink = { begin() {}, write: () => true, end() {}, cut() {}, drained: (go) => go() }

export const replayHandlers = ({
  db,
  seal,
  relay,
}: Pick<ApiDeps, 'db' | 'seal' | 'relay'>): Handlers<typeof replayRoutes> => ({
  'POST /v1/gateway/requests/:modelRequest/replay': async ({ ctx, params, body, keep }) => {
    mayRead(ctx)
    const { modelRequest: of } = params
    const as = newId('modelRequest')
    const [caller, models] = await Promise.all([callerOf(db, ctx, 'replay'), relay.knowledge.models(ctx.tenant)])
    // whoever presses twice is told of the same one: it is decided before it is asked
    const { asked, reply } = await withTenant(db, ctx, async (tx) => {
      const { operation, text } = await readAskedWhole(tx, ctx, seal, of)
      const read = readAsked(operation, askedOf(text, body.model), {}, true)
      if ('why' in read) throw new Fault('not_possible', read.why)
      await append(tx, ctx, [modelRequestReplayed(of, { as, model: body.model ?? null })])
      return { asked: read, reply: await keep(tx, { modelRequest: as }) }
    })
    relay.ask({ ...caller, replays: { of, as } }, models, asked, nobody, () => {})
    return reply
  },
})
