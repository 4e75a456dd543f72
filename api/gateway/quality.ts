import { withTenant } from '#activities/database.ts'
import { changeQuality, findQuality, restoreRule } from '#activities/gateway/store-quality.ts'
import { listSamples } from '#activities/gateway/store-samples.ts'
import { openSample, readVerdicts } from '#activities/gateway/store-verdicts.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import type { qualityRoutes } from '#schemas/gateway/quality/index.ts'

export const qualityHandlers = ({ db, seal }: Pick<ApiDeps, 'db' | 'seal'>): Handlers<typeof qualityRoutes> => ({
  'GET /v1/gateway/quality-guard': ({ ctx }) => withTenant(db, ctx, (tx) => findQuality(tx, ctx)),
  'PUT /v1/gateway/quality-guard': ({ ctx, body }) => withTenant(db, ctx, (tx) => changeQuality(tx, ctx, body)),
  'GET /v1/gateway/quality-guard/figures': ({ ctx, query }) =>
    withTenant(db, ctx, (tx) => readVerdicts(tx, ctx, query.days)),
  'POST /v1/gateway/quality-guard/restore': ({ ctx, body }) => withTenant(db, ctx, (tx) => restoreRule(tx, ctx, body)),
  'GET /v1/gateway/quality-guard/samples': ({ ctx, query }) => withTenant(db, ctx, (tx) => listSamples(tx, ctx, query)),
  'GET /v1/gateway/quality-guard/samples/:modelRequest': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => openSample(tx, ctx, seal, params.modelRequest)),
})
