import { sql, type Kysely } from 'kysely'
import { withSystem, type Databases, type Tx } from '#activities/database.ts'
import { newId, sisterId } from '#schemas/ids.ts'
import type { Database } from '#schemas/tables/index.ts'
import { webhookAccepted, webhookQuarantined } from '#schemas/ingress.ts'

/** A verified webhook on its way into the inbox. */
export type Incoming = {
  tenant: string
  source: string
  sourceId: string
  webhookId: string
  contentType: string
  body: Buffer
  hash: Buffer
  title: string
  /** The trace that the webhook's run goes on with. */
  traceparent: string | null
}

export type Accepted = { receipt: string; outcome: 'new' | 'duplicate' | 'conflict' }

type Row = Incoming & { id: string; dedupKey: string; state: 'accepted' | 'quarantined'; conflictsWith: string | null }

/**
 * Writes a batch and answers in its order, after the commit. What has the id and body of an accepted webhook is a
 * `duplicate` with the receipt of the first; the id with another body is a `conflict`, kept in quarantine.
 */
export async function acceptBatch(db: Databases, batch: readonly Incoming[]): Promise<Accepted[]> {
  const rows = batch.map((incoming): Row => ({
    ...incoming,
    id: newId('receipt'),
    dedupKey: incoming.webhookId,
    state: 'accepted',
    conflictsWith: null,
  }))
  // one statement is one transaction; the repeats, rare as they are, take a second one
  const fresh = await insertRows(db.system, rows)
  const answers = new Map<string, Accepted>(rows.map((row) => [row.id, { receipt: row.id, outcome: 'new' }]))
  const repeats = rows.filter((row) => !fresh.has(row.id))
  if (repeats.length > 0) await withSystem(db, (tx) => resolveRepeats(tx, repeats, answers))
  return rows.map((row) => answers.get(row.id) as Accepted)
}

const resolveRepeats = async (tx: Tx, repeats: readonly Row[], answers: Map<string, Accepted>): Promise<void> => {
  const conflicts: Row[] = []
  const delivered: string[] = []
  const first = await findReceipts(tx, repeats)
  for (const row of repeats) {
    const known = first.get(keyOf(row))
    if (known === undefined) throw new Error(`receipt of ${row.webhookId} is neither new nor known`)
    if (known.hash.equals(row.hash)) {
      answers.set(row.id, { receipt: known.id, outcome: 'duplicate' })
      delivered.push(known.id)
    } else conflicts.push(quarantined(row, known.id))
  }
  if (conflicts.length > 0) {
    const kept = await insertRows(tx, conflicts)
    const before = await findReceipts(tx, conflicts)
    for (const row of conflicts) {
      const receipt = kept.has(row.id) ? row.id : (before.get(keyOf(row))?.id ?? row.id)
      answers.set(row.id, { receipt, outcome: 'conflict' })
      if (!kept.has(row.id)) delivered.push(receipt)
    }
  }
  if (delivered.length > 0)
    await sql`
      update receipt r set deliveries = r.deliveries + d.times
      from (select id, count(*)::int times from unnest(${delivered}::text[]) id group by id) d
      where r.id = d.id`.execute(tx)
}

/** A conflicting body has a key of its own, so that the same conflict sent twice is kept once; ids have no spaces. */
const quarantined = (row: Row, conflictsWith: string): Row => ({
  ...row,
  dedupKey: `${row.webhookId} ${row.hash.toString('hex')}`,
  state: 'quarantined',
  conflictsWith,
})

const keyOf = (row: { tenant: string; source: string; dedupKey: string }): string =>
  `${row.tenant}\n${row.source}\n${row.dedupKey}`

/**
 * Receipt, body and event of each row whose key is new, in one statement; gives the ids that were. All small fields
 * travel as one JSON document and all bodies as one binary value: arrays of text would be escaped and parsed one by one.
 */
const insertRows = async (db: Kysely<Database>, rows: readonly Row[]): Promise<Set<string>> => {
  let start = 1
  const fields = rows.map(({ body, hash, ...row }) => {
    const at = start
    start += body.length
    const { type, schemaVersion, data } = fact({ ...row, body, hash })
    return {
      ...row,
      at,
      bytes: body.length,
      hash: hash.toString('hex'),
      event: sisterId('event', row.id),
      type,
      schemaVersion,
      data,
    }
  })
  const { rows: inserted } = await sql<{ id: string }>`
    with incoming as (
      select t.*, decode(t.hash, 'hex') body_hash,
        substring(${Buffer.concat(rows.map((row) => row.body))}::bytea from t.at for t.bytes) body
      from jsonb_to_recordset(${JSON.stringify(fields)}::jsonb) t(
        id text, tenant text, source text, "sourceId" text, "webhookId" text, "dedupKey" text, hash text, title text,
        state text, "conflictsWith" text, "contentType" text, at int, bytes int, traceparent text, event text, type text,
        "schemaVersion" int, data jsonb)
    ), fresh as (
      insert into receipt (id, tenant_id, source, webhook_id, dedup_key, body_hash, bytes, title, state, conflicts_with)
      select id, tenant, source, "webhookId", "dedupKey", body_hash, bytes, title, state, "conflictsWith"
      from incoming order by tenant, source, "dedupKey" -- one order for all writers, or two batches could deadlock
      on conflict (tenant_id, source, dedup_key) do nothing
      returning id
    ), kept as (
      insert into inbox (receipt_id, tenant_id, content_type, body, traceparent, held)
      select id, tenant, "contentType", body, traceparent, state = 'quarantined' from incoming join fresh using (id)
    ), told as (
      insert into event (id, tenant_id, stream_type, stream, version, type, schema_version, actor_kind, actor_id,
                         actor_name, correlation, data)
      select event, tenant, 'rct', id, 1, type, "schemaVersion", 'source', "sourceId", source, id, data
      from incoming join fresh using (id)
    )
    select id from fresh`.execute(db)
  return new Set(inserted.map((row) => row.id))
}

const fact = (row: Row) => {
  const about = {
    source: row.source,
    webhookId: row.webhookId,
    bytes: row.body.length,
    sha256: row.hash.toString('hex'),
  }
  return row.conflictsWith === null
    ? webhookAccepted(row.id, about)
    : webhookQuarantined(row.id, { ...about, conflictsWith: row.conflictsWith, reason: 'body_conflict' })
}

const findReceipts = async (tx: Tx, rows: readonly Row[]): Promise<Map<string, { id: string; hash: Buffer }>> => {
  const { rows: found } = await sql<{ id: string; tenant: string; source: string; dedupKey: string; hash: Buffer }>`
    select r.id, r.tenant_id tenant, r.source, r.dedup_key "dedupKey", r.body_hash hash
    from receipt r join unnest(
      ${rows.map((r) => r.tenant)}::text[], ${rows.map((r) => r.source)}::text[], ${rows.map((r) => r.dedupKey)}::text[]
    ) k(tenant_id, source, dedup_key) using (tenant_id, source, dedup_key)`.execute(tx)
  return new Map(found.map((row) => [keyOf(row), { id: row.id, hash: row.hash }]))
}
