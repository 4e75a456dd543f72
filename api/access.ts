import { createApiKey, listApiKeys, revokeApiKey } from '#activities/access/store.ts'
import { changeRole, invitePerson, linkPerson, listPeople, removePerson } from '#activities/access/store-people.ts'
import { withSystem, withTenant } from '#activities/database.ts'
import type { accessRoutes } from '#schemas/access.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import type { KnownKeys } from './access-known-keys.ts'

export const accessHandlers = ({ db, url }: ApiDeps, keys: KnownKeys): Handlers<typeof accessRoutes> => {
  // the token stands behind the #, so no server or proxy logs it on the way
  const linkUrl = (token: string) => `${url}/link#${token}`

  return {
    'GET /v1/people': ({ ctx, query }) => withTenant(db, ctx, (tx) => listPeople(tx, ctx, query)),
    'POST /v1/people': ({ ctx, body, keep }) =>
      withSystem(db, async (tx) => {
        const { person, token } = await invitePerson(tx, ctx, body)
        return keep(tx, { person, link: linkUrl(token) })
      }),
    'POST /v1/people/:user/link': async ({ ctx, params }) => ({
      link: linkUrl(await withTenant(db, ctx, (tx) => linkPerson(tx, ctx, params.user))),
    }),
    'PATCH /v1/people/:user': ({ ctx, params, body }) =>
      withTenant(db, ctx, (tx) => changeRole(tx, ctx, params.user, body.role)),
    'DELETE /v1/people/:user': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => removePerson(tx, ctx, params.user))
      return null
    },
    'GET /v1/keys': ({ ctx, query }) => withTenant(db, ctx, (tx) => listApiKeys(tx, ctx, query)),
    'POST /v1/keys': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await createApiKey(tx, ctx, body))),
    'DELETE /v1/keys/:key': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => revokeApiKey(tx, ctx, params.key))
      keys.forget(ctx.tenant)
      return null
    },
  }
}
