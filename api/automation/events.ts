import { receiveEvent } from '#activities/automation/store-events.ts'
import { withTenant } from '#activities/database.ts'
import type { eventRoutes } from '#schemas/automation/events.ts'
import type { Json } from '#schemas/automation/json.ts'
import type { Handlers } from '../contract.ts'
import type { ApiDeps } from '../deps.ts'

export const eventHandlers = ({ db }: Pick<ApiDeps, 'db'>): Handlers<typeof eventRoutes> => ({
  'POST /v1/events': ({ ctx, body, keep }) =>
    withTenant(db, ctx, async (tx) =>
      keep(tx, await receiveEvent(tx, ctx, { ...body, data: (body.data ?? null) as Json })),
    ),
})
