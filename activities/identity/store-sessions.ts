import { append } from '#activities/audit/store.ts'
import type { Db, Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Role } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import { signedIn, signedOut, type Session } from '#schemas/identity.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { Member } from './store.ts'
import { hashToken, newToken } from './token.ts'

/** A session ends when unused for the first, and in any case after the second. */
export const sessionLife = { idleHours: 12, absoluteDays: 30 } as const
const idleMs = sessionLife.idleHours * 3_600_000
const absoluteMs = sessionLife.absoluteDays * 86_400_000
/** `seen_at` is written at most this often. */
const seenEveryMs = 60_000

/** Where a request came from, as the list of sessions shows it. */
export type Visitor = { userAgent: string | null; address: string | null }
export type OpenedSession = { id: string; token: string; member: Member }
export type KnownSession = { id: string; tenant: string; user: string; name: string; role: Role }

/** Opens a session of a member at their tenant (system role); the token is told here once and only its hash kept. */
export async function openSession(
  tx: Tx,
  member: Member,
  how: 'password' | 'link' | 'setup',
  { userAgent, address }: Visitor,
): Promise<OpenedSession> {
  const [id, token, now] = [newId('session'), newToken(), new Date()]
  const { tenant, user, name } = member
  await tx
    .insertInto('session')
    .values({
      id,
      tenant_id: tenant,
      user_id: user,
      token_hash: hashToken(token),
      user_agent: userAgent?.slice(0, 300) ?? null,
      address,
      seen_at: now,
      expires_at: new Date(now.getTime() + absoluteMs),
      ended_at: null,
    })
    .execute()
  await touchMember(tx, tenant, user, now)
  await append(tx, { tenant, actor: { kind: 'user', id: user, name }, scopes: [] }, [
    signedIn(user, { session: id, how }),
  ])
  return { id, token, member }
}

const touchMember = (tx: Db, tenant: string, user: string, at: Date) =>
  tx
    .updateTable('membership')
    .set({ last_seen_at: at })
    .where('tenant_id', '=', tenant)
    .where('user_id', '=', user)
    .execute()

/** The living session of a token, its person still a member (system role); notes that it was seen. */
export async function findSession(tx: Db, token: string): Promise<KnownSession | null> {
  const now = new Date()
  const found = await tx
    .selectFrom('session')
    .innerJoin('membership as member', (join) =>
      join.onRef('member.tenant_id', '=', 'session.tenant_id').onRef('member.user_id', '=', 'session.user_id'),
    )
    .select([
      'session.id',
      'session.tenant_id as tenant',
      'session.user_id as user',
      'member.name',
      'member.role',
      'session.seen_at',
    ])
    .where('session.token_hash', '=', hashToken(token))
    .where('session.ended_at', 'is', null)
    .where('session.expires_at', '>', now)
    .where('session.seen_at', '>', new Date(now.getTime() - idleMs))
    .executeTakeFirst()
  if (found === undefined) return null
  const { seen_at: seenAt, ...session } = found
  const seenBefore = new Date(now.getTime() - seenEveryMs)
  if (seenAt < seenBefore) {
    await touchMember(tx, session.tenant, session.user, now)
    await tx
      .updateTable('session')
      .set({ seen_at: now })
      .where('id', '=', session.id)
      .where('seen_at', '<', seenBefore)
      .execute()
  }
  return session
}

/** Sessions of one's own that are still good. */
const mine = (tx: Tx, ctx: Context) =>
  tx
    .selectFrom('session')
    .where('tenant_id', '=', ctx.tenant)
    .where('user_id', '=', ctx.actor.id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', new Date())
    .where('seen_at', '>', new Date(Date.now() - idleMs))

/** A page of one's own living sessions, newest first. */
export async function listSessions(
  tx: Tx,
  ctx: Context,
  current: string | undefined,
  page: PageAsked,
): Promise<Page<Session>> {
  let query = mine(tx, ctx).select(['id', 'user_agent', 'address', 'created_at', 'seen_at', 'expires_at'])
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  const items = rows.map((row) => ({
    id: row.id,
    current: row.id === current,
    userAgent: row.user_agent,
    address: row.address,
    createdAt: row.created_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    expiresAt: new Date(Math.min(row.expires_at.getTime(), row.seen_at.getTime() + idleMs)).toISOString(),
  }))
  return { items, next }
}

/** Ends one session of one's own; `not_found` for any other. */
export async function endSession(tx: Tx, ctx: Context, session: string): Promise<void> {
  const found = await mine(tx, ctx).select('id').where('id', '=', session).forUpdate().executeTakeFirst()
  if (found === undefined) throw new Fault('not_found')
  await endSessions(tx, ctx, ctx.actor.id, { only: session })
}

/** Ends the sessions of a person at the tenant: one, all but one, or all. */
export async function endSessions(
  tx: Tx,
  ctx: Context,
  user: string,
  which: { only?: string; except?: string | undefined } = {},
): Promise<void> {
  let query = tx
    .updateTable('session')
    .set({ ended_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('user_id', '=', user)
    .where('ended_at', 'is', null)
  if (which.only !== undefined) query = query.where('id', '=', which.only)
  if (which.except !== undefined) query = query.where('id', '!=', which.except)
  const ended = await query.returning('id').execute()
  await append(
    tx,
    ctx,
    ended.map(({ id }) => signedOut(user, { session: id })),
  )
}
