import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { withSystem, type Databases, type Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import { cachedAnswerWrong } from '#schemas/gateway/cache.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Accounted } from './relay/accounted.ts'
import type { CachedAnswer } from './relay/cache-answer.ts'
import type { Held } from './relay/cache.ts'

/** An answer to keep, until its tenant has more than `mostBytes`. */
export type Kept = Held & {
  tenant: string
  context: string | null
  vector: Float32Array | null
  mostBytes: number
}

/** Which answer was given to which request, though its question was another one. */
export type Near = { key: string; similarity: number; request: string; of: string }

/** The answers that are kept for all processes, sealed for their tenant and their row. */
export type CacheStore = {
  /** `threshold`: how alike another question has to be. */
  find(tenant: string, key: string): Promise<(Held & { threshold: number }) | null>
  keep(rows: readonly Kept[]): Promise<void>
  /** The embeddings of the newest questions of a context, the oldest of them first. */
  vectors(
    tenant: string,
    context: string,
    since: Date | null,
    limit: number,
  ): Promise<{ key: string; vector: Float32Array }[]>
  /** Counts that an answer was looked at; one that was wrong is given to no question as far off again. */
  audited(tenant: string, near: Near, isWrong: boolean): Promise<void>
}

const about = (tenant: string, key: string, what = 'answer'): string => `gateway_cache_entry ${tenant} ${key} ${what}`
const hour = 3_600_000
export const hourOf = (at: number): Date => new Date(Math.floor(at / hour) * hour)

export const createCacheStore = (db: Databases, seal: Seal): CacheStore => ({
  async find(tenant, key) {
    const row = await db.system
      .selectFrom('gateway_cache_entry')
      .select(['sealed', 'threshold', 'kept_at', 'expires_at'])
      .where('tenant_id', '=', tenant)
      .where('key', '=', key)
      .executeTakeFirst()
    if (row === undefined) return null
    const { sealed, threshold, kept_at: at, expires_at: until } = row
    const answer = JSON.parse(seal.open(sealed, about(tenant, key))) as CachedAnswer
    return { key, answer, threshold, at: at.getTime(), until: until.getTime() }
  },
  async keep(rows) {
    // one statement cannot put the same row twice: the newest is the one to keep
    const last = new Map(rows.map((row) => [`${row.tenant} ${row.key}`, row]))
    const tenants = Map.groupBy(last.values(), ({ tenant }) => tenant)
    for (const [tenant, own] of tenants)
      await withSystem(db, async (tx) => {
        // who keeps at the same time does not see these: one after another they stay below the most
        await sql`select pg_advisory_xact_lock(hashtextextended(${`gateway_cache ${tenant}`}, 0))`.execute(tx)
        await insert(tx, own.map(sealedRow(seal)))
        await trim(tx, tenant, Math.max(...own.map(({ mostBytes }) => mostBytes)))
      })
  },
  async vectors(tenant, context, since, limit) {
    let query = db.system
      .selectFrom('gateway_cache_entry')
      .select(['key', 'vector'])
      .where('tenant_id', '=', tenant)
      .where('context', '=', context)
      .where('vector', 'is not', null)
    if (since !== null) query = query.where('kept_at', '>=', since)
    const rows = await query.orderBy('kept_at', 'desc').limit(limit).execute()
    return rows.toReversed().flatMap(({ key, vector }) => {
      if (vector === null) return []
      const bytes = Buffer.from(seal.open(vector, about(tenant, key, 'vector')), 'base64')
      return [{ key, vector: new Float32Array(Uint8Array.from(bytes).buffer) }]
    })
  },
  async audited(tenant, near, isWrong) {
    await withSystem(db, async (tx) => {
      await count(tx, [{ tenant, at: hourOf(Date.now()), audited: 1, wrong: isWrong ? 1 : 0 }])
      if (isWrong) await raise(tx, tenant, near)
    })
  },
})

const sealedRow =
  (seal: Seal) =>
  ({ tenant, key, context, answer, vector, at, until }: Kept) => {
    const sealed = seal.close(JSON.stringify(answer), about(tenant, key))
    const said = vector === null ? null : Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
    const box = said === null ? null : seal.close(said.toString('base64'), about(tenant, key, 'vector'))
    return {
      tenant_id: tenant,
      key,
      context,
      sealed,
      vector: box,
      bytes: sealed.length + (box?.length ?? 0),
      kept_at: new Date(at),
      expires_at: new Date(until),
    }
  }

const insert = async (tx: Tx, rows: ReturnType<ReturnType<typeof sealedRow>>[]): Promise<void> => {
  await tx
    .insertInto('gateway_cache_entry')
    .values(rows)
    .onConflict((on) =>
      on.columns(['tenant_id', 'key']).doUpdateSet((e) => ({
        context: e.ref('excluded.context'),
        sealed: e.ref('excluded.sealed'),
        vector: e.ref('excluded.vector'),
        bytes: e.ref('excluded.bytes'),
        kept_at: e.ref('excluded.kept_at'),
        expires_at: e.ref('excluded.expires_at'),
      })),
    )
    .execute()
}

/** The oldest go, until the others are no more than `most` bytes. */
const trim = async (tx: Tx, tenant: string, most: number): Promise<void> => {
  await sql`
    delete from gateway_cache_entry where tenant_id = ${tenant} and key in (
      select key from (
        select key, sum(bytes) over (order by kept_at desc, key) as so_far
        from gateway_cache_entry where tenant_id = ${tenant}
      ) x where so_far > ${most})`.execute(tx)
}

const raise = async (tx: Tx, tenant: string, { key, similarity, request, of }: Near): Promise<void> => {
  // half of the way to the very same question
  const threshold = (1 + Math.min(1, similarity)) / 2
  const raised = await tx
    .updateTable('gateway_cache_entry')
    .set((e) => ({ threshold: e.fn<number>('greatest', ['threshold', e.val(threshold)]) }))
    .where('tenant_id', '=', tenant)
    .where('key', '=', key)
    .returning('threshold')
    .executeTakeFirst()
  const ctx = { tenant, actor: { kind: 'system' as const, id: 'gateway' }, scopes: [], correlation: request }
  const now = raised?.threshold ?? threshold
  await append(tx, ctx, [cachedAnswerWrong(sisterId('cache', tenant), { request, of, similarity, threshold: now })])
}

type Count = {
  tenant: string
  at: Date
  exact?: number
  semantic?: number
  missed?: number
  saved?: number
  audited?: number
  wrong?: number
}

const count = async (tx: Tx, counts: readonly Count[]): Promise<void> => {
  for (const { tenant, at, exact = 0, semantic = 0, missed = 0, saved = 0, audited = 0, wrong = 0 } of counts)
    await sql`
      insert into gateway_cache_hour as h (tenant_id, at, exact, semantic, missed, saved_nano, audited, wrong)
      values (${tenant}, ${at}, ${exact}, ${semantic}, ${missed}, ${String(saved)}, ${audited}, ${wrong})
      on conflict (tenant_id, at) do update set exact = h.exact + excluded.exact, semantic = h.semantic + excluded.semantic,
        missed = h.missed + excluded.missed, saved_nano = h.saved_nano + excluded.saved_nano,
        audited = h.audited + excluded.audited, wrong = h.wrong + excluded.wrong`.execute(tx)
}

/** Counts what the cache did for requests, in the transaction that writes them down. */
export async function countCached(tx: Tx, rows: readonly Accounted[]): Promise<void> {
  const looked = rows.filter(({ cache }) => cache != null)
  if (looked.length === 0) return
  const hours = Map.groupBy(looked, ({ tenant, at }) => `${tenant} ${hourOf(at).getTime()}`)
  const names = [...hours.keys()].toSorted()
  await count(
    tx,
    names.map((name): Count => {
      const of = hours.get(name) ?? []
      const how = (one: string) => of.filter(({ cache }) => cache?.how === one).length
      const [{ tenant, at } = { tenant: '', at: 0 }] = of
      const saved = of.reduce((sum, one) => sum + (one.saved?.cache ?? 0), 0)
      return { tenant, at: hourOf(at), exact: how('exact'), semantic: how('semantic'), missed: how('miss'), saved }
    }),
  )
}
