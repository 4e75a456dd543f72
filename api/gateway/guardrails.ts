import { withTenant } from '#activities/database.ts'
import { tryGuard } from '#activities/gateway/relay/guard-trial.ts'
import {
  addGuardrail,
  changeGuardrail,
  deleteGuardrail,
  findGuardrail,
  listGuardrails,
} from '#activities/gateway/store-guardrails.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import type { guardrailRoutes } from '#schemas/gateway/guardrails/index.ts'
import { guardKindNames } from '#schemas/gateway/guardrails/kind.ts'
import { guardKinds } from '#schemas/gateway/guardrails/kinds.ts'

const kindFacts = guardKindNames.map((kind) => {
  const { title, about, mends, sides } = guardKinds[kind]
  return { kind, title, about, mends, sides: [...sides] }
})

export const guardrailHandlers = ({ db, seal }: Pick<ApiDeps, 'db' | 'seal'>): Handlers<typeof guardrailRoutes> => ({
  'GET /v1/gateway/guardrail-kinds': () => Promise.resolve({ items: kindFacts }),
  'GET /v1/gateway/guardrails': ({ ctx, query }) => withTenant(db, ctx, (tx) => listGuardrails(tx, ctx, query)),
  'POST /v1/gateway/guardrails': ({ ctx, body, keep }) =>
    withTenant(db, ctx, async (tx) => keep(tx, await addGuardrail(tx, ctx, body))),
  'POST /v1/gateway/guardrails/try': ({ ctx, body }) =>
    Promise.resolve(tryGuard(body.kind, body.options, body.text, seal.derived(`guardrails ${ctx.tenant}`))),
  'GET /v1/gateway/guardrails/:guardrail': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => findGuardrail(tx, ctx, params.guardrail)),
  'PATCH /v1/gateway/guardrails/:guardrail': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => changeGuardrail(tx, ctx, params.guardrail, body)),
  'DELETE /v1/gateway/guardrails/:guardrail': async ({ ctx, params }) => {
    await withTenant(db, ctx, (tx) => deleteGuardrail(tx, ctx, params.guardrail))
    return null
  },
})
