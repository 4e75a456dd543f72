import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { findSession, sessionLife } from '#activities/identity/store-sessions.ts'
import { scopesOf } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'
import type { KnownKeys } from './access-known-keys.ts'

type C = HonoContext<ApiEnv>
type Place = Pick<ApiDeps, 'url'>

/** `__Host-` (RFC 6265bis §4.1.3.2) wants Secure and Path=/, so it is there where the platform is reached by https. */
const cookieOf = ({ url }: Place) => {
  const secure = url.startsWith('https:')
  const options = { httpOnly: true, sameSite: 'Lax', path: '/', secure } as const
  return { name: secure ? '__Host-auterity_session' : 'auterity_session', options }
}

/** Hands the browser the token of the session just opened. */
export const keepSession = (c: C, deps: Place, token: string): void => {
  const { name, options } = cookieOf(deps)
  setCookie(c, name, token, { ...options, maxAge: sessionLife.absoluteDays * 86_400 })
}

export const dropSession = (c: C, deps: Place): void => {
  const { name, options } = cookieOf(deps)
  deleteCookie(c, name, options)
}

/**
 * Finds out in whose name a request comes: by `Authorization: Bearer aut_…`, else by the session cookie. A credential
 * that is not good only sets `refused`, so that public routes still answer.
 */
export const authenticate =
  (deps: ApiDeps, keys: KnownKeys): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    await identify(deps, (key) => keys.find(key), c)
    await next()
  }

type FindKey = (key: string) => Promise<Context | null>

const identify = async (deps: ApiDeps, findKey: FindKey, c: C): Promise<void> => {
  const authorization = c.req.header('authorization')
  const token = getCookie(c, cookieOf(deps).name)
  if (authorization !== undefined) await byKey(findKey, c, authorization)
  else if (token !== undefined) await bySession(deps, c, token)
}

/** For a line that stays open: is the credential it was opened with still good, with the scopes it had? */
export const stillAllowed =
  (deps: ApiDeps, keys: KnownKeys) =>
  async (c: C): Promise<boolean> => {
    const before = c.get('ctx')
    c.set('ctx', undefined)
    await identify(deps, (key) => keys.ask(key), c)
    const now = c.get('ctx')
    return now !== undefined && (before?.scopes.every((scope) => now.scopes.includes(scope)) ?? true)
  }

const byKey = async (findKey: FindKey, c: C, authorization: string): Promise<void> => {
  const key = /^Bearer +(aut_[\w-]{43})$/i.exec(authorization)?.[1]
  const ctx = key === undefined ? null : await findKey(key)
  if (ctx === null) c.set('refused', new Fault('unauthenticated', 'This API key is unknown, revoked or has run out.'))
  else c.set('ctx', ctx)
}

const bySession = async ({ db }: ApiDeps, c: C, token: string): Promise<void> => {
  const found = await findSession(db.system, token)
  if (found === null) {
    c.set('refused', new Fault('unauthenticated', 'Your session has ended; sign in again.'))
    return
  }
  const { id, tenant, user, name, role } = found
  c.set('ctx', { tenant, actor: { kind: 'user', id: user, name }, scopes: scopesOf[role] })
  c.set('session', { id, user })
}

/** The origins that are the platform itself; on a developer's machine `localhost` goes by its numbers too. */
const ownOrigins = ({ url }: Place): ReadonlySet<string> => {
  const own = new URL(url)
  const loopback = ['localhost', '127.0.0.1', '[::1]']
  if (own.protocol !== 'http:' || !loopback.includes(own.hostname)) return new Set([own.origin])
  return new Set(loopback.map((host) => `http://${host}${own.port === '' ? '' : `:${own.port}`}`))
}

/**
 * Refuses a changing request that another site made a browser send (OWASP CSRF Cheat Sheet, "Verifying Origin" and
 * Fetch Metadata). Sign-in is guarded too; a request with an `Authorization` header is not, since no site can add one.
 */
export const checkOrigin = (deps: Place): MiddlewareHandler<ApiEnv> => {
  const own = ownOrigins(deps)
  return async (c, next) => {
    const harmless = ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    if (!harmless && c.req.header('authorization') === undefined && !isOwn(c, own)) throw new Fault('bad_origin')
    await next()
  }
}

const isOwn = (c: C, own: ReadonlySet<string>): boolean => {
  const origin = c.req.header('origin')
  if (origin !== undefined) return own.has(origin)
  const site = c.req.header('sec-fetch-site')
  return site === undefined || site === 'same-origin' || site === 'none'
}
