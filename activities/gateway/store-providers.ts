import { sql } from 'kysely'
import { append, isUniqueViolation } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Seal } from '#activities/seal.ts'
import { Fault } from '#schemas/errors.ts'
import { kinds, type KindName } from '#schemas/gateway/kinds/index.ts'
import {
  providerAdded,
  providerChanged,
  providerDeleted,
  providerKeyAdded,
  providerKeyEnded,
  type GivenProvider,
  type Provider,
} from '#schemas/gateway/providers.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>

/** What binds a sealed key to its row: in another one, or at another tenant, it does not open. */
export const aboutProviderKey = (tenant: string, key: string): string => `${tenant} ${key}`

type KeyRow = { id: string; label: string; hint: string; createdAt: string }
const keys = sql<KeyRow[]>`coalesce((
  select json_agg(json_build_object('id', k.id, 'label', k.label, 'hint', k.hint, 'createdAt', k.created_at) order by k.id)
  from gateway_provider_key k where k.tenant_id = gateway_provider.tenant_id and k.provider_id = gateway_provider.id
), '[]')`

const routes = sql<string[]>`array(
  select r.alias from gateway_route r
  where r.tenant_id = gateway_provider.tenant_id
    and r.targets @> jsonb_build_array(jsonb_build_object('provider', gateway_provider.name))
  order by r.alias
)`

const providers = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('gateway_provider')
    .select(['id', 'kind', 'name', 'base_url', 'enabled', 'created_at', keys.as('keys'), routes.as('routes')])
    .where('tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof providers>['executeTakeFirstOrThrow']>>

const toProvider = ({ base_url: own, created_at: since, ...row }: Row): Provider => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  baseUrl: own ?? kinds[row.kind].baseUrl ?? '',
  enabled: row.enabled,
  keys: row.keys.map((key) => ({ ...key, createdAt: new Date(key.createdAt).toISOString() })),
  routes: row.routes,
  createdAt: since.toISOString(),
})

/** A page of providers, newest first. */
export async function listProviders(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<Provider>> {
  let query = providers(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toProvider), next }
}

/** One provider, by id or name. */
export async function findProvider(tx: Tx, ctx: Tenant, ref: string): Promise<Provider> {
  const row = await providers(tx, ctx)
    .where((e) => e.or([e('id', '=', ref), e('name', '=', ref)]))
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toProvider(row)
}

/** `already_exists` where the name is taken, `invalid` where its kind wants an address or a key that was not given. */
export async function addProvider(tx: Tx, ctx: Context, seal: Seal, given: GivenProvider): Promise<Provider> {
  const { kind, name, baseUrl, apiKey } = given
  const missing = missingOf(kind, given)
  if (missing !== undefined) throw new Fault('invalid', undefined, { issues: [missing] })
  const id = newId('provider')
  try {
    await tx
      .insertInto('gateway_provider')
      .values({ id, tenant_id: ctx.tenant, name, kind, base_url: usual(kind, baseUrl) })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('already_exists', `There is a provider “${name}” already.`, {}, error)
    throw error
  }
  await append(tx, ctx, [providerAdded(id, { name, kind, baseUrl: baseUrl ?? kinds[kind].baseUrl ?? '' })], 0)
  if (apiKey !== undefined) await addKey(tx, ctx, seal, id, { apiKey })
  return findProvider(tx, ctx, id)
}

const missingOf = (kind: KindName, { baseUrl, apiKey }: GivenProvider) => {
  const { title, baseUrl: own, key } = kinds[kind]
  if (own === null && baseUrl === undefined)
    return { path: '/body/baseUrl', message: `say where it is reached: ${title} has no usual address` }
  if (key === 'needed' && apiKey === undefined) return { path: '/body/apiKey', message: `${title} wants a key` }
  return undefined
}

/** Nothing is kept of an address that is the usual one: it moves with its kind. */
const usual = (kind: KindName, baseUrl: string | null | undefined): string | null => {
  const own = baseUrl?.replace(/\/+$/, '') ?? null
  return own === kinds[kind].baseUrl ? null : own
}

export async function changeProvider(
  tx: Tx,
  ctx: Context,
  ref: string,
  { baseUrl, enabled }: { baseUrl?: string | null | undefined; enabled?: boolean | undefined },
): Promise<Provider> {
  const before = await findProvider(tx, ctx, ref)
  if (baseUrl === null && kinds[before.kind].baseUrl === null)
    throw new Fault('invalid', undefined, {
      issues: [{ path: '/body/baseUrl', message: `${kinds[before.kind].title} has no usual address` }],
    })
  if (baseUrl === undefined && enabled === undefined) return before
  await tx
    .updateTable('gateway_provider')
    .set({
      ...(baseUrl === undefined ? {} : { base_url: usual(before.kind, baseUrl) }),
      ...(enabled === undefined ? {} : { enabled }),
    })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', before.id)
    .returning('id')
    .execute()
  const after = await findProvider(tx, ctx, before.id)
  const { kind, name } = after
  if (after.baseUrl !== before.baseUrl || after.enabled !== before.enabled)
    await append(tx, ctx, [providerChanged(after.id, { name, kind, baseUrl: after.baseUrl, enabled: after.enabled })])
  return after
}

/** `provider_in_use` while a route leads to it. */
export async function deleteProvider(tx: Tx, ctx: Context, ref: string): Promise<void> {
  const { id, name } = await findProvider(tx, ctx, ref)
  // routes that are saved at the same time wait for this, and find it gone
  await tx.selectFrom('gateway_provider').select('id').where('id', '=', id).forUpdate().execute()
  const { routes: leading } = await findProvider(tx, ctx, id)
  if (leading.length > 0)
    throw new Fault(
      'provider_in_use',
      `The route ${leading
        .slice(0, 3)
        .map((one) => `“${one}”`)
        .join(', ')} leads to it.`,
    )
  await tx.deleteFrom('gateway_provider').where('tenant_id', '=', ctx.tenant).where('id', '=', id).execute()
  await append(tx, ctx, [providerDeleted(id, { name })])
}

export async function addProviderKey(
  tx: Tx,
  ctx: Context,
  seal: Seal,
  ref: string,
  given: { apiKey: string; label?: string | undefined },
): Promise<Provider> {
  const { id } = await findProvider(tx, ctx, ref)
  await addKey(tx, ctx, seal, id, given)
  return findProvider(tx, ctx, id)
}

const addKey = async (
  tx: Tx,
  ctx: Context,
  seal: Seal,
  provider: string,
  { apiKey, label = 'Key' }: { apiKey: string; label?: string | undefined },
): Promise<void> => {
  const id = newId('providerKey')
  await tx
    .insertInto('gateway_provider_key')
    .values({
      id,
      tenant_id: ctx.tenant,
      provider_id: provider,
      label,
      hint: apiKey.length < 16 ? '…' : `…${apiKey.slice(-4)}`,
      sealed: seal.close(apiKey, aboutProviderKey(ctx.tenant, id)),
    })
    .execute()
  await append(tx, ctx, [providerKeyAdded(provider, { key: id, label })])
}

export async function deleteProviderKey(tx: Tx, ctx: Context, ref: string, key: string): Promise<Provider> {
  const { id } = await findProvider(tx, ctx, ref)
  const gone = await tx
    .deleteFrom('gateway_provider_key')
    .where('tenant_id', '=', ctx.tenant)
    .where('provider_id', '=', id)
    .where('id', '=', key)
    .returning('label')
    .executeTakeFirst()
  if (gone === undefined) throw new Fault('not_found')
  await append(tx, ctx, [providerKeyEnded(id, { key, label: gone.label })])
  return findProvider(tx, ctx, id)
}
