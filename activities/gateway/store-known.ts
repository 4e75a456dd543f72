import { hashToken } from '#activities/identity/token.ts'
import type { Db } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import { kinds, type KindName } from '#schemas/gateway/kinds/index.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { usualRouting, type Routing } from '#schemas/gateway/routing.ts'
import { aboutProviderKey } from './store-providers.ts'

/** In whose name a model is asked, and what for that name may be asked. */
export type Caller = {
  tenant: string
  /** The virtual key; null for a part of the platform. */
  key: string | null
  models: readonly string[] | null
  tags: Readonly<Record<string, string>>
  /** The run in which it is asked, if any. */
  run: string | null
  /** When the secret is no longer good, in ms since 1970. */
  until: number
}

export type KnownProvider = {
  name: string
  kind: KindName
  baseUrl: string
  enabled: boolean
  /** Whether it is the platform's: its address is trusted, and only its route leads to it. */
  shared: boolean
  keys: readonly { id: string; secret: string }[]
}

/** What answers at a tenant: providers by name, routes by alias. */
export type KnownRoute = { targets: readonly Target[]; routing: Routing }
export type Models = { providers: ReadonlyMap<string, KnownProvider>; routes: ReadonlyMap<string, KnownRoute> }

/** Whose secret this is, with the system role: null for one that is unknown, revoked or has run out. */
export async function findCaller(system: Db, secret: string): Promise<Caller | null> {
  const row = await system
    .selectFrom('gateway_key_secret as s')
    .innerJoin('gateway_key as k', 'k.id', 's.key_id')
    .select(['s.tenant_id', 's.ends_at', 'k.id', 'k.models', 'k.tags', 'k.expires_at', 'k.revoked_at'])
    .where('s.hash', '=', hashToken(secret))
    .executeTakeFirst()
  if (row === undefined || row.revoked_at !== null) return null
  const until = Math.min(row.ends_at?.getTime() ?? Infinity, row.expires_at?.getTime() ?? Infinity)
  if (until <= Date.now()) return null
  return { tenant: row.tenant_id, key: row.id, models: row.models, tags: row.tags, run: null, until }
}

/** All that answers at a tenant, with its keys unsealed. */
export async function readModels(system: Db, tenant: string, seal: Seal): Promise<Models> {
  const [providers, keys, routes] = await Promise.all([
    system.selectFrom('gateway_provider').selectAll().where('tenant_id', '=', tenant).execute(),
    system
      .selectFrom('gateway_provider_key')
      .select(['id', 'provider_id', 'sealed'])
      .where('tenant_id', '=', tenant)
      .orderBy('id')
      .execute(),
    system
      .selectFrom('gateway_route')
      .select(['alias', 'targets', 'routing'])
      .where('tenant_id', '=', tenant)
      .execute(),
  ])
  const secretsOf = (provider: string) =>
    keys
      .filter((key) => key.provider_id === provider)
      .map(({ id, sealed }) => ({ id, secret: seal.open(sealed, aboutProviderKey(tenant, id)) }))
  return {
    providers: new Map(
      providers.map(({ id, name, kind, base_url: own, enabled }) => [
        name,
        { name, kind, enabled, shared: false, baseUrl: own ?? kinds[kind].baseUrl ?? '', keys: secretsOf(id) },
      ]),
    ),
    routes: new Map(
      routes.map(({ alias, targets, routing }) => [alias, { targets, routing: { ...usualRouting, ...routing } }]),
    ),
  }
}
