import { sql } from 'kysely'
import { storable, withSystem, type Databases } from '#activities/database.ts'
import { firstIdAt } from '#schemas/ids.ts'
import type { Accounted } from './relay/account.ts'
import { costOf, priceBook } from './relay/price.ts'

const day = 86_400_000
const opened = new Set<number>()

/** Where a request is written down has a part for each day; it is opened by whoever comes first. */
const openDay = async (db: Databases, at: number): Promise<void> => {
  const from = Math.floor(at / day) * day
  if (opened.has(from)) return
  const name = new Date(from).toISOString().slice(0, 10).replaceAll('-', '')
  const [first, next] = [firstIdAt('modelRequest', from), firstIdAt('modelRequest', from + day)]
  await sql`select open_gateway_day(${name}, ${first}, ${next})`.execute(db.system)
  opened.add(from)
}

/** Writes down requests that are over, once each: one that is there already stays as it is. */
export async function writeRequests(db: Databases, accounted: readonly Accounted[]): Promise<void> {
  for (const { at } of accounted) await openDay(db, at)
  await withSystem(db, async (tx) => {
    await tx
      .insertInto('gateway_request')
      .values(accounted.map(toRow))
      .onConflict((on) => on.column('id').doNothing())
      .execute()
    // "last used" is of use by the minute
    const keys = [...new Set(accounted.flatMap(({ key }) => (key === null ? [] : [key])))]
    if (keys.length > 0)
      await tx
        .updateTable('gateway_key')
        .set({ last_used_at: new Date() })
        .where('id', 'in', keys)
        .where((e) => e.or([e('last_used_at', 'is', null), e('last_used_at', '<', new Date(Date.now() - 60_000))]))
        .execute()
  })
}

const toRow = ({ kind, tokens, ...one }: Accounted) => {
  const cost = tokens === null || kind === null || one.model === null ? null : costOf(kind, one.model, tokens, one.at)
  return {
    id: one.id,
    tenant_id: one.tenant,
    at: new Date(one.at),
    key_id: one.key,
    operation: one.operation,
    asked: storable(one.asked).slice(0, 200),
    alias: one.alias,
    provider: one.provider,
    model: one.model,
    stream: one.stream,
    outcome: one.outcome,
    status: one.status,
    failure: one.failure,
    error: one.error === null ? null : storable(one.error).slice(0, 2000),
    input_tokens: tokens?.input ?? null,
    cached_tokens: tokens?.cached ?? null,
    cache_write_tokens: tokens?.cacheWrite ?? null,
    output_tokens: tokens?.output ?? null,
    reasoning_tokens: tokens?.reasoning ?? null,
    cost_nano: cost === null ? null : String(cost),
    list_nano: cost === null ? null : String(cost),
    price: cost === null ? null : priceBook,
    first_byte_ms: one.firstByteMs,
    total_ms: one.totalMs,
    overhead_ms: one.overheadMs,
    attempts: JSON.stringify(one.attempts),
    tags: JSON.stringify(one.tags),
    run_id: null,
  }
}
