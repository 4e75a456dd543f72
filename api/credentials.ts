import { checkCredential } from '#activities/credentials/check.ts'
import {
  addCredential,
  changeCredential,
  deleteCredential,
  findCredential,
  listCredentials,
  rotateCredential,
} from '#activities/credentials/store.ts'
import { withTenant } from '#activities/database.ts'
import type { credentialRoutes } from '#schemas/credentials.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'

export function credentialHandlers(deps: ApiDeps): Handlers<typeof credentialRoutes> {
  const { db, seal } = deps
  return {
    'GET /v1/credentials': ({ ctx, query }) => withTenant(db, ctx, (tx) => listCredentials(tx, ctx, query)),
    'POST /v1/credentials': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await addCredential(tx, ctx, seal, body))),
    'GET /v1/credentials/:credential': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => findCredential(tx, ctx, params.credential)),
    'PATCH /v1/credentials/:credential': ({ ctx, params, body }) =>
      withTenant(db, ctx, (tx) => changeCredential(tx, ctx, params.credential, body)),
    'DELETE /v1/credentials/:credential': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => deleteCredential(tx, ctx, params.credential))
      return null
    },
    'POST /v1/credentials/:credential/rotate': ({ ctx, params, body }) =>
      withTenant(db, ctx, (tx) => rotateCredential(tx, ctx, seal, params.credential, body)),
    'POST /v1/credentials/:credential/check': async ({ ctx, params, body }) => {
      const { id } = await withTenant(db, ctx, (tx) => findCredential(tx, ctx, params.credential))
      return checkCredential(deps, ctx, { ref: id, url: body.url, purpose: body.of })
    },
  }
}
