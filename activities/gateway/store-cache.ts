import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Db, Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import {
  howSearched,
  responseCacheChanged,
  responseCacheEmptied,
  usualCache,
  type CachePoint,
  type CacheSettings,
  type ResponseCache,
} from '#schemas/gateway/cache.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { KnownCache } from './relay/cache-policy.ts'

type Tenant = Pick<Context, 'tenant'>
type Given = { [K in keyof CacheSettings]?: CacheSettings[K] | undefined }

const day = 86_400_000
/** How long it is told how it did, in days. */
const toldFor = 400

const settings = (tx: Db, { tenant }: Tenant) =>
  tx.selectFrom('gateway_cache').selectAll().where('tenant_id', '=', tenant)

type Row = Awaited<ReturnType<ReturnType<typeof settings>['executeTakeFirstOrThrow']>>

const toSettings = (row: Row | undefined): CacheSettings =>
  row === undefined
    ? usualCache
    : {
        mode: row.mode,
        ttl: row.ttl,
        scope: row.scope,
        sampled: row.sampled,
        mostBytes: Number(row.most_bytes),
        embeddings: row.embeddings,
        similarity: row.similarity,
        auditShare: row.audit_share,
      }

/** How a tenant has it, as requests need to know it. */
export async function readCache(system: Db, tenant: string): Promise<KnownCache> {
  const row = await settings(system, { tenant }).executeTakeFirst()
  return { ...toSettings(row), epoch: row?.epoch ?? 0 }
}

export async function findCache(tx: Tx, ctx: Tenant): Promise<ResponseCache> {
  const row = await settings(tx, ctx).executeTakeFirst()
  const { entries, bytes } = await tx
    .selectFrom('gateway_cache_entry')
    .select((e) => [e.fn.countAll<string>().as('entries'), e.fn.sum<string | null>('bytes').as('bytes')])
    .where('tenant_id', '=', ctx.tenant)
    .where('expires_at', '>', new Date())
    .executeTakeFirstOrThrow()
  return {
    ...toSettings(row),
    changedAt: row?.changed_at.toISOString() ?? null,
    entries: Number(entries),
    bytes: Number(bytes ?? 0),
    search: howSearched,
  }
}

/** Changes what is given of it. `invalid` where similar questions are to be found and nothing makes embeddings of them. */
export async function changeCache(tx: Tx, ctx: Context, given: Given): Promise<ResponseCache> {
  await tx
    .insertInto('gateway_cache')
    .values(toRow(ctx, usualCache))
    .onConflict((on) => on.column('tenant_id').doNothing())
    .execute()
  const before = toSettings(await settings(tx, ctx).forUpdate().executeTakeFirst())
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const now: CacheSettings = { ...before, ...said }
  await checkEmbeddings(tx, ctx, now, given)
  await tx
    .updateTable('gateway_cache')
    .set({ ...toRow(ctx, now), changed_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .execute()
  await append(tx, ctx, [responseCacheChanged(sisterId('cache', ctx.tenant), now)])
  return findCache(tx, ctx)
}

const toRow = ({ tenant }: Tenant, { mostBytes, auditShare, ...alike }: CacheSettings) => ({
  tenant_id: tenant,
  ...alike,
  most_bytes: String(mostBytes),
  audit_share: auditShare,
})

const checkEmbeddings = async (tx: Tx, ctx: Tenant, { mode, embeddings }: CacheSettings, given: Given) => {
  if (embeddings === null && mode === 'semantic')
    throw new Fault('invalid', undefined, {
      issues: [
        { path: '/body/embeddings', message: 'name the route that makes embeddings: questions are compared by them' },
      ],
    })
  if (embeddings === null || given.embeddings === undefined) return
  const route = await tx
    .selectFrom('gateway_route')
    .select('id')
    .where('tenant_id', '=', ctx.tenant)
    .where('alias', '=', embeddings)
    .executeTakeFirst()
  if (route === undefined)
    throw new Fault('invalid', undefined, {
      issues: [{ path: '/body/embeddings', message: `there is no route “${embeddings}”` }],
    })
}

/** Forgets all answers of a tenant; what processes hold of them is found by nobody any more. */
export async function emptyCache(tx: Tx, ctx: Context): Promise<{ entries: number; bytes: number }> {
  await tx
    .insertInto('gateway_cache')
    .values({ ...toRow(ctx, usualCache), epoch: 1 })
    .onConflict((on) => on.column('tenant_id').doUpdateSet((e) => ({ epoch: e('gateway_cache.epoch', '+', 1) })))
    .execute()
  const gone = await tx
    .deleteFrom('gateway_cache_entry')
    .where('tenant_id', '=', ctx.tenant)
    .returning('bytes')
    .execute()
  const emptied = { entries: gone.length, bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0) }
  await append(tx, ctx, [responseCacheEmptied(sisterId('cache', ctx.tenant), emptied)])
  return emptied
}

/** How it did over so many days, by the hour or by the day. */
export async function readCourse(
  tx: Tx,
  ctx: Tenant,
  days: number,
): Promise<{ by: 'hour' | 'day'; points: CachePoint[] }> {
  const by = days <= 7 ? 'hour' : 'day'
  const rows = await tx
    .selectFrom('gateway_cache_hour')
    .select((e) => [
      sql<Date>`date_trunc(${by}, at, 'UTC')`.as('begins'),
      e.fn.sum<string>('exact').as('exact'),
      e.fn.sum<string>('semantic').as('semantic'),
      e.fn.sum<string>('missed').as('missed'),
      e.fn.sum<string>('saved_nano').as('saved'),
      e.fn.sum<string>('audited').as('audited'),
      e.fn.sum<string>('wrong').as('wrong'),
    ])
    .where('tenant_id', '=', ctx.tenant)
    .where('at', '>=', new Date(Date.now() - days * day))
    .groupBy('begins')
    .orderBy('begins')
    .execute()
  return {
    by,
    points: rows.map((row) => ({
      at: row.begins.toISOString(),
      exact: Number(row.exact),
      semantic: Number(row.semantic),
      missed: Number(row.missed),
      saved: Number(row.saved) / 1e9,
      audited: Number(row.audited),
      wrong: Number(row.wrong),
    })),
  }
}

/** Forgets answers that have had their time, and how it did long ago. Gives how many rows. */
export async function forgetCachedAnswers(tx: Tx, now: Date, limit: number): Promise<number> {
  const entries = await sql`
    delete from gateway_cache_entry where ctid = any (array(
      select ctid from gateway_cache_entry where expires_at <= ${now} limit ${limit}))`.execute(tx)
  const hours = await sql`
    delete from gateway_cache_hour where ctid = any (array(
      select ctid from gateway_cache_hour where at < ${new Date(now.getTime() - toldFor * day)} limit ${limit}))`.execute(
    tx,
  )
  return Number((entries.numAffectedRows ?? 0n) + (hours.numAffectedRows ?? 0n))
}
