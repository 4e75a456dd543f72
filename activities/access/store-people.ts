import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { endSessions } from '#activities/identity/store-sessions.ts'
import { addMember, createSignInLink, createUser } from '#activities/identity/store.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { linkLife } from '#schemas/identity-link.ts'
import { mayGrant, personRemoved, roleChanged, type Person, type Role } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'

const people = (tx: Tx, ctx: Context) =>
  tx
    .selectFrom('membership as member')
    .innerJoin('user_account as account', 'account.id', 'member.user_id')
    .select([
      'account.id',
      'member.name',
      'account.email',
      'member.role',
      'member.last_seen_at as seen',
      'member.created_at as since',
    ])
    .where('member.tenant_id', '=', ctx.tenant)

type Row = { id: string; name: string; email: string; role: Role; seen: Date | null; since: Date }

const toPerson = ({ id, name, email, role, seen, since }: Row): Person => ({
  id,
  name,
  email,
  role,
  invited: seen === null,
  lastSeenAt: seen?.toISOString() ?? null,
  createdAt: since.toISOString(),
})

/** A page of the people of the tenant, in the order of their accounts. */
export async function listPeople(tx: Tx, ctx: Context, page: PageAsked): Promise<Page<Person>> {
  let query = people(tx, ctx)
  if (page.cursor !== undefined) query = query.where('member.user_id', '>', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('member.user_id'), page.limit, (row) => row.id)
  return { items: rows.map(toPerson), next }
}

export async function findPerson(tx: Tx, ctx: Context, user: string): Promise<Person> {
  const row = await people(tx, ctx).where('member.user_id', '=', user).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toPerson(row)
}

/** What somebody is in the tenant; null for a key, and for who is not, or no longer, one of its people. */
export async function roleOf(tx: Tx, ctx: Pick<Context, 'tenant'>, user: string): Promise<Role | null> {
  const row = await tx
    .selectFrom('membership')
    .select('role')
    .where('tenant_id', '=', ctx.tenant)
    .where('user_id', '=', user)
    .executeTakeFirst()
  return row?.role ?? null
}

/** The people of these roles, by name. */
export const peopleOf = (tx: Tx, ctx: Pick<Context, 'tenant'>, roles: readonly Role[]) =>
  tx
    .selectFrom('membership')
    .select(['user_id as id', 'name', 'role'])
    .where('tenant_id', '=', ctx.tenant)
    .where('role', 'in', roles)
    .orderBy('name')
    .orderBy('user_id')
    .execute()

/**
 * What the acting one ranks as: a person as their role says now, a key as an admin at most (only a person makes
 * owners), the platform itself as an owner.
 */
const rankOf = async (tx: Tx, ctx: Context): Promise<Role> => {
  if (ctx.actor.kind === 'api_key') return 'admin'
  if (ctx.actor.kind === 'system') return 'owner'
  return (await findPerson(tx, ctx, ctx.actor.id)).role
}

const refuseAbove = (rank: Role, ...roles: Role[]): void => {
  for (const role of roles)
    if (!mayGrant(rank, role)) throw new Fault('forbidden', `Somebody ranked ${rank} may not do this to ${role}s.`)
}

/** Invites a person (system role, since it may make an account): gives them and the token of a one-time link. */
export async function invitePerson(
  tx: Tx,
  ctx: Context,
  { name, email, role }: { name: string; email: string; role: Role },
): Promise<{ person: Person; token: string }> {
  refuseAbove(await rankOf(tx, ctx), role)
  const user = await createUser(tx, { email })
  await addMember(tx, ctx, { user, name, role })
  const token = await createSignInLink(tx, ctx, user, linkLife({ invited: true }))
  return { person: await findPerson(tx, ctx, user), token }
}

const endLinks = async (tx: Tx, ctx: Context, user: string): Promise<void> => {
  await tx
    .updateTable('sign_in_link')
    .set({ used_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('user_id', '=', user)
    .where('used_at', 'is', null)
    .execute()
}

/**
 * A fresh one-time link for a person of no higher rank: whoever holds it signs in as them. Those made before it end,
 * in whose hands ever they are.
 */
export async function linkPerson(tx: Tx, ctx: Context, user: string): Promise<string> {
  const person = await findPerson(tx, ctx, user)
  refuseAbove(await rankOf(tx, ctx), person.role)
  await endLinks(tx, ctx, user)
  return createSignInLink(tx, ctx, user, linkLife(person))
}

/**
 * Takes the rows of the person and of every owner, in one order, before a role is looked at. So all changes of roles
 * in a tenant wait for each other, and each decides on what the one before it left.
 */
const lockOwners = async (tx: Tx, ctx: Context, user: string): Promise<string[]> => {
  const rows = await tx
    .selectFrom('membership')
    .select(['user_id', 'role'])
    .where('tenant_id', '=', ctx.tenant)
    .where((e) => e.or([e('role', '=', 'owner'), e('user_id', '=', user)]))
    .orderBy('user_id')
    .forUpdate()
    .execute()
  return rows.filter((row) => row.role === 'owner').map((row) => row.user_id)
}

/** The person whose place is about to change, once it is clear that the acting one may do that. */
const takeInHand = async (tx: Tx, ctx: Context, user: string, to?: Role): Promise<Person> => {
  const owners = await lockOwners(tx, ctx, user)
  const person = await findPerson(tx, ctx, user)
  refuseAbove(await rankOf(tx, ctx), person.role, to ?? person.role)
  if (to !== 'owner' && owners.length === 1 && owners[0] === user) throw new Fault('last_owner')
  return person
}

/** Changes a role; the new one holds from the person's next request on. `last_owner`, `forbidden`, `not_found`. */
export async function changeRole(tx: Tx, ctx: Context, user: string, to: Role): Promise<Person> {
  const person = await takeInHand(tx, ctx, user, to)
  if (person.role === to) return person
  await tx
    .updateTable('membership')
    .set({ role: to })
    .where('tenant_id', '=', ctx.tenant)
    .where('user_id', '=', user)
    .execute()
  await append(tx, ctx, [roleChanged(user, { user, from: person.role, to })])
  return { ...person, role: to }
}

/** Removes a person from the tenant; their sessions and unused links end with it. Keys they made belong to the tenant. */
export async function removePerson(tx: Tx, ctx: Context, user: string): Promise<void> {
  // link, membership, session, event: the order in which a sign-in takes them, so that neither waits for the other
  await endLinks(tx, ctx, user)
  await takeInHand(tx, ctx, user)
  await endSessions(tx, ctx, user)
  await tx.deleteFrom('membership').where('tenant_id', '=', ctx.tenant).where('user_id', '=', user).execute()
  await append(tx, ctx, [personRemoved(user, { user })])
}
