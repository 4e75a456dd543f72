import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { createApiKey } from '#activities/access/store.ts'
import { withSystem, withTenant, type Databases } from '#activities/database.ts'
import { addMember, createSignInLink, createUser } from '#activities/identity/store.ts'
import type { ApiEnv } from '#api/deps.ts'
import { scopes as allScopes, scopesOf, type Role, type Scope } from '#schemas/access.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testTenant } from './database.ts'

export type SignedIn = { cookie: string; ctx: Context; user: string; email: string }

/** The cookie a sign-in answered, as the next request sends it. */
export const cookieOf = (reply: Response): string => {
  const [cookie] = (reply.headers.get('set-cookie') ?? '').split(';')
  if (cookie === undefined || cookie === '') throw new Error(`no cookie came with the ${reply.status}`)
  return cookie
}

/** A person of that role, new at the tenant of `at`, with the token of a one-time link. */
export async function newPerson(
  db: Databases,
  at: Context,
  role: Role,
  name = `Test ${role}`,
): Promise<{ user: string; email: string; name: string; token: string }> {
  const email = `${role}-${randomBytes(5).toString('hex')}@test.example`
  return withSystem(db, async (tx) => {
    const user = await createUser(tx, { email })
    await addMember(tx, at, { user, name, role })
    return { user, email, name, token: await createSignInLink(tx, at, user) }
  })
}

/** A person of that role, new at the tenant of `at` (else at a new tenant), signed in through the door. */
export async function signedIn(app: Hono<ApiEnv>, db: Databases, role: Role, at?: Context): Promise<SignedIn> {
  const tenant = at ?? (await testTenant(db))
  const { user, email, name, token } = await newPerson(db, tenant, role)
  const reply = await app.request('/v1/session/link', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  const ctx: Context = { tenant: tenant.tenant, actor: { kind: 'user', id: user, name }, scopes: scopesOf[role] }
  return { cookie: cookieOf(reply), ctx, user, email }
}

/** An API key of these scopes at the tenant of `at` (else at a new tenant). */
export async function withKey(
  db: Databases,
  scopes: readonly Scope[] = allScopes,
  at?: Context,
): Promise<{ authorization: string; ctx: Context }> {
  const maker = at ?? (await testTenant(db))
  const { apiKey, key } = await withTenant(db, maker, (tx) => createApiKey(tx, maker, { name: 'Test', scopes }))
  const ctx: Context = { tenant: maker.tenant, actor: { kind: 'api_key', id: apiKey.id, name: 'Test' }, scopes }
  return { authorization: `Bearer ${key}`, ctx }
}
