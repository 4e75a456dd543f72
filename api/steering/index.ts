import { createPolicy, findPolicy, listPolicies, setArchived } from '#activities/steering/store.ts'
import { catalogueOf } from '#activities/steering/store-catalogue.ts'
import { findDraft, saveDraft } from '#activities/steering/store-draft.ts'
import { withdraw } from '#activities/steering/store-force.ts'
import { listVersions, publish, readText, readVersion, rollBack } from '#activities/steering/store-versions.ts'
import { withTenant } from '#activities/database.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { diff } from '#schemas/steering/diff.ts'
import { steeringSchema } from '#schemas/steering/document.ts'
import type { steeringRoutes } from '#schemas/steering/index.ts'
import type { policyRoutes } from '#schemas/steering/policies.ts'
import { lineDifferences } from '#schemas/steering/lines.ts'
import { validate } from '#schemas/steering/validate.ts'
import { replayHandlers } from './replays.ts'
import { trialHandlers } from './trial.ts'

export const steeringHandlers = (deps: ApiDeps): Handlers<typeof steeringRoutes> => ({
  ...policyHandlers(deps),
  ...trialHandlers(deps),
  ...replayHandlers(deps),
})

const policyHandlers = ({ db }: ApiDeps): Handlers<typeof policyRoutes> => ({
  'GET /v1/steering/schema': () => Promise.resolve({ schema: steeringSchema() }),
  'GET /v1/steering/policies': ({ ctx, query }) =>
    withTenant(db, ctx, (tx) => listPolicies(tx, ctx, { ...query, archived: query.archived === 'true' })),
  'POST /v1/steering/policies': ({ ctx, body, keep }) =>
    withTenant(db, ctx, async (tx) => keep(tx, await createPolicy(tx, ctx, body.text))),
  'GET /v1/steering/policies/:policy': ({ ctx, params }) =>
    withTenant(db, ctx, async (tx) => {
      const { draft: text, draft_revision: revision } = await findDraft(tx, ctx, params.policy)
      return { policy: await findPolicy(tx, ctx, params.policy), text, revision }
    }),
  'PUT /v1/steering/policies/:policy/draft': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => saveDraft(tx, ctx, params.policy, body)),
  'POST /v1/steering/policies/:policy/validate': ({ ctx, params, body }) =>
    withTenant(db, ctx, async (tx) => {
      const { draft } = await findDraft(tx, ctx, params.policy)
      return { problems: validate(body.text ?? draft, await catalogueOf(tx, ctx)).problems }
    }),
  'POST /v1/steering/policies/:policy/publish': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => publish(tx, ctx, params.policy, body)),
  'GET /v1/steering/policies/:policy/versions': ({ ctx, params, query }) =>
    withTenant(db, ctx, (tx) => listVersions(tx, ctx, params.policy, query)),
  'GET /v1/steering/policies/:policy/versions/:version': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => readVersion(tx, ctx, params.policy, params.version)),
  'POST /v1/steering/policies/:policy/versions/:version/publish': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => rollBack(tx, ctx, params.policy, params.version, body)),
  'DELETE /v1/steering/policies/:policy/keys/:virtualKey': ({ ctx, params }) =>
    withTenant(db, ctx, async (tx) => {
      await withdraw(tx, ctx, params.policy, params.virtualKey)
      return findPolicy(tx, ctx, params.policy)
    }),
  'GET /v1/steering/policies/:policy/diff': async ({ ctx, params, query }) => {
    const texts = await withTenant(db, ctx, async (tx) => ({
      from: (await readText(tx, ctx, params.policy, query.from)).text,
      to: (await readText(tx, ctx, params.policy, query.to)).text,
    }))
    const [from, to] = [validate(texts.from).document, validate(texts.to).document]
    return {
      lines: lineDifferences(texts.from, texts.to),
      differences: from === null || to === null ? null : diff(from, to),
    }
  },
  'POST /v1/steering/policies/:policy/archive': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => setArchived(tx, ctx, params.policy, true)),
  'POST /v1/steering/policies/:policy/restore': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => setArchived(tx, ctx, params.policy, false)),
})
