import { setTimeout as pause } from 'node:timers/promises'
import { append } from '#activities/audit/store.ts'
import { withSystem, withTenant, type Databases, type Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import { passwordSet, signInRefused } from '#schemas/identity.ts'
import type { Context } from '#schemas/tenancy.ts'
import { checkPassword, hashPassword, needsRehash } from './password.ts'
import { endSessions, openSession, type OpenedSession, type Visitor } from './store-sessions.ts'
import { chargeAttempt, forgiveAttempt } from './store-throttle.ts'
import { findMember, findMemberByEmail, type Member } from './store.ts'
import { hashToken } from './token.ts'

/** A refusal takes at least this long, so that its time does not tell whether the e-mail is known. */
const refusalMs = 300

type Credentials = { email: string; password: string; tenant?: string | undefined }

/**
 * Signs in with e-mail and password. `bad_credentials` alike for a wrong password, an unknown e-mail or tenant and a
 * person without a password; `too_many_requests` when throttled.
 */
export async function signInByPassword(db: Databases, given: Credentials, from: Visitor): Promise<OpenedSession> {
  const attempt = { email: given.email, address: from.address }
  await withSystem(db, (tx) => chargeAttempt(tx, attempt))
  const started = performance.now()
  const member = await withSystem(db, (tx) => findMemberByEmail(tx, given.email, given.tenant))
  const right = await checkPassword(member?.passwordHash ?? null, given.password)
  if (member === null || !right) {
    if (member !== null) await withSystem(db, (tx) => recordRefusal(tx, member))
    await pause(Math.max(0, refusalMs - (performance.now() - started)))
    throw new Fault('bad_credentials')
  }
  const renewed =
    member.passwordHash !== null && needsRehash(member.passwordHash)
      ? await hashPassword(given.password)
      : member.passwordHash
  return withSystem(db, async (tx) => {
    // a password that was changed since it was read opens nothing
    if (!(await replaceHash(tx, member, renewed))) throw new Fault('bad_credentials')
    await forgiveAttempt(tx, attempt)
    return openSession(tx, member, 'password', from)
  })
}

const recordRefusal = (tx: Tx, { tenant, user }: Member) =>
  append(tx, { tenant, actor: { kind: 'system', id: 'sign-in' }, scopes: [] }, [
    signInRefused(user, { reason: 'wrong password' }),
  ])

const replaceHash = async (tx: Tx, member: Member, hash: string | null): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('membership')
    .set({ password_hash: hash })
    .where('tenant_id', '=', member.tenant)
    .where('user_id', '=', member.user)
    .where('password_hash', 'is not distinct from', member.passwordHash)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Signs in with a one-time link (system role): of many at once exactly one gets in, the others are `link_used`. */
export async function signInByLink(tx: Tx, token: string, from: Visitor): Promise<OpenedSession> {
  const now = new Date()
  const link = await tx
    .updateTable('sign_in_link')
    .set({ used_at: now })
    .where('token_hash', '=', hashToken(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['tenant_id as tenant', 'user_id as user'])
    .executeTakeFirst()
  const member = link === undefined ? null : await findMember(tx, link, link.user)
  if (member === null) throw new Fault('link_used')
  return openSession(tx, member, 'link', from)
}

/** Sets the password of the acting person at this tenant and ends their other sessions. */
export async function setPassword(
  db: Databases,
  ctx: Context,
  given: { current?: string | undefined; password: string },
  here: { session: string | undefined; address: string | null },
): Promise<void> {
  const member = ctx.actor.kind === 'user' ? await withTenant(db, ctx, (tx) => findMember(tx, ctx, ctx.actor.id)) : null
  if (member === null) throw new Fault('forbidden', 'Only a person has a password.')
  if (member.passwordHash !== null) {
    const attempt = { email: member.email, address: here.address }
    await withSystem(db, (tx) => chargeAttempt(tx, attempt))
    if (!(await checkPassword(member.passwordHash, given.current ?? '')))
      throw new Fault('invalid', undefined, {
        issues: [{ path: '/body/current', message: 'is not your password' }],
      })
    await withSystem(db, (tx) => forgiveAttempt(tx, attempt))
  }
  const hash = await hashPassword(given.password)
  await withTenant(db, ctx, async (tx) => {
    if (!(await replaceHash(tx, member, hash))) throw new Fault('conflict')
    await endSessions(tx, ctx, member.user, { except: here.session })
    await append(tx, ctx, [passwordSet(member.user, {})])
  })
}
