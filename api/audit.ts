import { listEvents } from '#activities/audit/store.ts'
import { withTenant } from '#activities/database.ts'
import type { auditRoutes } from '#schemas/audit.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'

export const auditHandlers = ({ db }: ApiDeps): Handlers<typeof auditRoutes> => ({
  'GET /v1/events': ({ ctx, query }) => withTenant(db, ctx, (tx) => listEvents(tx, ctx, query)),
})
