import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { hashToken, newToken } from '#activities/identity/token.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import {
  virtualKeyChanged,
  virtualKeyCreated,
  virtualKeyRevoked,
  virtualKeyRotated,
  type VirtualKey,
} from '#schemas/gateway/keys.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>
type Limits = { models: string[] | null; tags: Record<string, string> }
type Told = VirtualKey & { key: string }

const hint = sql<string>`(
  select s.hint from gateway_key_secret s
  where s.tenant_id = gateway_key.tenant_id and s.key_id = gateway_key.id order by s.created_at desc limit 1
)`
const overlap = sql<Date | null>`(
  select max(s.ends_at) from gateway_key_secret s
  where s.tenant_id = gateway_key.tenant_id and s.key_id = gateway_key.id and s.ends_at > now()
)`

const virtualKeys = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('gateway_key')
    .select(['id', 'name', 'models', 'tags', 'created_at', 'last_used_at', 'expires_at', 'revoked_at'])
    .select([hint.as('hint'), overlap.as('overlap')])
    .where('tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof virtualKeys>['executeTakeFirstOrThrow']>>

const toKey = (row: Row): VirtualKey => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  models: row.models,
  tags: row.tags,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  overlapUntil: row.overlap?.toISOString() ?? null,
})

/** A page of keys, newest first, the revoked ones too. */
export async function listVirtualKeys(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<VirtualKey>> {
  let query = virtualKeys(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toKey), next }
}

export async function findVirtualKey(tx: Tx, ctx: Tenant, id: string): Promise<VirtualKey> {
  const row = await virtualKeys(tx, ctx).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toKey(row)
}

/** Makes a key: `sk-aut-` and 43 characters. It is told here once; only its hash is kept. */
export async function createVirtualKey(
  tx: Tx,
  ctx: Context,
  given: Limits & { name: string; expiresInDays?: number | undefined },
): Promise<Told> {
  const { name, models, tags, expiresInDays } = given
  const id = newId('virtualKey')
  await tx
    .insertInto('gateway_key')
    .values({
      id,
      tenant_id: ctx.tenant,
      name,
      models,
      tags: JSON.stringify(tags),
      created_by: ctx.actor.id,
      last_used_at: null,
      expires_at: expiresInDays === undefined ? null : new Date(Date.now() + expiresInDays * 86_400_000),
      revoked_at: null,
    })
    .execute()
  const key = await addSecret(tx, ctx, id)
  await append(tx, ctx, [virtualKeyCreated(id, { name, models, tags })], 0)
  return { ...(await findVirtualKey(tx, ctx, id)), key }
}

const addSecret = async (tx: Tx, ctx: Tenant, id: string): Promise<string> => {
  const key = `sk-aut-${newToken()}`
  await tx
    .insertInto('gateway_key_secret')
    .values({ hash: hashToken(key), tenant_id: ctx.tenant, key_id: id, hint: key.slice(0, 11), ends_at: null })
    .execute()
  return key
}

export async function changeVirtualKey(
  tx: Tx,
  ctx: Context,
  id: string,
  {
    name,
    models,
    tags,
  }: { [Field in keyof (Limits & { name: string })]?: (Limits & { name: string })[Field] | undefined },
): Promise<VirtualKey> {
  const changed = await tx
    .updateTable('gateway_key')
    .set({
      id: sql.ref('id'),
      ...(name === undefined ? {} : { name }),
      ...(models === undefined ? {} : { models }),
      ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
    })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .returning(['name', 'models', 'tags'])
    .executeTakeFirst()
  if (changed === undefined) throw new Fault('not_found')
  await append(tx, ctx, [virtualKeyChanged(id, changed)])
  return findVirtualKey(tx, ctx, id)
}

/** Gives a new secret; the one before stays good for so many hours, older ones end. `conflict` for a revoked key. */
export async function rotateVirtualKey(tx: Tx, ctx: Context, id: string, overlapHours: number): Promise<Told> {
  // whoever rotates it at the same time comes after this
  const row = await tx
    .selectFrom('gateway_key')
    .select('revoked_at')
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  if (row.revoked_at !== null) throw new Fault('conflict', 'This key is revoked; make a new one.')
  const overlapUntil = new Date(Date.now() + overlapHours * 3_600_000)
  const living = tx.updateTable('gateway_key_secret').where('tenant_id', '=', ctx.tenant).where('key_id', '=', id)
  await living.set({ ends_at: new Date() }).where('ends_at', '>', new Date()).execute()
  await living.set({ ends_at: overlapUntil }).where('ends_at', 'is', null).execute()
  const key = await addSecret(tx, ctx, id)
  await append(tx, ctx, [virtualKeyRotated(id, { overlapUntil: overlapUntil.toISOString() })])
  return { ...(await findVirtualKey(tx, ctx, id)), key }
}

/** Ends a key at once; again changes nothing. */
export async function revokeVirtualKey(tx: Tx, ctx: Context, id: string): Promise<VirtualKey> {
  const ended = await tx
    .updateTable('gateway_key')
    .set({ revoked_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('name')
    .executeTakeFirst()
  if (ended !== undefined) await append(tx, ctx, [virtualKeyRevoked(id, { name: ended.name })])
  return findVirtualKey(tx, ctx, id)
}
