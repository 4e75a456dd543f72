import { sql, type Selectable } from 'kysely'
import { storable, type Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Actor, Event, Fact } from '#schemas/audit.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { EventTable } from '#schemas/tables/audit.ts'

/**
 * Appends facts in the caller's transaction, so that rows and events stand or fall together. Facts of one stream
 * keep their order. With `expectedVersion` (the version the caller decided on; 0 = a new stream) a stream that
 * has moved on is a `conflict`; without it, writers of one stream queue up.
 */
export async function append(tx: Tx, ctx: Context, facts: readonly Fact[], expectedVersion?: number): Promise<void> {
  const next = new Map<string, number>()
  for (const { stream } of facts)
    if (!next.has(stream)) next.set(stream, expectedVersion ?? (await lockedVersion(tx, ctx.tenant, stream)))
  const rows = facts.map((fact) => {
    const version = (next.get(fact.stream) ?? 0) + 1
    next.set(fact.stream, version)
    return eventRow(ctx, fact, version)
  })
  if (rows.length === 0) return
  try {
    await tx.insertInto('event').values(rows).execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('conflict', undefined, {}, error)
    throw error
  }
}

/** The row of a fact; `append` is the way to write one, a door that writes many at once builds its own insert. */
export const eventRow = (ctx: Context, fact: Fact, version: number) => ({
  id: newId('event'),
  tenant_id: ctx.tenant,
  stream_type: fact.streamType,
  stream: fact.stream,
  version,
  type: fact.type,
  schema_version: fact.schemaVersion,
  actor_kind: ctx.actor.kind,
  actor_id: ctx.actor.id,
  actor_name: ctx.actor.name ?? null,
  correlation: fact.correlation ?? ctx.correlation ?? null,
  causation: fact.causation ?? ctx.causation ?? null,
  data: JSON.stringify(storable(fact.data)),
})

const lockedVersion = async (tx: Tx, tenant: string, stream: string): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant} ${stream}`}, 0))`.execute(tx)
  const { version } = await tx
    .selectFrom('event')
    .select((e) => e.fn.coalesce(e.fn.max('version'), sql<number>`0`).as('version'))
    .where('tenant_id', '=', tenant)
    .where('stream', '=', stream)
    .executeTakeFirstOrThrow()
  return version
}

export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505'

/** Where a reader of the tail stands: everything at or before it was seen. `'0.0'` is the beginning. */
export type TailCursor = `${string}.${string}`

export type TailEvent = Event & { tenant: string; cursor: TailCursor }

/**
 * The next events after `cursor`, in an order in which nothing can appear behind a reader: by writing transaction,
 * and never past the oldest one still running. Call it with the system role to read all tenants.
 */
export async function tail(tx: Tx, cursor: TailCursor, limit = 500): Promise<TailEvent[]> {
  const [xid, position] = cursor.split('.')
  const rows = await tx
    .selectFrom('event')
    .selectAll()
    .where(sql<boolean>`(xid, position) > (${xid}::text::xid8, ${position}::bigint)`)
    .where(sql<boolean>`xid < pg_snapshot_xmin(pg_current_snapshot())`)
    .orderBy('xid')
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...toEvent(row), tenant: row.tenant_id, cursor: `${row.xid}.${row.position}` }))
}

type EventFilter = { subject?: string | undefined; type?: string | undefined; actor?: string | undefined }

/** A page of the tenant's log, newest first; `cursor` is the `next` of the page before. */
export async function listEvents(tx: Tx, ctx: Context, filter: EventFilter & PageAsked): Promise<Page<Event>> {
  let query = tx.selectFrom('event').selectAll().where('tenant_id', '=', ctx.tenant)
  if (filter.subject !== undefined) query = query.where('stream', '=', filter.subject)
  if (filter.type !== undefined) query = query.where('type', '=', filter.type)
  if (filter.actor !== undefined) query = query.where('actor_id', '=', filter.actor)
  if (filter.cursor !== undefined) query = query.where('position', '<', positionOf(filter.cursor))
  const { rows, next } = await pageOfRows(query.orderBy('position', 'desc'), filter.limit, (row) => row.position)
  return { items: rows.map(toEvent), next }
}

const positionOf = (cursor: string): string => {
  if (!/^\d{1,18}$/.test(cursor)) throw new Fault('bad_request', 'cursor: is not one that this list gave')
  return cursor
}

type EventRow = Selectable<EventTable>

const toEvent = (row: EventRow): Event => ({
  id: row.id,
  type: row.type,
  schemaVersion: row.schema_version,
  subject: row.stream,
  version: row.version,
  time: row.at.toISOString(),
  actor: {
    kind: row.actor_kind as Actor['kind'],
    id: row.actor_id,
    ...(row.actor_name === null ? {} : { name: row.actor_name }),
  },
  correlation: row.correlation,
  causation: row.causation,
  data: row.data,
})
