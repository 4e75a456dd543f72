import { withTenant, type Databases, type Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import type { Purpose, Secret } from '#schemas/credentials.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { aboutSecret } from './store.ts'

/** Its last use is written at most this often, in ms. */
const usedEvery = 60_000
/** A token is not used in its last seconds: it has to be good when it arrives. In ms. */
const margin = 20_000

type Tenant = Pick<Context, 'tenant'>
export type Token = { text: string; until: Date }
export type OpenedSecret = { id: string; hosts: string[]; secret: Secret; token: Token | null }
type Which = { ref: string; purpose: Purpose }

const rowOf = (tx: Tx, ctx: Tenant, { ref, purpose }: Which) =>
  tx
    .selectFrom('credential')
    .leftJoin('credential_secret as s', (join) =>
      join
        .onRef('s.tenant_id', '=', 'credential.tenant_id')
        .onRef('s.credential_id', '=', 'credential.id')
        .on('s.purpose', '=', purpose),
    )
    .select(['id', 'credential.name', 'hosts', 'last_used_at', 's.sealed', 's.token', 's.token_until'])
    .where('credential.tenant_id', '=', ctx.tenant)
    .where((e) => e.or([e('id', '=', ref), e('handle', '=', ref)]))

const aboutToken = (tenant: string, id: string, purpose: Purpose): string => `${aboutSecret(tenant, id, purpose)} token`

/**
 * Opens a credential by handle or id, and notes that it is used. `credential_missing` where there is none, or no twin for
 * test runs: the real one is never taken in its place.
 */
export const openSecret = (db: Databases, ctx: Tenant, seal: Seal, which: Which): Promise<OpenedSecret> =>
  withTenant(db, ctx, async (tx) => {
    const row = await rowOf(tx, ctx, which).executeTakeFirst()
    if (row === undefined) throw new Fault('credential_missing', `There is no credential “${which.ref}”.`)
    const { id, name, hosts, sealed, last_used_at: used } = row
    if (sealed === null)
      throw new Fault('credential_missing', `“${name}” has no sandbox twin, and a test run uses nothing else.`)
    const before = new Date(Date.now() - usedEvery)
    if (used === null || used < before)
      await tx
        .updateTable('credential')
        .set({ last_used_at: new Date() })
        .where('id', '=', id)
        .where((e) => e.or([e('last_used_at', 'is', null), e('last_used_at', '<', before)]))
        .execute()
    const secret = JSON.parse(seal.open(sealed, aboutSecret(ctx.tenant, id, which.purpose))) as Secret
    return { id, hosts, secret, token: tokenOf(row, seal, ctx.tenant, which.purpose) }
  })

const tokenOf = (
  row: { id: string; token: Buffer | null; token_until: Date | null },
  seal: Seal,
  tenant: string,
  purpose: Purpose,
): Token | null => {
  const { id, token, token_until: until } = row
  if (token === null || until === null || until.getTime() - margin < Date.now()) return null
  return { text: seal.open(token, aboutToken(tenant, id, purpose)), until }
}

/**
 * The token of a credential, fetched where there is none that is good, by one at a time: the others wait and find it. One
 * that was refused is given as `but` and not taken again.
 */
export const freshToken = (
  db: Databases,
  ctx: Tenant,
  seal: Seal,
  { id, purpose, but }: { id: string; purpose: Purpose; but?: string | undefined },
  fetchToken: (secret: Secret) => Promise<Token>,
): Promise<string> =>
  withTenant(db, ctx, async (tx) => {
    const row = await tx
      .selectFrom('credential_secret')
      .select(['credential_id as id', 'sealed', 'token', 'token_until'])
      .where('tenant_id', '=', ctx.tenant)
      .where('credential_id', '=', id)
      .where('purpose', '=', purpose)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined) throw new Fault('credential_missing')
    const there = tokenOf(row, seal, ctx.tenant, purpose)
    if (there !== null && there.text !== but) return there.text
    // what stands in the row, not what was read before: it may have been rotated since
    const made = await fetchToken(JSON.parse(seal.open(row.sealed, aboutSecret(ctx.tenant, id, purpose))) as Secret)
    await tx
      .updateTable('credential_secret')
      .set({ token: seal.close(made.text, aboutToken(ctx.tenant, id, purpose)), token_until: made.until })
      .where('credential_id', '=', id)
      .where('purpose', '=', purpose)
      .execute()
    return made.text
  })
