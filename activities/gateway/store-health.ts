import { sql } from 'kysely'
import { storable, withSystem, type Databases, type Tx } from '#activities/database.ts'
import type { HealthChange, TargetFigures } from '#schemas/gateway/health.ts'
import type { KindName } from '#schemas/gateway/kinds/index.ts'
import { firstIdAt, newId } from '#schemas/ids.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { StateChange } from './relay/health.ts'
import { listPriceOf } from './relay/price.ts'

type Tenant = Pick<Context, 'tenant'>

const day = 86_400_000
/** How long changes are kept, in ms. */
const keptFor = 30 * day
/** Figures are of the last hour, in ms, and of so many requests at the most. */
const lately = { ms: 3_600_000, requests: 20_000 }
const mostChanges = 50

/** Writes down who came into which state. */
export async function writeHealth(db: Databases, changes: readonly StateChange[]): Promise<void> {
  await withSystem(db, async (tx) => {
    await tx
      .insertInto('gateway_health')
      .values(
        changes.map(({ tenant, provider, model, key, state, why, at, until }) => ({
          id: newId('healthChange'),
          tenant_id: tenant,
          provider,
          model: storable(model).slice(0, 200),
          key_id: key,
          state,
          why: why === null ? null : storable(why).slice(0, 2000),
          at: new Date(at),
          until: until === null ? null : new Date(until),
        })),
      )
      .execute()
    await tx
      .deleteFrom('gateway_health')
      .where('at', '<', new Date(Date.now() - keptFor))
      .execute()
  })
}

const changes = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('gateway_health as h')
    .leftJoin('gateway_provider_key as k', (join) =>
      join.onRef('k.id', '=', 'h.key_id').onRef('k.tenant_id', '=', 'h.tenant_id'),
    )
    .selectAll('h')
    .select('k.label')
    .where('h.tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof changes>['executeTakeFirstOrThrow']>>

const toChange = (row: Row): HealthChange => ({
  id: row.id,
  provider: row.provider,
  model: row.model,
  key: row.key_id === null ? null : { id: row.key_id, label: row.label },
  state: row.state,
  why: row.why,
  at: row.at.toISOString(),
  until: row.until?.toISOString() ?? null,
})

/** The newest changes of state, newest first. */
export async function listHealthChanges(tx: Tx, ctx: Tenant): Promise<HealthChange[]> {
  const rows = await changes(tx, ctx).orderBy('h.id', 'desc').limit(mostChanges).execute()
  return rows.map(toChange)
}

/** The latest state of each model and key, where that is not well. A process that died cannot say that it was well again. */
export async function listUnwell(tx: Tx, ctx: Tenant): Promise<HealthChange[]> {
  const rows = await changes(tx, ctx)
    .distinctOn(['h.provider', 'h.model', 'h.key_id'])
    .where('h.id', '>', firstIdAt('healthChange', Date.now() - day))
    .orderBy('h.provider')
    .orderBy('h.model')
    .orderBy('h.key_id')
    .orderBy('h.id', 'desc')
    .execute()
  return rows.filter(({ state }) => state !== 'closed').map(toChange)
}

/** The newest changes as rows of the live feed. */
export async function readHealth(tx: Tx, ctx: Tenant): Promise<LiveRow[]> {
  return listHealthChanges(tx, ctx)
}

type Figures = { provider: string; model: string; asked: number; failed: number } & Record<
  'first50' | 'first95' | 'total50' | 'total95',
  number | null
>

/** How each model that was asked of late did. */
export async function readFigures(tx: Tx, ctx: Tenant): Promise<TargetFigures[]> {
  const since = firstIdAt('modelRequest', Date.now() - lately.ms)
  const { rows } = await sql<Figures>`
    with asked as (
      select attempts from gateway_request
      where tenant_id = ${ctx.tenant} and id >= ${since} order by id desc limit ${lately.requests}
    )
    select a.provider, a.model, count(*)::int as asked,
      count(*) filter (where a.failure is not null and a.failure <> 'outrun')::int as failed,
      percentile_cont(0.5) within group (order by a."firstByteMs" - a.at) filter (where a.failure is null) as first50,
      percentile_cont(0.95) within group (order by a."firstByteMs" - a.at) filter (where a.failure is null) as first95,
      percentile_cont(0.5) within group (order by a.ms) filter (where a.failure is null) as total50,
      percentile_cont(0.95) within group (order by a.ms) filter (where a.failure is null) as total95
    from asked, jsonb_to_recordset(asked.attempts)
      as a(provider text, model text, failure text, at float8, ms float8, "firstByteMs" float8)
    group by a.provider, a.model order by asked desc, a.provider, a.model limit 200`.execute(tx)
  const kinds = await tx
    .selectFrom('gateway_provider')
    .select(['name', 'kind'])
    .where('tenant_id', '=', ctx.tenant)
    .execute()
  const kindOf = new Map<string, KindName>(kinds.map(({ name, kind }) => [name, kind]))
  return rows.map(({ provider, model, asked, failed, first50, first95, total50, total95 }) => {
    const kind = kindOf.get(provider)
    return {
      provider,
      model,
      asked,
      failed,
      firstByteMs: { p50: first50, p95: first95 },
      totalMs: { p50: total50, p95: total95 },
      price: kind === undefined ? null : listPriceOf(kind, model, Date.now()),
    }
  })
}
