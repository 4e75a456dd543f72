import { sql } from 'kysely'
import { withSystem, type Databases, type Tx } from '#activities/database.ts'
import { anyTenant, createTenant, freeSlug } from '#activities/tenancy/store.ts'
import { scopes } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { hashPassword } from './password.ts'
import { openSession, type OpenedSession, type Visitor } from './store-sessions.ts'
import { addMember, createUser } from './store.ts'

/** Whoever would make the first tenant waits here for whoever is at it (system role). */
export const lockSetup = (tx: Tx) => sql`select pg_advisory_xact_lock(4700003)`.execute(tx)

const refuseLate = async (tx: Tx): Promise<void> => {
  if (await anyTenant(tx)) throw new Fault('conflict', 'This installation has its first owner already; sign in.')
}

/** Whether anybody at all could sign in without a link (system role). */
export const anyPassword = async (tx: Tx): Promise<boolean> =>
  (await tx
    .selectFrom('membership')
    .select('user_id')
    .where('password_hash', 'is not', null)
    .limit(1)
    .executeTakeFirst()) !== undefined

/** In whose name a new tenant is furnished. */
export const setupContext = (tenant: string): Context => ({
  tenant,
  actor: { kind: 'system', id: 'setup' },
  scopes,
})

/** First run: creates the tenant and its owner, and signs the owner in. `conflict` once there is any tenant. */
export async function setUp(
  db: Databases,
  given: { tenant: string; name: string; email: string; password: string },
  from: Visitor,
): Promise<OpenedSession> {
  await withSystem(db, refuseLate)
  const passwordHash = await hashPassword(given.password)
  return withSystem(db, async (tx) => {
    await lockSetup(tx)
    await refuseLate(tx)
    const tenant = await createTenant(tx, { slug: await freeSlug(tx, given.tenant), name: given.tenant })
    const { name, email } = given
    const user = await createUser(tx, { email })
    await addMember(tx, setupContext(tenant), { user, name, role: 'owner', passwordHash })
    return openSession(tx, { tenant, user, name, email, role: 'owner', passwordHash }, 'setup', from)
  })
}
