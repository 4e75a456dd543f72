import { append, isUniqueViolation } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { personInvited, type Role } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import { linkMade } from '#schemas/identity.ts'
import { linkMinutes } from '#schemas/identity-link.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { hashToken, newToken } from './token.ts'

export type Member = {
  tenant: string
  user: string
  name: string
  email: string
  role: Role
  passwordHash: string | null
}

/** The account of an e-mail (lower case), made when there is none yet (system role); gives its id. */
export async function createUser(tx: Tx, { email }: { email: string }): Promise<string> {
  const made = await tx
    .insertInto('user_account')
    .values({ id: newId('user'), email })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made !== undefined) return made.id
  const { id } = await tx.selectFrom('user_account').select('id').where('email', '=', email).executeTakeFirstOrThrow()
  return id
}

/** Makes an account a member of `ctx.tenant`; `already_exists` where it is one. */
export async function addMember(
  tx: Tx,
  ctx: Context,
  { user, name, role, passwordHash = null }: { user: string; name: string; role: Role; passwordHash?: string | null },
): Promise<void> {
  try {
    await tx
      .insertInto('membership')
      .values({ tenant_id: ctx.tenant, user_id: user, name, role, password_hash: passwordHash })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('already_exists', 'This person is here already.')
    throw error
  }
  await append(tx, ctx, [personInvited(user, { user, role })])
}

const members = (tx: Tx) =>
  tx
    .selectFrom('membership as member')
    .innerJoin('user_account as account', 'account.id', 'member.user_id')
    .select([
      'member.tenant_id as tenant',
      'member.user_id as user',
      'member.name',
      'account.email',
      'member.role',
      'member.password_hash as passwordHash',
    ])

export const findMember = async (tx: Tx, { tenant }: Pick<Context, 'tenant'>, user: string): Promise<Member | null> =>
  (await members(tx).where('member.tenant_id', '=', tenant).where('member.user_id', '=', user).executeTakeFirst()) ??
  null

/**
 * Who signs in with this e-mail (system role): at the tenant of that slug, else where the person was last among
 * the tenants at which they have a password.
 */
export async function findMemberByEmail(tx: Tx, email: string, tenantSlug?: string): Promise<Member | null> {
  let query = members(tx).where('account.email', '=', email)
  if (tenantSlug !== undefined)
    query = query.innerJoin('tenant', 'tenant.id', 'member.tenant_id').where('tenant.slug', '=', tenantSlug)
  const found = await query
    .orderBy((e) => e('member.password_hash', 'is', null))
    .orderBy('member.last_seen_at', (order) => order.desc().nullsLast())
    .executeTakeFirst()
  return found ?? null
}

/**
 * Makes a one-time sign-in link for a member of `ctx.tenant`: the token that signs them in once, within `minutes`.
 * Only its hash is kept. `not_found` for one who is no member.
 */
export async function createSignInLink(tx: Tx, ctx: Context, user: string, minutes = linkMinutes): Promise<string> {
  if ((await findMember(tx, ctx, user)) === null) throw new Fault('not_found')
  const token = newToken()
  const expiresAt = new Date(Date.now() + minutes * 60_000)
  await tx
    .insertInto('sign_in_link')
    .values({
      id: newId('link'),
      tenant_id: ctx.tenant,
      user_id: user,
      token_hash: hashToken(token),
      expires_at: expiresAt,
      used_at: null,
    })
    .execute()
  await append(tx, ctx, [linkMade(user, { user, expiresAt: expiresAt.toISOString() })])
  return token
}
