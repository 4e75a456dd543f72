import { append } from '#activities/audit/store.ts'
import type { Db, Tx } from '#activities/database.ts'
import { hashToken, newToken } from '#activities/identity/token.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { keyCreated, keyRevoked, type ApiKey, type Scope } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

/** `last_used_at` is written at most this often. */
const usedEveryMs = 60_000

const shown = ['id', 'name', 'scopes', 'hint', 'created_at', 'last_used_at', 'expires_at', 'revoked_at'] as const

type Row = {
  id: string
  name: string
  scopes: Scope[]
  hint: string
  created_at: Date
  last_used_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
}

const toApiKey = (row: Row): ApiKey => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  hint: row.hint,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
})

/**
 * Creates an API key for machines: `aut_` and 43 characters. `key` is told here once; only its hash is kept.
 * `forbidden` where it would be allowed more than its maker.
 */
export async function createApiKey(
  tx: Tx,
  ctx: Context,
  given: { name: string; scopes: readonly Scope[]; expiresInDays?: number | undefined },
): Promise<{ apiKey: ApiKey; key: string }> {
  const scopes = [...new Set(given.scopes)]
  const beyond = scopes.filter((scope) => !ctx.scopes.includes(scope))
  if (beyond.length > 0) throw new Fault('forbidden', `You may not grant ${beyond.join(', ')}.`)
  const key = `aut_${newToken()}`
  const { expiresInDays } = given
  const row = await tx
    .insertInto('api_key')
    .values({
      id: newId('apiKey'),
      tenant_id: ctx.tenant,
      name: given.name,
      hint: key.slice(0, 8),
      key_hash: hashToken(key),
      scopes,
      created_by: ctx.actor.id,
      last_used_at: null,
      expires_at: expiresInDays === undefined ? null : new Date(Date.now() + expiresInDays * 86_400_000),
      revoked_at: null,
    })
    .returning(shown)
    .executeTakeFirstOrThrow()
  await append(tx, ctx, [keyCreated(row.id, { key: row.id, name: row.name, scopes })], 0)
  return { apiKey: toApiKey(row), key }
}

/** A page of the tenant's keys, newest first, the revoked ones too. */
export async function listApiKeys(tx: Tx, ctx: Context, page: PageAsked): Promise<Page<ApiKey>> {
  let query = tx.selectFrom('api_key').select(shown).where('tenant_id', '=', ctx.tenant)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toApiKey), next }
}

/** Ends a key at once; again changes nothing. `not_found` where the tenant has none of that id. */
export async function revokeApiKey(tx: Tx, ctx: Context, key: string): Promise<void> {
  const found = await tx
    .selectFrom('api_key')
    .select('revoked_at')
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', key)
    .forUpdate()
    .executeTakeFirst()
  if (found === undefined) throw new Fault('not_found')
  if (found.revoked_at !== null) return
  await tx
    .updateTable('api_key')
    .set({ revoked_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', key)
    .execute()
  await append(tx, ctx, [keyRevoked(key, { key })])
}

/**
 * In whose name a request with this key acts while the key is good (system role), and when it runs out by itself;
 * notes that it was used.
 */
export async function findApiKey(tx: Db, key: string): Promise<{ ctx: Context; expiresAt: Date | null } | null> {
  const now = new Date()
  const found = await tx
    .selectFrom('api_key')
    .select(['id', 'tenant_id', 'name', 'scopes', 'last_used_at', 'expires_at'])
    .where('key_hash', '=', hashToken(key))
    .where('revoked_at', 'is', null)
    .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)]))
    .executeTakeFirst()
  if (found === undefined) return null
  const usedBefore = new Date(now.getTime() - usedEveryMs)
  if (found.last_used_at === null || found.last_used_at < usedBefore)
    await tx
      .updateTable('api_key')
      .set({ last_used_at: now })
      .where('id', '=', found.id)
      .where((e) => e.or([e('last_used_at', 'is', null), e('last_used_at', '<', usedBefore)]))
      .execute()
  const actor = { kind: 'api_key', id: found.id, name: found.name } as const
  return { ctx: { tenant: found.tenant_id, actor, scopes: found.scopes }, expiresAt: found.expires_at }
}
