import { hashToken } from '#activities/identity/token.ts'
import type { Db } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import type { Per, SubjectKind, Unit } from '#schemas/gateway/budgets.ts'
import { kinds, type KindName } from '#schemas/gateway/kinds/index.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { usualRouting, type Routing } from '#schemas/gateway/routing.ts'
import type { Steering } from '#activities/steering/store-known.ts'
import { usualCache } from '#schemas/gateway/cache.ts'
import { usualLevers, type LeverSettings } from '#schemas/gateway/levers.ts'
import type { Guarding } from '#schemas/steering/actions.ts'
import type { Judge } from '#schemas/steering/facts.ts'
import type { KnownCache } from './relay/cache-policy.ts'
import { subjectName } from './relay/govern.ts'
import type { Guards } from './relay/guards.ts'
import { ownBook, rateName, type Rate, type Rates } from './relay/price.ts'
import { readCache } from './store-cache.ts'
import { readGuards } from './store-guarded.ts'
import { readJudge } from './store-judges.ts'
import type { KnownQuality } from './relay/sampling.ts'
import { readQuality } from './store-quality.ts'
import type { KnownRecording } from './relay/recording.ts'
import { readLevers } from './store-levers.ts'
import { readRecording } from './store-recording.ts'
import { aboutProviderKey } from './store-providers.ts'

/** In whose name a model is asked, and what for that name may be asked. */
export type Caller = {
  tenant: string
  /** The virtual key; null for a part of the platform. */
  key: string | null
  /** What that is called. */
  name: string | null
  /** Who made it. */
  user: { id: string; email: string } | null
  models: readonly string[] | null
  tags: Readonly<Record<string, string>>
  /** The run in which it is asked, if any. */
  run: string | null
  /** The batch in which it is asked, if any. */
  batch?: string
  /** The person who asks without a key, if one does. */
  person?: string
  /** The request that is sent again, and by which id. */
  replays?: { of: string; as: string }
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

export type KnownRoute = {
  targets: readonly Target[]
  routing: Routing
  /** Guardrails that it calls for by name, if any. */
  guardrails?: Readonly<Record<string, Guarding>>
}

export type KnownBudget = {
  id: string
  name: string
  kind: SubjectKind
  subject: string
  unit: Unit
  limits: readonly Per[]
}

/**
 * What answers at a tenant: providers by name, routes by alias, and the rules by which that is chosen; and what holds it back:
 * budgets by whose they are.
 */
export type Models = {
  providers: ReadonlyMap<string, KnownProvider>
  routes: ReadonlyMap<string, KnownRoute>
  budgets: ReadonlyMap<string, readonly KnownBudget[]>
  rates: Rates
  cache: KnownCache
  levers: LeverSettings
  /** Of which requests bodies are kept; null where of none. */
  recording: KnownRecording | null
  /** How many requests the quality guard looks at; null where it is off. */
  quality: KnownQuality | null
  steering: Steering | null
  /** The classifier that is in force; null where there is none. */
  judge: Judge | null
  /** Null where there are no guardrails. */
  guards: Guards | null
}

/** Where nothing answers, and nothing holds it back. */
export const noModels: Models = {
  providers: new Map(),
  routes: new Map(),
  budgets: new Map(),
  rates: new Map(),
  cache: { ...usualCache, epoch: 0 },
  levers: usualLevers,
  recording: null,
  quality: null,
  steering: null,
  judge: null,
  guards: null,
}

const callers = (system: Db) =>
  system
    .selectFrom('gateway_key as k')
    .leftJoin('user_account as u', 'u.id', 'k.created_by')
    .select(['k.tenant_id', 'k.id', 'k.name', 'k.models', 'k.tags', 'k.expires_at', 'k.revoked_at'])
    .select(['u.id as user', 'u.email'])

type CallerRow = Awaited<ReturnType<ReturnType<typeof callers>['executeTakeFirstOrThrow']>>

const toCaller = (row: CallerRow, endsAt: Date | null): Caller | null => {
  if (row.revoked_at !== null) return null
  const until = Math.min(endsAt?.getTime() ?? Infinity, row.expires_at?.getTime() ?? Infinity)
  if (until <= Date.now()) return null
  const { tenant_id: tenant, id: key, name, models, tags, user, email } = row
  const made = user === null || email === null ? null : { id: user, email }
  return { tenant, key, name, user: made, models, tags, run: null, until }
}

/** Whose secret this is, with the system role: null for one that is unknown, revoked or has run out. */
export async function findCaller(system: Db, secret: string): Promise<Caller | null> {
  const row = await callers(system)
    .innerJoin('gateway_key_secret as s', 's.key_id', 'k.id')
    .select('s.ends_at')
    .where('s.hash', '=', hashToken(secret))
    .executeTakeFirst()
  return row === undefined ? null : toCaller(row, row.ends_at)
}

/** Who asks by a key of a tenant, as long as that is good. */
export async function findCallerOf(system: Db, tenant: string, key: string): Promise<Caller | null> {
  const row = await callers(system).where('k.tenant_id', '=', tenant).where('k.id', '=', key).executeTakeFirst()
  return row === undefined ? null : toCaller(row, null)
}

/** All that answers at a tenant, with its keys unsealed. */
export async function readModels(system: Db, tenant: string, seal: Seal): Promise<Omit<Models, 'steering'>> {
  const [providers, keys, routes, budgets, rates, cache, levers, recording, quality, guards, judge] = await Promise.all(
    [
      system.selectFrom('gateway_provider').selectAll().where('tenant_id', '=', tenant).execute(),
      system
        .selectFrom('gateway_provider_key')
        .select(['id', 'provider_id', 'sealed'])
        .where('tenant_id', '=', tenant)
        .orderBy('id')
        .execute(),
      system
        .selectFrom('gateway_route')
        .select(['alias', 'targets', 'routing', 'guardrails'])
        .where('tenant_id', '=', tenant)
        .execute(),
      readBudgets(system, tenant),
      readRates(system, tenant),
      readCache(system, tenant),
      readLevers(system, tenant),
      readRecording(system, tenant),
      readQuality(system, tenant),
      readGuards(system, tenant, seal),
      readJudge(system, tenant),
    ],
  )
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
      routes.map(({ alias, targets, routing, guardrails }): [string, KnownRoute] => {
        const route = { targets, routing: { ...usualRouting, ...routing } }
        return [alias, Object.keys(guardrails).length === 0 ? route : { ...route, guardrails }]
      }),
    ),
    budgets,
    rates,
    cache,
    levers,
    recording,
    quality,
    guards,
    judge,
  }
}

const readBudgets = async (system: Db, tenant: string): Promise<Map<string, KnownBudget[]>> => {
  const rows = await system
    .selectFrom('gateway_budget as b')
    .innerJoin('gateway_budget_limit as l', (join) =>
      join.onRef('l.tenant_id', '=', 'b.tenant_id').onRef('l.budget_id', '=', 'b.id'),
    )
    .select(['b.id', 'b.name', 'b.subject_kind as kind', 'b.subject', 'b.unit', 'l.per'])
    .where('b.tenant_id', '=', tenant)
    .execute()
  const known = new Map<string, KnownBudget & { limits: Per[] }>()
  for (const { per, ...budget } of rows) {
    const before = known.get(budget.id)
    if (before === undefined) known.set(budget.id, { ...budget, limits: [per] })
    else before.limits.push(per)
  }
  return Map.groupBy(known.values(), ({ kind, subject }) => subjectName(kind, subject))
}

/** What a tenant says that models cost. */
export const readRates = async (system: Db, tenant: string): Promise<Map<string, Rate[]>> => {
  const rows = await system
    .selectFrom('gateway_price')
    .select(['provider', 'model', 'since', 'input_nano', 'cached_nano', 'output_nano'])
    .where('tenant_id', '=', tenant)
    .orderBy('since', 'desc')
    .execute()
  const named = Map.groupBy(rows, ({ provider, model }) => rateName(provider, model))
  return new Map(
    [...named].map(([name, all]) => [
      name,
      all.map((row) => ({
        since: row.since.getTime(),
        input: Number(row.input_nano),
        cached: Number(row.cached_nano),
        output: Number(row.output_nano),
        book: ownBook(row.since),
      })),
    ]),
  )
}
