import { sayPresent } from '#activities/automation/store-presence.ts'
import { withTenant } from '#activities/database.ts'
import type { presenceRoutes } from '#schemas/automation/presence.ts'
import type { Handlers } from '../contract.ts'
import type { ApiDeps } from '../deps.ts'

export function presenceHandlers({ db }: Pick<ApiDeps, 'db'>): Handlers<typeof presenceRoutes> {
  return {
    'POST /v1/automations/:automation/presence': async ({ ctx, params, body }) => {
      await withTenant(db, ctx, (tx) => sayPresent(tx, ctx, params.automation, body))
      return null
    },
  }
}
