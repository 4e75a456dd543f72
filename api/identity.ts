import type { Context as HonoContext } from 'hono'
import { withSystem, withTenant } from '#activities/database.ts'
import { endSession, listSessions, type OpenedSession, type Visitor } from '#activities/identity/store-sessions.ts'
import { setUp } from '#activities/identity/store-setup.ts'
import { setPassword, signInByLink, signInByPassword } from '#activities/identity/store-sign-in.ts'
import { findMember } from '#activities/identity/store.ts'
import { anyTenant, findTenant } from '#activities/tenancy/store.ts'
import { scopesOf } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import type { identityRoutes, Me } from '#schemas/identity.ts'
import type { Context } from '#schemas/tenancy.ts'
import { dropSession, keepSession } from './authenticate.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'

type C = HonoContext<ApiEnv>

/** What `@hono/node-server` gives with each request; absent where the app is called without a socket. */
type Incoming = { incoming?: { socket?: { remoteAddress?: string } } } | undefined

const visitor = (c: C): Visitor => ({
  userAgent: c.req.header('user-agent') ?? null,
  address: (c.env as Incoming)?.incoming?.socket?.remoteAddress ?? null,
})

export const identityHandlers = (deps: ApiDeps): Handlers<typeof identityRoutes> => {
  const { db } = deps

  const describe = async (ctx: Context): Promise<Me> =>
    withTenant(db, ctx, async (tx) => {
      const tenant = await findTenant(tx, ctx.tenant)
      if (tenant === null) throw new Fault('not_found')
      const member = ctx.actor.kind === 'user' ? await findMember(tx, ctx, ctx.actor.id) : null
      const user =
        member === null
          ? null
          : { id: member.user, name: member.name, email: member.email, hasPassword: member.passwordHash !== null }
      return { user, tenant, role: member?.role ?? null, scopes: [...ctx.scopes], demo: deps.demo }
    })

  const enter = (c: C, { token, member }: OpenedSession): Promise<Me> => {
    keepSession(c, deps, token)
    const { tenant, user, name, role } = member
    return describe({ tenant, actor: { kind: 'user', id: user, name }, scopes: scopesOf[role] })
  }

  return {
    'GET /v1/setup': async () => ({ needed: !(await withSystem(db, anyTenant)) }),
    'POST /v1/setup': async ({ body, c }) => enter(c, await setUp(db, body, visitor(c))),
    'POST /v1/session': async ({ body, c }) => enter(c, await signInByPassword(db, body, visitor(c))),
    'POST /v1/session/link': async ({ body, c }) =>
      enter(c, await withSystem(db, (tx) => signInByLink(tx, body.token, visitor(c)))),
    'DELETE /v1/session': async ({ ctx, c }) => {
      const session = c.get('session')
      if (session === undefined) throw new Fault('forbidden', 'An API key has no session; revoke the key instead.')
      await withTenant(db, ctx, (tx) => endSession(tx, ctx, session.id))
      dropSession(c, deps)
      return null
    },
    'GET /v1/me': ({ ctx }) => describe(ctx),
    'PUT /v1/me/password': async ({ ctx, body, c }) => {
      await setPassword(db, ctx, body, { session: c.get('session')?.id, address: visitor(c).address })
      return null
    },
    'GET /v1/sessions': ({ ctx, query, c }) =>
      withTenant(db, ctx, (tx) => listSessions(tx, ctx, c.get('session')?.id, query)),
    'DELETE /v1/sessions/:session': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => endSession(tx, ctx, params.session))
      return null
    },
  }
}
